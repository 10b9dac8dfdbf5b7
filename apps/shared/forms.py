"""What the screens of report forms share: taking a form away as a workbook or on paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, exports, session
from apps.shared.page import MOSCOW
from document_gen.report_forms import (
    FormPrintRow,
    FormTemplate,
    FormTooLongError,
    ReportFormContext,
    print_rows,
    render,
)
from document_gen.russian import date_ru, periods_ru
from operational_db.exports.form_xlsx import FormColumn, FormHead, FormRow, form_workbook
from operational_db.exports.tables_xlsx import TableTooLongError
from operational_db.services.audit import record_event

WORKBOOK, PAPER = "form_xlsx", "form_docx"


@dataclass(frozen=True, slots=True)
class FormFile:
    """A form to be taken away: its heading, its columns, its rows as they come, its filters."""

    name: str
    title: str
    sheet_name: str
    lines: Sequence[str]
    columns: Sequence[FormColumn]
    template: FormTemplate
    read: Callable[[Connection], Iterable[FormRow]]
    read_for_paper: Callable[[Connection], Iterable[FormRow]]
    asked: Mapping[str, str]
    control: str = ""


def show_buttons(told: str) -> None:
    """Two buttons; ``told`` says what of the form will be written."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Выгрузить в Excel: {told}",
            icon=":material/table_view:",
            key=WORKBOOK,
            on_click=exports.open_dialog,
            args=(WORKBOOK,),
        )
        st.button(
            "Печатная форма (Word)",
            icon=":material/print:",
            key=PAPER,
            on_click=exports.open_dialog,
            args=(PAPER,),
        )


def offer(file: FormFile) -> None:
    """Open the dialog that was asked for."""
    if exports.is_dialog_open(WORKBOOK):
        _offer(file, is_paper=False)
    elif exports.is_dialog_open(PAPER):
        _offer(file, is_paper=True)


@st.dialog("Отчётная форма", on_dismiss=exports.close_dialog)
def _offer(file: FormFile, *, is_paper: bool) -> None:
    """Ask for the purpose, make the file on the server, note it in the audit trail, offer it."""
    st.write(f"**{file.title}**")
    purpose = exports.ask_for_purpose()
    if not st.button("Подготовить файл", key="form_make", type="primary", disabled=purpose is None):
        return
    try:
        with (
            st.spinner("Составляем форму…"),
            database.connection(session.token()) as connection,
        ):
            content = _document(file, connection) if is_paper else _workbook(file, connection)
            record_event(
                connection,
                "export",
                object_kind=file.name,
                purpose=purpose,
                details={"form": "docx" if is_paper else "xlsx", "filters": dict(file.asked)},
            )
    except (TableTooLongError, FormTooLongError) as problem:
        st.error(str(problem))
        return
    st.download_button(
        "Скачать файл",
        content,
        file_name=f"{file.title}.{'docx' if is_paper else 'xlsx'}",
        mime=exports.DOCX if is_paper else exports.XLSX,
        key="form_download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )


def _workbook(file: FormFile, connection: Connection) -> bytes:
    head = FormHead(file.title, [*file.lines, file.control], file.sheet_name)
    return form_workbook(head, file.columns, file.read(connection))


def _document(file: FormFile, connection: Connection) -> bytes:
    user = session.user()
    rows = print_rows(
        FormPrintRow(
            {column.key: row.values.get(column.key) for column in file.columns},
            row.level,
            bool(row.descendants) or row.is_total,
        )
        for row in file.read_for_paper(connection)
    )
    context = ReportFormContext(
        title=file.title,
        lines=tuple(file.lines),
        rows=rows[:-1],
        totals=rows[-1].values,
        control=file.control,
        signer=user.full_name,
        built_at=datetime.now(MOSCOW),
    )
    return render(file.template, context)


def months_back(count: int = 60) -> dict[str, str]:
    """Months to choose from, the current one first: key of the address and Russian name."""
    month = datetime.now(MOSCOW).date().replace(day=1)
    found = {}
    for _ in range(count):
        found[f"{month:%Y-%m}"] = periods_ru(month, month)
        month = (
            month.replace(year=month.year - 1, month=12)
            if month.month == 1
            else month.replace(month=month.month - 1)
        )
    return found


def first_day(key: str) -> date:
    """The first day of a month by its key."""
    year, month = key.split("-")
    return date(int(year), int(month), 1)


def last_day(key: str) -> date:
    """The last day of a month by its key."""
    first = first_day(key)
    following = first.replace(year=first.year + 1, month=1) if first.month == 12 else (
        first.replace(month=first.month + 1)
    )  # fmt: skip
    return date.fromordinal(following.toordinal() - 1)


def days_told(since: date, until: date) -> str:
    """A period in words: months where it is whole months, days otherwise."""
    if since.day == 1 and date.fromordinal(until.toordinal() + 1).day == 1:
        return periods_ru(since, until.replace(day=1))
    return f"{date_ru(since)} – {date_ru(until)}"


def named(label: str, options: Mapping[Any, str], key: Any) -> str:
    """«Поставщик: все» or the name of the chosen one."""
    return f"{label}: {'все' if key is None else options.get(key, '—')}"
