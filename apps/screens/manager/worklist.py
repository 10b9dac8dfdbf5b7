"""Очередь работ: whom to take next by the expected net result, and who is to do it."""

from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, exports, filters, session
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, rubles
from operational_db.services import accounts, worklist
from operational_db.services.dashboard import Scope
from operational_db.services.sign_in import SignedInUser
from operational_db.services.worklist import AssignmentRefusedError, WorkFilter

PAGE = "worklist"
ROWS_ON_A_PAGE = 50
CHOICES = ("organisation", "house", "bucket", "assignee", "waiting")
NAMES = (*CHOICES, "page")
CONTACTS = {
    "live_call": "звонок",
    "robot_call": "автообзвон",
    "sms": "SMS",
    "email": "e-mail",
    "letter": "письмо",
    "visit": "визит",
}
COLUMNS = [
    Column("account_number", "ЛС", width=82),
    Column("holder_name", "ФИО", width=185),
    Column("address", "Адрес", "address", width=215),
    Column("overdue_debt", "Просрочено, ₽", "money", width=100),
    Column("overdue_months", "Мес.", "count", width=48),
    Column("bucket", "Срок", width=95),
    Column("rate", "Платят", "share", width=60, help="Доля такого долга, оплаченная за месяц"),
    Column("expected", "Ожидается, ₽", "money", width=98, help="Просрочено × доля − цена звонка"),
    Column("contact", "Последний контакт", width=126),
    Column("assignee_name", "Исполнитель", width=108),
    Column("next_action", "Что сделать", width=100),
    Column("due_on", "Срок до", "date", width=78),
]


def show() -> None:
    """Filters, the rule, a page of the queue, and giving work to people."""
    with database.connection(session.token()) as connection:
        built = title_line("Очередь работ", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        people = worklist.people(connection)
        asked = _ask(connection, people)
        filters.start_from_first_page(asked)
        filters.keep_in_address(PAGE, NAMES)
        observed = _rates(session.user(), built.built_at, asked.scope)
        totals, rows = worklist.board(
            connection, asked, observed, limit=ROWS_ON_A_PAGE, page=filters.asked_page()
        )
    pages = -(-totals["accounts"] // ROWS_ON_A_PAGE)
    filters.current_page(pages)
    if not rows:
        st.info("Должников с такими условиями нет. Снимите фильтр «Исполнитель» или «Срок».")
        return
    told = counted(totals["accounts"], "должник", "должника", "должников")
    st.markdown(
        f"**{told}** · просрочено **{rubles(totals['overdue_debt'])}** · "
        f"ожидается за месяц **{rubles(totals['expected'])}**"
    )
    chosen = show_table(
        [_row(row) for row in rows],
        COLUMNS,
        key="worklist_table",
        is_selectable=True,
        height=430 if len(rows) > 14 else "content",
    )
    filters.page_number(pages)
    _show_rule(observed)
    if chosen is not None:
        account = str(chosen["account_id"])
        with st.container(horizontal=True):
            st.page_link(
                menu.ACCOUNT,
                label=f"Карточка счёта {chosen['account_number']} →",
                query_params={"account": account},
            )
            st.page_link(
                menu.PROVENANCE, label="Откуда этот долг →", query_params={"account": account}
            )
    if session.user().has_any_role("manager"):
        _assign(asked, observed, chosen, people, totals["accounts"])


def _ask(connection: Connection, people: dict[int, str]) -> WorkFilter:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="worklist_filters"):
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=230
            )
        houses = accounts.houses_with_accounts(connection, organisation_id)
        house_id = filters.number_choice("Дом", "house", houses, width=280)
        bucket = filters.choice("Срок старшего долга", "bucket", accounts.AGEING, width=170)
        assignee = filters.number_choice(
            "Исполнитель", "assignee", {0: "не назначен", **people}, width=220
        )
        waiting = filters.choice(
            "Отложенные", "waiting", {"with": "показать"}, nothing="скрыть", width=120
        )
        st.button("Сбросить", key="worklist_reset", on_click=filters.reset, args=(CHOICES,))
    return WorkFilter(
        scope=Scope(organisation_id, house_id),
        bucket=bucket,
        assignee_id=assignee,
        with_waiting=waiting is not None,
    )


