"""Mass actions of the registry of debtors that need no screen of their own: giving work, notes."""

from collections.abc import Callable, Sequence

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, filters, session
from apps.shared.exports import close_dialog
from apps.shared.page import local, say_later
from document_gen.russian import counted, moment_ru
from operational_db.services import account_notes, worklist
from operational_db.services.account_notes import NoteRefusedError
from operational_db.services.worklist import AssignmentRefusedError

Chosen = Callable[[Connection], Sequence[int]]
"""Reads the numbers of the accounts that the action touches."""


@st.dialog("Назначить исполнителя", on_dismiss=close_dialog)
def assign(chosen: Chosen, count: int) -> None:
    """Give the chosen accounts to a person, with what to do and by when."""
    st.markdown(f"**{counted(count, 'счёт', 'счёта', 'счетов')}**")
    with database.connection(session.token()) as connection:
        people = worklist.people(connection)
    person = st.selectbox(
        "Исполнитель",
        [None, *people],
        format_func=lambda key: "снять назначение" if key is None else people[key],
        index=1 if people else 0,
        key="debtors_assignee",
    )
    action = st.text_input("Что сделать", key="debtors_action")
    due = st.text_input("Срок до", key="debtors_due", placeholder="ДД.ММ.ГГГГ")
    if not st.button(f"Назначить: {count}", type="primary", key="debtors_assign_confirm"):
        return
    if due and filters.parsed_day(due) is None:
        st.error(filters.not_a_day(due))
        return
    try:
        with database.connection(session.token()) as connection:
            done = worklist.assign(
                connection,
                chosen(connection),
                person,
                next_action=action.strip() or None,
                due_on=filters.parsed_day(due),
            )
    except (AssignmentRefusedError, PermissionError) as refusal:
        st.error(str(refusal))
        return
    close_dialog()
    say_later(f"Назначено: {counted(done, 'счёт', 'счёта', 'счетов')}.")
    st.rerun()


@st.dialog("Заметка", on_dismiss=close_dialog)
def write_note(chosen: Chosen, count: int) -> None:
    """Write one note about every chosen account."""
    st.markdown(f"**{counted(count, 'счёт', 'счёта', 'счетов')}**: заметка будет на карточке.")
    note = st.text_area("Что отметить", key="debtors_note_text", max_chars=account_notes.LONGEST)
    if not st.button(f"Записать: {count}", type="primary", key="debtors_note_confirm"):
        return
    try:
        with database.connection(session.token()) as connection:
            done = account_notes.add(connection, chosen(connection), note)
    except (NoteRefusedError, PermissionError) as refusal:
        st.error(str(refusal))
        return
    close_dialog()
    say_later(f"Заметка записана: {counted(done, 'счёт', 'счёта', 'счетов')}.")
    st.rerun()


def show_notes(connection: Connection, account_id: int) -> None:
    """Notes that stand about an account, each with its writer and a way to take it back."""
    for note in account_notes.notes(connection, account_id):
        with st.container(horizontal=True, vertical_alignment="center"):
            who = note["written_by"] or "сотрудник"
            st.text(f"{note['note']} — {who}, {moment_ru(local(note['recorded_at']))}")
            st.button(
                "Снять",
                key=f"note_take_back_{note['account_note_id']}",
                type="tertiary",
                on_click=_take_back,
                args=(note["account_note_id"],),
            )


def _take_back(account_note_id: int) -> None:
    try:
        with database.connection(session.token()) as connection:
            account_notes.take_back(connection, account_note_id)
    except (NoteRefusedError, PermissionError) as refusal:
        say_later(str(refusal))
        return
    say_later("Заметка снята. Она осталась в журнале.")
