"""События плана: what was done, entered one by one; a wrong one is taken back, never changed."""

from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, days, filters, session
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import Column, show_table
from operational_db.event_names import ACCOUNT_EVENTS, PUBLIC_EVENTS
from operational_db.services import accounts, plan_events
from operational_db.services.plan_events import (
    FILINGS,
    AccountEventEntry,
    EventRefusedError,
    PublicEventEntry,
)
from operational_db.services.plans import SOURCES

DAYS_SHOWN = 60
WITH_HOUSES = frozenset({"poster", "meeting"})
WITH_PEOPLE = frozenset({"meeting", "raid", "forum"})
WITH_OFFICE = frozenset({"raid", "reconciliation"})
OF_DOCUMENT = frozenset(
    {"writ_dispatched", "writ_returned", "account_seizure", "property_arrest", "travel_ban"}
    | {"direct_payment_notice", "property_change"}
)


def show() -> None:
    """Enter on the left, what was entered lately below."""
    user = session.user()
    with database.connection(session.token()) as connection:
        title_line("События плана", connection)
        organisations = accounts.organisations_with_accounts(connection)
        kinds = _kinds(user)
        kind = st.selectbox(
            "Событие",
            list(kinds),
            format_func=kinds.__getitem__,
            key="event_kind",
            width=420,
        )
        houses = accounts.houses_with_accounts(connection) if kind in WITH_HOUSES else {}
    if kind in PUBLIC_EVENTS:
        whose = {user.organisation_id: user.organisation_name} | organisations
        _ask_public(kind, whose, houses)
    else:
        _ask_step(kind, organisations)
    st.caption(
        "Много событий сразу загружают файлом: "
        + (
            "экран «Загрузка файлов», вид «События плана»."
            if user.has_any_role("manager", "accountant")
            else "это делает руководитель или бухгалтер на экране «Загрузка файлов»."
        )
    )
    _show_recent(kind)


def _kinds(user: Any) -> dict[str, str]:
    if not user.has_any_role("manager", "lawyer", "accountant", "inspector"):
        # Steps on accounts hold personal data, and officials work without them.
        return PUBLIC_EVENTS
    return {**PUBLIC_EVENTS, **ACCOUNT_EVENTS}


def _ask_public(kind: str, organisations: dict[int, str], houses: dict[int, str]) -> None:
    today = datetime.now(MOSCOW).date()
    with st.form(f"event_public_{kind}", clear_on_submit=True):
        first, second, third = st.columns(3)
        organisation_id = first.selectbox(
            "Кто провёл",
            list(organisations),
            format_func=organisations.__getitem__,
            key=f"event_organisation_{kind}",
        )
        day = days.field("День", today, until=today, key=f"event_day_{kind}", place=second)
        people = (
            third.number_input("Участников", 0, 100_000, 0, key=f"event_people_{kind}")
            if kind in WITH_PEOPLE
            else None
        )
        title = st.text_input(
            "Издание и заголовок" if kind == "publication" else "Тема", key=f"event_title_{kind}"
        )
        reference = st.text_input("Ссылка, номер выпуска или акта", key=f"event_reference_{kind}")
        chosen: list[int] = []
        entrance = None
        if kind == "poster":
            house = st.selectbox(
                "Дом",
                list(houses),
                index=None,
                format_func=houses.__getitem__,
                placeholder="Выберите дом",
                key="event_house",
            )
            chosen = [] if house is None else [house]
            entrance = st.number_input("Подъезд", 1, 60, 1, key="event_entrance")
        elif kind == "meeting":
            chosen = st.multiselect(
                "Дома",
                list(houses),
                format_func=houses.__getitem__,
                placeholder="Выберите дома",
                key="event_houses",
            )
        office = st.text_input("ОСП", key=f"event_office_{kind}") if kind in WITH_OFFICE else None
        before = after = ""
        is_signed = False
        if kind == "reconciliation":
            left, right = st.columns(2)
            before = left.text_input("Расхождение до сверки, ₽", key="event_before")
            after = right.text_input("Осталось после, ₽", key="event_after")
            is_signed = st.checkbox("Акт подписан обеими сторонами", key="event_signed")
        elif kind == "publication":
            before = st.text_input("Названная сумма долга, ₽", key="event_stated")
        file = st.file_uploader("Фото или скан", key=f"event_file_{kind}")
        comment = st.text_input("Комментарий", key=f"event_comment_{kind}")
        if not st.form_submit_button("Записать событие", type="primary", key="event_save"):
            return
    sums = _sums(before, after)
    if sums is None:
        return
    entry = PublicEventEntry(
        organisation_id=organisation_id,
        kind=kind,
        happened_on=day,
        house_ids=tuple(chosen),
        entrance=entrance,
        title=_said(title),
        reference=_said(reference),
        bailiff_office=_said(office),
        participants=people,
        amount=sums[0],
        amount_after=sums[1],
        is_signed=is_signed,
        comment=_said(comment),
        file_name=None if file is None else file.name,
        file_content=None if file is None else file.getvalue(),
    )
    _save(lambda connection: plan_events.add_public_event(connection, entry, today))


