"""Задания: what the scheduler was asked for, how far it is, and the documents it made."""

import zipfile
from collections import Counter
from io import BytesIO

import streamlit as st

from apps.shared import database, session
from apps.shared.page import local, title_line
from document_gen.russian import counted, moment_ru
from operational_db.services import audit, requests
from operational_db.services.requests import RunRequest

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
            if request.documents and request.is_finished:
                _offer_documents(request)


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
    ready = st.session_state.get("request_archive")
    if ready and ready[0] == number:
        st.download_button(
            "Скачать архив",
            ready[1],
            file_name=f"{request.title}, задание {number}.zip",
            mime="application/zip",
            key=f"request_download_{number}",
            type="primary",
            on_click="ignore",
        )
    else:
        st.button(
            told,
            icon=":material/folder_zip:",
            key=f"request_pack_{number}",
            on_click=_pack,
            args=(number,),
        )


def _pack(number: int) -> None:
    st.session_state["request_archive"] = (number, _packed(number))


def _packed(number: int) -> bytes:
    """All documents of a request in one archive; the trail notes that they were taken."""
    with database.connection(session.token()) as connection:
        documents = requests.documents_of(connection, number)
        audit.record_event(
            connection,
            "export",
            object_kind="run_request",
            object_id=str(number),
            purpose="Работа с должниками",
            details={"documents": len(documents)},
        )
    archive = BytesIO()
    taken: Counter[str] = Counter()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for name, content in documents:
            taken[name] += 1
            # Accounts of two organisations may bear one number.
            told = name if taken[name] == 1 else f"{taken[name]} {name}"
            packed.writestr(told, content)
    return archive.getvalue()


show()
