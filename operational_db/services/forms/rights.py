"""Who may use which report form.

The views that the forms read ask the same function of the database, so a screen that forgot to ask
would show nothing; asking here lets it say why.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from operational_db.models.reporting import ReportForm

Row = Mapping[str, Any]

STREAMED = {"stream_results": True, "max_row_buffer": 2000}
"""For statements whose rows are many: they are read as they are taken."""

TITLES = {
    ReportForm.TURNOVER_SHEET: "Оборотно-сальдовая ведомость",
    ReportForm.PAYMENTS_REGISTER: "Реестр принятых платежей",
    ReportForm.DEBT_INFORMATION: "Информация о задолженности за ЖКУ",
    ReportForm.RESOURCE_REPORT: "Ресурсный отчёт",
}

ORGANISATIONS = text(
    """
    select o.organisation_id, o.short_name
    from ops.organisation as o
    where o.organisation_id = any (ops.organisations_of_form(:form))
        and exists (select 1 from ops.account as a where a.organisation_id = o.organisation_id)
    order by ops.russian_sort_key(o.short_name)
    """
)
MAY_USE = text("select cardinality(ops.organisations_of_form(:form)) > 0")
RIGHTS = text(
    """
    select o.organisation_id, o.short_name as organisation_name, r.role, r.form,
        newest.is_allowed, newest.is_own, newest.recorded_at
    from ops.organisation as o
    cross join unnest(cast(:roles as text[])) as r0 (role)
    cross join unnest(cast(:forms as text[])) as f0 (form)
    cross join lateral (select r0.role, f0.form) as r
    left join lateral (
        select g.is_allowed, g.organisation_id is not null as is_own, g.recorded_at
        from ops.report_form_right as g
        where g.role = r.role and g.form = r.form
            and (g.organisation_id = o.organisation_id or g.organisation_id is null)
        order by g.organisation_id is null, g.recorded_at desc, g.report_form_right_id desc
        limit 1
    ) as newest on true
    where o.organisation_id = :organisation_id
    order by array_position(cast(:roles as text[]), r.role),
        array_position(cast(:forms as text[]), r.form)
    """
)
GRANT = text(
    """
    insert into ops.report_form_right (organisation_id, role, form, is_allowed, user_id)
    values (:organisation_id, :role, :form, :is_allowed, ops.session_user_id())
    """
)


class FormRefusedError(PermissionError):
    """The user may not use the form; the message is Russian and says whom to ask."""


def may_use(connection: Connection, form: ReportForm) -> bool:
    """Tell whether the user of the session may use the form in any organisation."""
    return bool(connection.scalar(MAY_USE, {"form": form.value}))


def require(connection: Connection, form: ReportForm) -> None:
    """Raise ``FormRefusedError`` unless the user may use the form."""
    if not may_use(connection, form):
        raise FormRefusedError(
            f"Форма «{TITLES[form]}» вам не открыта. Доступ даёт администратор на экране "
            "«Права на отчётные формы»."
        )


def organisations(connection: Connection, form: ReportForm) -> dict[int, str]:
    """Organisations with accounts whose rows of the form the user may see, by name."""
    return {row.organisation_id: row.short_name for row in connection.execute(
        ORGANISATIONS, {"form": form.value})}  # fmt: skip


def rights_of(connection: Connection, organisation_id: int, roles: list[str]) -> list[Row]:
    """Role by form: whether it is allowed, and whether the organisation itself said so."""
    values = {
        "organisation_id": organisation_id,
        "roles": roles,
        "forms": [form.value for form in ReportForm],
    }
    return list(connection.execute(RIGHTS, values).mappings())


def decide(
    connection: Connection, organisation_id: int, role: str, form: ReportForm, *, is_allowed: bool
) -> None:
    """Allow a form to a role of an organisation, or forbid it: a new row, which counts from now."""
    connection.execute(
        GRANT,
        {
            "organisation_id": organisation_id,
            "role": role,
            "form": form.value,
            "is_allowed": is_allowed,
        },
    )
