"""Workbooks: what for is asked, what went out is written down."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, refusal_files, session
from apps.shared.errors import why_no_file
from apps.shared.page import MOSCOW
from apps.shared.tables import Column, workbook_columns
from document_gen.russian import counted, moment_ru
from operational_db.exports.tables_xlsx import TableTooLongError, table_workbook
from operational_db.services.audit import record_event

DOCX, XLSX = refusal_files.DOCX, refusal_files.XLSX

DIALOG = "open_dialog"
"""Which dialog of the screen is open: it must survive the reruns that its own fields cause."""

PURPOSES = (
    "Работа с должниками",
    "Сверка с поставщиком или заказчиком",
    "Отчёт руководству или администрации",
    "Ответ на запрос",
    "Другое",
)


def open_dialog(name: str) -> None:
    """Ask a dialog to be open from the next run on: for ``on_click``."""
    st.session_state[DIALOG] = name


def close_dialog() -> None:
    """The dialog was dismissed, or has done its work."""
    st.session_state.pop(DIALOG, None)


def is_dialog_open(name: str) -> bool:
    return st.session_state.get(DIALOG) == name


def ask_for_purpose() -> str | None:
    """What the data are taken for; None until it is said. To be asked inside a dialog."""
    purpose = choose_purpose("export_purpose")
    st.caption("Цель, время и отбор записываются в журнал: в файле персональные данные.")
    return purpose


def choose_purpose(key: str, usual: Sequence[str] = ()) -> str | None:
    """The same in one line, with the ``usual`` purposes of such a file first."""
    purpose = st.selectbox(
        "Для чего",
        tuple(dict.fromkeys((*usual, *PURPOSES))),
        index=None,
        key=key,
        placeholder="Выберите цель",
        width=300,
    )
    if purpose == "Другое":
        purpose = st.text_input("Укажите цель", key=f"{key}_other", width=300).strip() or None
    return purpose


def offer_file(
    label: str,
    *,
    key: str,
    file_name: str,
    mime: str,
    of: tuple[str, str],
    purpose: str | None,
    read: Callable[[Connection], bytes],
    details: Mapping[str, Any] | None = None,
) -> None:
    """A button that gives a file: it is read, and noted in the trail, at each click, not before.

    ``of`` is what the trail calls the thing and its number. Without a purpose nothing is given.
    """
    st.download_button(
        label,
        given_when_clicked(session.token(), of, purpose, read, details, mime) if purpose else b"",
        file_name=file_name,
        mime=mime,
        key=key,
        type="primary",
        icon=":material/download:",
        disabled=purpose is None,
        help=None if purpose else "Сначала выберите, для чего нужен файл",
        on_click="ignore",
    )


def given_when_clicked(
    token: str,
    of: tuple[str, str],
    purpose: str,
    read: Callable[[Connection], bytes],
    details: Mapping[str, Any] | None = None,
    mime: str = "text/plain",
) -> Callable[[], bytes]:
    """What a click runs, outside of the script of the page: hence the token of the session.

    The browser has the name of the file by then. Where it cannot be made (the session has ended
    since the page was drawn, the disk lost it), a file of the same kind says so.
    """

    def give() -> bytes:
        try:
            return taken()
        except Exception as problem:  # noqa: BLE001 - logged; the user gets words
            return refusal_files.file_that_says(why_no_file(problem), mime)

    def taken() -> bytes:
        with database.connection(token) as connection:
            record_event(
                connection,
                "export",
                object_kind=of[0],
                object_id=of[1],
                purpose=purpose,
                details=details,
            )
            return read(connection)

    return give


@st.dialog("Выгрузка в Excel", on_dismiss=close_dialog)
def offer_workbook(
    *,
    name: str,
    title: str,
    columns: Sequence[Column],
    count: int,
    read: Callable[[Connection], Iterable[Mapping[str, Any]]],
    asked: Mapping[str, str],
) -> None:
    """Ask for the purpose, make the workbook on the server, note it in the audit trail, offer it.

    ``name`` is what the trail calls the table; ``asked`` are its filters.
    """
    st.write(f"Будет выгружено: {counted(count, 'строка', 'строки', 'строк')}.")
    purpose = ask_for_purpose()
    if not st.button(
        "Подготовить файл", key="export_make", type="primary", disabled=purpose is None
    ):
        return
    now = datetime.now(MOSCOW)
    try:
        with database.connection(session.token()) as connection:
            content = table_workbook(
                read(connection),
                workbook_columns(columns),
                title=title,
                notes=[f"Выгружено {moment_ru(now)}. Цель: {purpose}"],
            )
            record_event(
                connection,
                "export",
                object_kind=name,
                purpose=purpose,
                details={"rows": count, "filters": dict(asked)},
            )
    except TableTooLongError as problem:
        st.error(str(problem))
        return
    st.download_button(
        "Скачать файл",
        content,
        file_name=f"{title} {now:%d.%m.%Y}.xlsx",
        mime=XLSX,
        key="export_download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
