"""Which organisation a file of facts belongs to."""

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, text

from operational_db.models import OrganisationKind

DEFAULT_CODE = "main"
CODE = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
INN = re.compile(r"^([0-9]{10}|[0-9]{12})$")
BANK_ACCOUNT = re.compile(r"^[0-9]{20}$")
BIC = re.compile(r"^[0-9]{9}$")
LONG_AGO = date(1991, 1, 1)


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


def create_organisation(
    connection: Connection,
    *,
    code: str,
    name: str,
    short_name: str,
    kind: OrganisationKind,
    inn: str | None = None,
    municipality_code: str | None = None,
) -> int:
    """Add an organisation and return its number.

    The first municipality keeps the common registries (courts); until there is one, the first
    organisation of all does: see :func:`let_keep_registries`. Raises
    :class:`OrganisationUnclearError` for a taken or odd code, an INN of the wrong length and an
    unknown municipality.
    """
    if not CODE.match(code):
        raise OrganisationUnclearError(
            f"Код «{code}» не подходит: строчные латинские буквы, цифры и дефис, до 40 знаков."
        )
    if inn is not None and not INN.match(inn):
        raise OrganisationUnclearError(f"ИНН «{inn}» не подходит: в нём 10 или 12 цифр.")
    if connection.scalar(BY_CODE, {"code": code}) is not None:
        raise OrganisationUnclearError(f"Организация с кодом «{code}» уже есть.")
    overseer = organisation_by_code(connection, municipality_code) if municipality_code else None
    values = {"code": code, "name": name, "short_name": short_name, "kind": kind.value}
    added = connection.scalar(ADD, values | {"inn": inn, "municipality_id": overseer})
    if kind is OrganisationKind.MUNICIPALITY and connection.scalar(MUNICIPALITIES) == 1:
        let_keep_registries(connection, code)
    return added


def let_keep_registries(connection: Connection, code: str) -> None:
    """Let the administrators of one organisation, and of no other, write the common registries.

    Those are courts, their payment details and the territories of their sections: every
    organisation pays and files by them. Raises :class:`OrganisationUnclearError` for an unknown
    code.
    """
    organisation_by_code(connection, code)
    connection.execute(KEEP_REGISTRIES, {"code": code})


def keepers_of_registries(connection: Connection) -> list[str]:
    """Short names of the organisations whose administrators write the common registries."""
    return list(connection.scalars(KEEPERS_OF_REGISTRIES))


def keeps_registries(connection: Connection) -> bool:
    """Tell whether the user of the session may write the common registries."""
    return bool(connection.scalar(MAY_KEEP_REGISTRIES))


def create_bank_account(
    connection: Connection,
    *,
    code: str,
    number: str,
    bic: str,
    bank: str,
    valid_from: date | None = None,
) -> None:
    """Record a settlement account of an organisation, from the beginning when no day is named.

    Raises :class:`OrganisationUnclearError` for an unknown organisation and a malformed number.
    """
    organisation_id = organisation_by_code(connection, code)
    if not BANK_ACCOUNT.match(number):
        raise OrganisationUnclearError(f"Счёт «{number}» не подходит: в нём 20 цифр.")
    if not BIC.match(bic):
        raise OrganisationUnclearError(f"БИК «{bic}» не подходит: в нём 9 цифр.")
    values = {"organisation_id": organisation_id, "number": number, "bic": bic, "bank": bank}
    connection.execute(ADD_BANK_ACCOUNT, values | {"valid_from": valid_from or LONG_AGO})


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
    insert into ops.organisation (code, kind, name, short_name, keeps_registries)
    values (
        :code, 'management_company', 'Организация по умолчанию', 'Организация по умолчанию',
        not exists (select from ops.organisation)
    )
    on conflict (code) do update set code = excluded.code
    returning organisation_id, short_name
""")
ADD = text("""
    insert into ops.organisation (
        code, kind, name, short_name, inn, municipality_id, keeps_registries
    )
    values (
        :code, :kind, :name, :short_name, :inn, :municipality_id,
        not exists (select from ops.organisation)
    )
    returning organisation_id
""")
MUNICIPALITIES = text("select count(*) from ops.organisation where kind = 'municipality'")
KEEP_REGISTRIES = text("""
    update ops.organisation set keeps_registries = (code = :code)
    where keeps_registries <> (code = :code)
""")
KEEPERS_OF_REGISTRIES = text("""
    select short_name from ops.organisation where keeps_registries
    order by ops.russian_sort_key(short_name)
""")
MAY_KEEP_REGISTRIES = text("select ops.keeps_registries()")
ADD_BANK_ACCOUNT = text("""
    insert into ops.bank_account (organisation_id, account_number, bic, bank_name, valid_from)
    values (:organisation_id, :number, :bic, :bank, :valid_from)
    on conflict (organisation_id, account_number, valid_from)
    do update set bic = excluded.bic, bank_name = excluded.bank_name
""")
