"""The report forms of the accountant from the command line.

They are made in the name of a user, as on the screens: the views of a form ask for that user's
right, names are masked by their role, and the trail tells who took what, and why.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from document_gen.report_forms import (
    FormPrintRow,
    FormTemplate,
    FormTooLongError,
    ReportFormContext,
    print_rows,
    render,
)
from document_gen.russian import date_ru
from operational_db import clock
from operational_db.database import owner_engine, screens_connection
from operational_db.exports import forms as layouts
from operational_db.exports.form_xlsx import FormColumn, FormHead, FormRow, form_workbook
from operational_db.exports.tables_xlsx import TableTooLongError
from operational_db.models.reporting import ReportForm
from operational_db.services.audit import record_event
from operational_db.services.forms import (
    debt_information,
    receipts_register,
    resource_report,
    turnover_sheet,
)
from operational_db.services.forms.debt_information import DebtRequest
from operational_db.services.forms.receipts_register import ReceiptsRequest
from operational_db.services.forms.resource_report import ResourceRequest
from operational_db.services.forms.rights import TITLES, FormRefusedError
from operational_db.services.forms.turnover_sheet import SheetRefusedError, SheetRequest
from operational_db.services.reports import ReportRefusedError

FORMS = {form.value: form for form in ReportForm}

USER = text(
    """
    select u.user_id, u.login, u.full_name
    from ops.app_user as u
    where u.is_active and (
        u.login = :login
        or cast(:login as text) is null and exists (
            select 1 from ops.user_role as r where r.user_id = u.user_id and r.role = 'accountant'
        )
    )
    """
)
OPEN = text(
    """
    insert into ops.user_session (token_digest, user_id, expires_at)
    values (:digest, :user_id, now() + interval '6 hours')
    """
)
CLOSE = text("update ops.user_session set closed_at = now() where token_digest = :digest")
ORGANISATION = text("select organisation_id from ops.organisation where code = :code")


@dataclass(frozen=True, slots=True)
class FormAsked:
    """What was asked on the command line; ``login`` None means the only accountant there is."""

    form: ReportForm
    since: date
    until: date
    login: str | None
    purpose: str
    organisation_code: str | None = None
    account_number: str | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    """A form ready to be written: its columns, its rows as they come, its template."""

    columns: tuple[FormColumn, ...]
    rows: Iterator[FormRow]
    template: FormTemplate


def write_form(asked: FormAsked, target: Path) -> None:
    """Write the form to a file whose ending, .xlsx or .docx, says how.

    Raises :class:`ReportRefusedError` (Russian) without a right, a purpose, a known user, or for
    a form that does not fit.
    """
    if target.suffix.lower() not in (".xlsx", ".docx"):
        raise ReportRefusedError("Форму пишут в файл .xlsx или .docx: укажите такой --output.")
    if not asked.purpose.strip():
        raise ReportRefusedError("Укажите, для чего выгрузка: --purpose «…». Цель записывается.")
    if asked.until < asked.since:
        raise ReportRefusedError("Конец периода раньше его начала.")
    try:
        with _in_the_name_of(asked.login) as (token, name), screens_connection(token) as connection:
            content = _content(connection, asked, target.suffix.lower(), name)
            record_event(
                connection,
                "export",
                object_kind=asked.form.value,
                purpose=asked.purpose.strip(),
                details={"form": target.suffix[1:], "since": str(asked.since),
                         "until": str(asked.until)},
            )  # fmt: skip
    except (FormRefusedError, SheetRefusedError, FormTooLongError, TableTooLongError) as refusal:
        raise ReportRefusedError(str(refusal)) from refusal
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    draft.write_bytes(content)
    draft.replace(target)


@contextmanager
def _in_the_name_of(login: str | None) -> Iterator[tuple[str, str]]:
    """Open a session of the user for as long as the form is made."""
    with owner_engine().begin() as connection:
        found = connection.execute(USER, {"login": login}).all()
    if not found:
        missing = f"Пользователя «{login}» нет." if login else "Бухгалтера нет."
        raise ReportRefusedError(f"{missing} Укажите --login.")
    if len(found) > 1:
        logins = ", ".join(row.login for row in found)
        raise ReportRefusedError(f"От чьего имени? Укажите --login: {logins}.")
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).digest()
    with owner_engine().begin() as connection:
        connection.execute(OPEN, {"digest": digest, "user_id": found[0].user_id})
    try:
        yield token, found[0].full_name
    finally:
        with owner_engine().begin() as connection:
            connection.execute(CLOSE, {"digest": digest})


def _content(connection: Connection, asked: FormAsked, ending: str, signer: str) -> bytes:
    organisation_id = None
    if asked.organisation_code:
        organisation_id = connection.scalar(ORGANISATION, {"code": asked.organisation_code})
        if organisation_id is None:
            raise ReportRefusedError(f"Организации «{asked.organisation_code}» нет.")
    made = MAKERS[asked.form](connection, asked, organisation_id)
    title = f"{TITLES[asked.form]} {date_ru(asked.since)} – {date_ru(asked.until)}"
    lines = ["Поставщик: все"]
    if asked.form is ReportForm.DEBT_INFORMATION:
        title = f"{TITLES[asked.form]} по состоянию на {date_ru(asked.until)}"
    if asked.known_at:
        lines.append(f"Как знали на {asked.known_at.astimezone(clock.MOSCOW):%d.%m.%Y %H:%M}")
    if ending == ".xlsx":
        head = FormHead(title, lines, TITLES[asked.form][:31])
        return form_workbook(head, made.columns, made.rows)
    rows = print_rows(
        FormPrintRow(
            {column.key: row.values.get(column.key) for column in made.columns},
            row.level,
            bool(row.descendants) or row.is_total,
        )
        for row in made.rows
    )
    if not rows:
        raise ReportRefusedError("За этот период печатать нечего. Выберите другие даты.")
    context = ReportFormContext(
        title=title,
        lines=tuple(lines),
        rows=rows[:-1],
        totals=rows[-1].values,
        control="",
        signer=signer,
        built_at=clock.now(),
    )
    return render(made.template, context)


def _turnover_sheet(connection: Connection, asked: FormAsked, organisation_id: int | None) -> _Made:
    request = SheetRequest(
        asked.since,
        asked.until,
        organisation_id,
        account_number=asked.account_number,
        known_at=asked.known_at,
    )
    # Nobody waits at a screen here: a whole town may be walked anew.
    rows = turnover_sheet.whole(connection, request, most_live=None)
    return _Made(layouts.TURNOVER_COLUMNS, layouts.turnover_rows(rows), FormTemplate.TURNOVER_SHEET)


def _receipts(connection: Connection, asked: FormAsked, organisation_id: int | None) -> _Made:
    request = ReceiptsRequest(
        asked.since, asked.until, organisation_id, account_number=asked.account_number
    )
    totals = receipts_register.totals(connection, request)
    rows = map(layouts.receipt, receipts_register.everything(connection, request))
    last = {"agent": "ИТОГО", "amount": totals["amount"], "commission": totals["commission"]}
    return _Made(layouts.RECEIPT_COLUMNS, layouts.plain_rows(rows, last), FormTemplate.RECEIPTS)


def _debts(connection: Connection, asked: FormAsked, organisation_id: int | None) -> _Made:
    request = DebtRequest(asked.until, organisation_id)
    last = {
        "account_number": layouts.TOTAL,
        "charged": debt_information.charged(connection, request),
        "debt": debt_information.totals(connection, request)["debt"],
    }
    rows = debt_information.everything(connection, request, sort="address")
    return _Made(
        layouts.DEBT_COLUMNS, layouts.plain_rows(rows, last), FormTemplate.DEBT_INFORMATION
    )


def _resources(connection: Connection, asked: FormAsked, organisation_id: int | None) -> _Made:
    request = ResourceRequest(asked.since, asked.until, organisation_id)
    groups = resource_report.groups(connection, request)
    return _Made(
        layouts.RESOURCE_COLUMNS, layouts.resource_rows(groups), FormTemplate.RESOURCE_REPORT
    )


MAKERS: dict[ReportForm, Callable[[Connection, FormAsked, int | None], _Made]] = {
    ReportForm.TURNOVER_SHEET: _turnover_sheet,
    ReportForm.PAYMENTS_REGISTER: _receipts,
    ReportForm.DEBT_INFORMATION: _debts,
    ReportForm.RESOURCE_REPORT: _resources,
}