def _row(row: Any) -> dict[str, Any]:
    contact = None
    if row["last_contact_at"] is not None:
        day = row["last_contact_at"].astimezone(MOSCOW)
        contact = f"{day:%d.%m.%Y}, {CONTACTS[row['last_contact_kind']]}"
    return {
        **row,
        "bucket": accounts.AGEING.get(row["bucket_code"], "—"),
        "contact": contact,
        "next_action": row["next_action"] or row["promised_action"],
    }


def _show_rule(observed: list) -> None:
    with st.expander("Как считается порядок"):
        st.markdown(
            "**Ожидаемый чистый результат = просроченный долг × доля − цена звонка.** Доля – "
            "сколько такого же долга оплатили за прошлый месяц: того же срока, у тех, кто за три "
            "месяца до него платил или не платил. Цену звонка записывают на экране «Управление "
            "взысканием»."
        )
        show_table(
            [
                {
                    **row,
                    "bucket": accounts.AGEING.get(row["bucket_code"], "—"),
                    "paid_told": "платил" if row["paid_recently"] else "не платил",
                }
                for row in observed
            ],
            [
                Column("bucket", "Срок старшего долга", width=180),
                Column("paid_told", "За три месяца", width=130),
                Column("accounts", "Счетов", "count", width=90),
                Column("owed", "Был долг, ₽", "money", width=140),
                Column("paid", "Оплачено за месяц, ₽", "money", width=160),
                Column("rate", "Доля", "share", width=80),
            ],
            key="worklist_rates",
        )


def _assign(
    asked: WorkFilter, observed: list, chosen: Any, people: dict[int, str], found: int
) -> None:
    with st.form("worklist_assign"):
        first, second, third, fourth, fifth = st.columns([1.3, 1.6, 1.8, 1, 1])
        count = first.number_input(
            "Сколько первых счетов" if chosen is None else "Счетов: выбранный",
            1,
            min(found, worklist.MOST_AT_ONCE),
            min(found, ROWS_ON_A_PAGE) if chosen is None else 1,
            disabled=chosen is not None,
            key="assign_count",
        )
        person = second.selectbox(
            "Исполнитель",
            [None, *people],
            format_func=lambda key: "снять назначение" if key is None else people[key],
            index=1 if people else 0,
            key="assign_person",
        )
        action = third.text_input("Что сделать", key="assign_action")
        not_before = fourth.text_input(
            "Не раньше", key="assign_not_before", placeholder="ДД.ММ.ГГГГ"
        )
        due = fifth.text_input("Срок до", key="assign_due", placeholder="ДД.ММ.ГГГГ")
        if st.form_submit_button("Назначить…", type="primary", key="assign_open"):
            wrong = [day for day in (not_before, due) if day and not filters.parsed_day(day)]
            if wrong:
                st.error(filters.not_a_day(wrong[0]))
                return
            st.session_state["assignment"] = {
                "account_ids": [chosen["account_id"]] if chosen is not None else None,
                "count": int(count),
                "assignee_id": person,
                "next_action": action.strip() or None,
                "contact_not_before": filters.parsed_day(not_before),
                "due_on": filters.parsed_day(due),
            }
            exports.open_dialog("assign")
    if exports.is_dialog_open("assign"):
        _confirm(asked, observed, people)


@st.dialog("Назначение", on_dismiss=exports.close_dialog)
def _confirm(asked: WorkFilter, observed: list, people: dict[int, str]) -> None:
    wanted = dict(st.session_state["assignment"])
    count = wanted.pop("count")
    account_ids = wanted.pop("account_ids")
    told = counted(len(account_ids or range(count)), "счёт", "счёта", "счетов")
    person = wanted["assignee_id"]
    st.markdown(f"**{told}**: " + ("снять назначение." if person is None else f"{people[person]}."))
    if not st.button("Подтвердить", type="primary", key="assign_confirm"):
        return
    try:
        with database.connection(session.token()) as connection:
            ids = account_ids or worklist.first_accounts(connection, asked, observed, count)
            done = worklist.assign(connection, ids, **wanted)
    except AssignmentRefusedError as refusal:
        st.error(str(refusal))
        return
    exports.close_dialog()
    say_later(f"Назначено: {counted(done, 'счёт', 'счёта', 'счетов')}.")
    st.rerun()


@st.cache_data(max_entries=100, show_spinner="Считаем, как платили…")
def _rates(user: SignedInUser, built_at: datetime, scope: Scope) -> list:
    """The observed shares change with builds only, and are the user's own to see."""
    del user, built_at
    with database.connection(session.token()) as connection:
        return [dict(row) for row in worklist.rates(connection, scope)]


show()
