"""Workbooks: what for is asked, what went out is written down."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, session
from apps.shared.page import MOSCOW
from apps.shared.tables import Column, workbook_columns
from document_gen.russian import counted, moment_ru
from operational_db.exports.tables_xlsx import TableTooLongError, table_workbook
from operational_db.services.audit import record_event

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

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
    purpose = st.selectbox(
        "Для чего", PURPOSES, index=None, key="export_purpose", placeholder="Выберите цель"
    )
    if purpose == "Другое":
        purpose = st.text_input("Укажите цель", key="export_other_purpose").strip() or None
    st.caption("Цель, время и отбор записываются в журнал: в файле персональные данные.")
    return purpose


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
