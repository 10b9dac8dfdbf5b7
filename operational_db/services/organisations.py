"""Which organisation a file of facts belongs to."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

DEFAULT_CODE = "main"


class OrganisationUnclearError(ValueError):
    """It is not clear whose accounts a file speaks of; the message is Russian and lists codes."""


def organisation_by_code(connection: Connection, code: str) -> int:
    """Number of the organisation with this code; :class:`OrganisationUnclearError` without it."""
    organisation_id = connection.scalar(BY_CODE, {"code": code})
    if organisation_id is None:
        raise OrganisationUnclearError(
            f"Организация с кодом «{code}» не найдена. Есть: {_codes(connection)}."
        )
    return organisation_id


def only_organisation(connection: Connection, *, create: bool) -> tuple[int, str]:
    """The organisation to use when nobody named one: its number and short name.

    That is the only one that keeps accounts. In an empty database ``create`` makes one, so that a
    ledger can be loaded before anything else is set up. Raises :class:`OrganisationUnclearError`
    where there is a choice.
    """
    keepers = connection.execute(KEEPERS).all()
    if len(keepers) == 1:
        return keepers[0].organisation_id, keepers[0].short_name
    if not keepers and create:
        made = connection.execute(MAKE_DEFAULT, {"code": DEFAULT_CODE}).one()
        return made.organisation_id, made.short_name
    if not keepers:
        raise OrganisationUnclearError(
            "В базе ещё нет лицевых счетов. Добавьте --create-accounts: счета заведутся из файла."
        )
    raise OrganisationUnclearError(
        f"Организаций несколько: укажите --organisation КОД. Есть: {_codes(connection)}."
    )


def _codes(connection: Connection) -> str:
    rows: Iterable = connection.execute(ALL_KEEPERS)
    return "; ".join(f"{row.code} ({row.short_name})" for row in rows) or "ни одной"


BY_CODE = text("select organisation_id from ops.organisation where code = :code")
KEEPERS = text("""
    select o.organisation_id, o.short_name
    from ops.organisation as o
    where exists (select from ops.account as a where a.organisation_id = o.organisation_id)
    order by o.organisation_id
""")
ALL_KEEPERS = text("""
    select code, short_name from ops.organisation
    where kind not in ('municipality', 'bank')
    order by organisation_id
""")
MAKE_DEFAULT = text("""
    insert into ops.organisation (code, kind, name, short_name)
    values (:code, 'management_company', 'Организация по умолчанию', 'Организация по умолчанию')
    on conflict (code) do update set code = excluded.code
    returning organisation_id, short_name
""")
