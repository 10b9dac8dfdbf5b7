"""Задания: what the scheduler was asked for, how far it is, and the documents it made."""

import zipfile
from collections import Counter
from io import BytesIO
from math import ceil

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, exports, session
from apps.shared.page import local, title_line
from document_gen.russian import counted, moment_ru
from operational_db.services import requests
from operational_db.services.requests import RunRequest

DOCUMENTS_OF_A_PART = 1_000
"""An archive is held in memory while it is taken: some forty megabytes of statements."""

ICONS = {
    "queued": ":material/schedule:",
    "running": ":material/autorenew:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
}


def show() -> None:
    """The latest requests, looked at anew every few seconds while something runs."""
    with database.connection(session.token()) as connection:
        title_line("Задания", connection)
    st.caption(
        "Пересчёты и партии документов выполняются в очереди. Экран можно закрыть: работа не "
        "прервётся."
    )
    _show_list()


@st.fragment(run_every=5)
def _show_list() -> None:
    with database.connection(session.token()) as connection:
        found = requests.recent_requests(connection)
    if not found:
        st.info("Заданий ещё не было. Их создают кнопки «Обновить» и «Сформировать своды».")
        return
    for request in found:
        _show_request(request)


def _show_request(request: RunRequest) -> None:
    with st.container(border=True, key=f"request_{request.run_request_id}"):
        about, progress, result = st.columns([3, 3, 2], vertical_alignment="center")
        with about:
            st.markdown(
                f"{ICONS[request.state]} **№ {request.run_request_id}. "
                f"{request.title}**  \n"
                f":gray[заказано {moment_ru(local(request.recorded_at))}"
                f"{', вами' if request.is_mine else ''}]"
            )
        with progress:
            _show_progress(request)
        with result:
            if request.kind == "court_packages":
                _link_to_batches()
            elif request.documents and request.is_finished:
                _offer_documents(request)


def _link_to_batches() -> None:
    """Everybody sees the runs of the organisation; packages are opened by those who file them."""
    if session.user().has_any_role(*menu.roles_of(menu.BATCHES)):
        st.page_link(menu.BATCHES, label="К партиям в суд →")


def _show_progress(request: RunRequest) -> None:
    state = requests.STATES[request.state]
    if request.finished_at is not None:
        state += f" {moment_ru(local(request.finished_at))}"
    if request.items_total and not request.is_finished:
        st.progress(
            min(request.items_done / request.items_total, 1.0),
            text=f"{state}: {request.items_done} из {request.items_total}",
        )
    else:
        st.markdown(state)
    if request.message:
        st.caption(request.message)


def _offer_documents(request: RunRequest) -> None:
    number = request.run_request_id
    told = counted(request.documents, "документ", "документа", "документов")
    part, parts = 1, ceil(request.documents / DOCUMENTS_OF_A_PART)
    if parts > 1:
        part = st.selectbox(
            told,
            range(1, parts + 1),
            format_func=lambda part: _documents_of_part(part, request.documents),
            key=f"request_part_{number}",
        )
        told = f"Часть {part} из {parts}"
    purpose = exports.choose_purpose(f"request_purpose_{number}")
    name = f"{request.title}, задание {number}"
    exports.offer_file(
        f"Скачать архив: {told}",
        key=f"request_download_{number}",
        file_name=f"{name}.zip" if parts == 1 else f"{name}, часть {part}.zip",
        mime="application/zip",
        of=("run_request", str(number)),
        purpose=purpose,
        read=lambda connection: packed(connection, number, part),
        details={"part": part},
    )


def _documents_of_part(part: int, documents: int) -> str:
    first = (part - 1) * DOCUMENTS_OF_A_PART + 1
    return f"{first}\u2013{min(part * DOCUMENTS_OF_A_PART, documents)}"


def packed(connection: Connection, number: int, part: int) -> bytes:
    """A part of the documents of a request in one archive."""
    documents = requests.documents_of(
        connection, number, limit=DOCUMENTS_OF_A_PART, offset=(part - 1) * DOCUMENTS_OF_A_PART
    )
    archive = BytesIO()
    taken: Counter[str] = Counter()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as whole:
        for name, content in documents:
            taken[name] += 1
            # Accounts of two organisations may bear one number.
            told = name if taken[name] == 1 else f"{taken[name]} {name}"
            whole.writestr(told, content)
    return archive.getvalue()


show()