def _ask_step(kind: str, organisations: dict[int, str]) -> None:
    today = datetime.now(MOSCOW).date()
    with st.form(f"event_step_{kind}", clear_on_submit=True):
        first, second, third = st.columns(3)
        organisation_id = first.selectbox(
            "Организация",
            list(organisations),
            format_func=organisations.__getitem__,
            key=f"event_keeper_{kind}",
        )
        number = second.text_input("Лицевой счёт", key=f"event_account_{kind}")
        day = days.field("День", today, until=today, key=f"event_step_day_{kind}", place=third)
        fourth, fifth, sixth = st.columns(3)
        document = fourth.text_input(
            "Номер исполнительного документа" if kind in OF_DOCUMENT else "Номер документа",
            key=f"event_document_{kind}",
        )
        amount = fifth.text_input("Сумма, ₽", key=f"event_amount_{kind}")
        duty_day = (
            days.field("Пошлина уплачена", until=today, key=f"event_duty_{kind}", place=sixth)
            if kind in FILINGS
            else None
        )
        office = (
            sixth.text_input("ОСП", key=f"event_step_office_{kind}")
            if kind in OF_DOCUMENT
            else None
        )
        has_receipt = (
            st.checkbox("С квитанцией взыскателя", key="event_receipt")
            if kind == "writ_dispatched"
            else False
        )
        decision = (
            st.text_input("Решение", key="event_decision")
            if kind in ("working_group_decision", "eviction_decision")
            else None
        )
        comment = st.text_input("Комментарий", key=f"event_step_comment_{kind}")
        if not st.form_submit_button("Записать событие", type="primary", key="event_step_save"):
            return
    sums = _sums(amount, "")
    if sums is None:
        return
    entry = AccountEventEntry(
        organisation_id=organisation_id,
        account_number=filters.plain_text(number),
        kind=kind,
        happened_on=day,
        amount=sums[0],
        document_number=_said(document),
        duty_paid_on=duty_day,
        bailiff_office=_said(office),
        has_receipt=has_receipt,
        decision=_said(decision),
        comment=_said(comment),
    )
    _save(lambda connection: plan_events.add_account_event(connection, entry, today))


def _sums(*written: str) -> list | None:
    """Sums of money as written, None where nothing was; nothing at all when one is no sum."""
    found = []
    for words in written:
        value = filters.parsed_sum(words) if words.strip() else None
        if words.strip() and (value is None or value < 0):
            st.error(f"«{words}» – не сумма. Напишите, например, 5000 или 5000,50.")
            return None
        found.append(value)
    return found


def _said(words: str | None) -> str | None:
    return filters.plain_text(words or "").strip() or None


def _save(add: Any) -> None:
    try:
        with database.connection(session.token()) as connection:
            number = add(connection)
    except EventRefusedError as problem:
        st.error(str(problem))
        return
    say_later(f"Событие № {number} записано. В показателях оно появится после пересчёта.")
    st.rerun()


def _show_recent(kind: str) -> None:
    since = datetime.now(MOSCOW).date() - timedelta(days=DAYS_SHOWN)
    only = st.checkbox("Только этого вида", key="event_only_kind")
    with database.connection(session.token()) as connection:
        rows = _recent(connection, since, kind if only else None)
    if not rows:
        st.info(f"За {DAYS_SHOWN} дней событий нет.")
        return
    st.markdown("**Последние события**")
    chosen = show_table(
        rows,
        [
            Column("happened_on", "День", "date", width=90),
            Column("event_name", "Событие", width=235),
            Column("organisation_name", "Организация", width=190),
            Column("told", "О чём", width=270),
            Column("amount", "Сумма, ₽", "money", width=100),
            Column("executor", "Кто", width=150),
            Column("source_name", "Откуда", width=70),
            Column("state", "Состояние", width=100),
        ],
        key="event_recent",
        is_selectable=True,
        height=380 if len(rows) > 12 else "content",
    )
    if chosen is None:
        st.caption("Выберите событие слева от строки, чтобы отменить его.")
        return
    if chosen["is_cancelled"]:
        st.caption("Это событие уже отменено.")
        return
    with st.form("event_cancel", clear_on_submit=True):
        why = st.text_input("Почему событие отменяется", key="event_cancel_why")
        if st.form_submit_button(
            f"Отменить событие № {chosen['event_id']}", key="event_cancel_save"
        ):
            _cancel(chosen, why)


def _recent(connection: Connection, since: date, kind: str | None) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "source_name": SOURCES[row["source"]],
            "state": "отменено" if row["is_cancelled"] else "засчитывается",
        }
        for row in plan_events.recent(connection, since, kind)
    ]


def _cancel(row: Any, why: str) -> None:
    try:
        with database.connection(session.token()) as connection:
            plan_events.cancel(
                connection, row["event_table"], row["event_id"], row["account_id"], why
            )
    except EventRefusedError as problem:
        st.error(str(problem))
        return
    say_later("Событие отменено.")
    st.rerun()


show()
