"""The end of a batch's road: packages marked as sent to their courts, and the mark taken back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, days, session
from apps.shared.exports import close_dialog, is_dialog_open, open_dialog
from apps.shared.page import MOSCOW, say_later
from apps.shared.tables import AMBER, Column, show_table
from document_gen.russian import counted, date_ru, rubles
from operational_db.services.cases import CaseRefusedError
from operational_db.services.duties import STATUSES
from operational_db.services.filing import sending
from operational_db.services.filing.sending import Sending, SendingRefusedError

WRITERS = ("lawyer", "manager")
ALL = "all"
Done = TypeVar("Done")

COLUMNS = [
    Column("court_name", "Судебный участок", "court", width=330),
    Column("packages", "Пакетов", "count", width=75),
    Column("total_amount", "Сумма, ₽", "money", width=120),
    Column("duty_amount", "Пошлина, ₽", "money", width=105),
    Column("unpaid", "Пошлина не оплачена", "count", width=130),
    Column("sent", "Отправлено", "count", width=90),
    Column("sent_on", "Когда", "date", width=88),
    Column("way", "Как", width=250),
    Column("register_number", "№ списка", width=110),
]
UNPAID = [
    Column("case_number", "Дело", width=110),
    Column("account_number", "Лицевой счёт", width=100),
    Column("debtor_name", "Должник", width=230),
    Column("to_pay", "К уплате, ₽", "money", width=100),
    Column("standing", "Пошлина", width=150),
    Column("court_name", "Судебный участок", "court", width=330),
]


def show_sending(batch_id: int) -> None:
    """Sections of the batch with what is sent, and the two deeds: mark as sent, take it back."""
    with database.connection(session.token()) as connection:
        found = sending.sections(connection, batch_id)
    if not found:
        return
    st.subheader("Отправка в суд", anchor=False)
    show_table(
        found,
        COLUMNS,
        key="sending_sections",
        highlight=lambda row: AMBER if row["unpaid"] else None,
    )
    if not session.user().has_any_role(*WRITERS):
        return
    names = {ALL: "все участки", **{row["court_code"]: row["court_name"] for row in found}}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Участок", list(names), format_func=names.__getitem__, key="sending_court", width=420
        )
        court_code = None if chosen == ALL else chosen
        rows = [row for row in found if court_code in (None, row["court_code"])]
        waiting, sent, unpaid = (
            sum(row[name] for row in rows) for name in ("waiting", "sent", "unpaid")
        )
        st.button(
            f"Отметить отправленными: {waiting}",
            key="sending_open",
            type="primary",
            icon=":material/outgoing_mail:",
            disabled=not waiting,
            on_click=open_dialog,
            args=("sending",),
        )
        st.button(
            f"Отменить отметку: {sent}",
            key="sending_undo",
            disabled=not sent,
            on_click=open_dialog,
            args=("sending_undo",),
        )
    if unpaid:
        _show_unpaid(batch_id, court_code)
    if is_dialog_open("sending"):
        _confirm(batch_id, court_code, names[chosen], waiting)
    elif is_dialog_open("sending_undo"):
        _take_back(batch_id, court_code, names[chosen], sent)


def _show_unpaid(batch_id: int, court_code: str | None) -> None:
    with database.connection(session.token()) as connection:
        owing = sending.unpaid(connection, batch_id, court_code)
    total = sum((row["to_pay"] or 0) for row in owing)
    with st.expander(f"Отправлять рано: не оплачено пошлин: {len(owing)}, {rubles(total)}"):
        show_table(
            [{**row, "standing": _standing(row)} for row in owing],
            UNPAID,
            key="sending_unpaid",
            height=320 if len(owing) > 9 else "content",
        )
        st.page_link(menu.DUTIES, label="Составить реестр на оплату на экране «Пошлины» →")


def _standing(row: Mapping[str, Any]) -> str:
    told = dict.fromkeys(STATUSES[status] for status in row["statuses"] or ())
    return ", ".join(told) or "не рассчитана"


@st.dialog("Отправлено в суд", on_dismiss=close_dialog)
def _confirm(batch_id: int, court_code: str | None, where: str, waiting: int) -> None:
    told = counted(waiting, "пакет", "пакета", "пакетов")
    st.markdown(f"Будет отмечено: **{told}**, {where}.")
    today = _today()
    sent_on = days.field("Когда отправлено", today, until=today, key="sending_on")
    way = st.selectbox(
        "Как", list(sending.WAYS), format_func=sending.WAYS.__getitem__, key="sending_way"
    )
    number = st.text_input(
        "№ списка почтовых отправлений, штампа или квитанции", key="sending_number"
    )
    st.caption("Пошлина каждого дела должна быть оплачена по выписке банка или зачтена.")
    late = _try(lambda c: sending.passing(c, batch_id, sent_on, court_code))
    if late:
        st.warning(
            f"К {date_ru(sent_on)} часть месяцев уже за давностью, дел: {len(late)} (например, "
            f"{late[0]['number']}: последний день был {date_ru(late[0]['last_day'])}). Суд откажет "
            "в них, если должник заявит о давности."
        )
    if not st.button(f"Отметить: {waiting}", type="primary", key="sending_mark"):
        return
    wanted = Sending(sent_on, way, number)
    done = _try(lambda c: sending.mark_sent(c, batch_id, wanted, court_code))
    if done is not None:
        close_dialog()
        marked = counted(done, "пакет отмечен", "пакета отмечено", "пакетов отмечено")
        say_later(f"{marked}: отправлено {date_ru(sent_on)}.")
        st.rerun()


@st.dialog("Отменить отметку об отправке", on_dismiss=close_dialog)
def _take_back(batch_id: int, court_code: str | None, where: str, sent: int) -> None:
    st.markdown(f"Отправлено: **{sent}**, {where}. Дела, по которым суд ответил, не изменятся.")
    reason = st.text_input("Почему отметка ошибочна", key="sending_reason")
    if not st.button("Отменить отметку", type="primary", key="sending_undo_yes"):
        return
    done = _try(lambda c: sending.take_back(c, batch_id, reason, court_code))
    if done is not None:
        close_dialog()
        say_later(f"Отметка снята, дел: {done}. Она осталась в журнале каждого дела.")
        st.rerun()


def _try(step: Callable[[Connection], Done]) -> Done | None:
    """Do it in one transaction; what is refused is said, and nothing of it stays."""
    try:
        with database.connection(session.token()) as connection:
            return step(connection)
    except (SendingRefusedError, CaseRefusedError, PermissionError) as problem:
        st.error(str(problem))
        return None


def _today() -> date:
    return datetime.now(MOSCOW).date()
