"""Обход должников: the route of a day house by house, its sheet, and results entered back."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.screens.inspector.columns import SHEET_COLUMNS
from apps.shared import database, days, filters, forms, session
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import Column, show_markable_table
from document_gen.report_forms import FormTemplate
from document_gen.russian import counted, date_ru, rubles
from operational_db.exports.form_xlsx import FormRow
from operational_db.services import accounts, visits
from operational_db.services.visits import (
    VISIT_RESULTS,
    RouteRequest,
    VisitRefusedError,
    VisitResult,
)

PAGE = "route"
NAMES = ("organisation", "house", "debt_from", "months", "page")
ROWS_ON_A_PAGE = 50
COLUMNS = [
    Column("ordinal", "№", "count", width=45),
    Column("address", "Адрес", "address", width=330),
    Column("place", "Подъезд, этаж, помещение", width=180),
    Column("account_number", "Лицевой счёт", width=105),
    Column("holder_name", "ФИО", width=235),
    Column("overdue_debt", "Долг, ₽", "money", width=105),
    Column("overdue_months", "Мес.", "count", width=50),
    Column("last_visit_at", "Прошлый визит", "date", width=105),
    Column("last_visit", "Чем кончился", width=120),
]
LONGEST_PROMISE_DAYS = 90
PURPOSE = "вручить уведомление о долге, уточнить контакты"


def show() -> None:
    """The choice, the doors, the sheet to take along, and the form for what came back."""
    with database.connection(session.token()) as connection:
        if title_line("Обход должников", connection) is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        asked, lines = _ask(connection)
        filters.start_from_first_page(asked)
        found = visits.totals(connection, asked)
        pages = -(-found["accounts"] // ROWS_ON_A_PAGE)
        number = filters.current_page(pages)
        rows = visits.page(
            connection, asked, limit=ROWS_ON_A_PAGE, offset=(number - 1) * ROWS_ON_A_PAGE
        )
    filters.keep_in_address(PAGE, NAMES)
    _tell_left_out(found)
    if not rows:
        st.info("Должников с такими условиями нет. Уменьшите долг или снимите фильтр «Дом».")
        return
    told = counted(found["accounts"], "адрес", "адреса", "адресов")
    houses = counted(found["houses"], "доме", "домах", "домах")
    st.markdown(f"**{told}** в {houses}, просрочено **{rubles(found['overdue_debt'])}**")
    chosen = show_markable_table(
        rows,
        COLUMNS,
        key="route_table",
        totals={"address": "Итого", "overdue_debt": found["overdue_debt"]},
        height=458 if len(rows) > 15 else "content",
    )
    filters.page_number(pages)
    forms.show_buttons(told)
    today = datetime.now(MOSCOW).date()

    def read(opened: Connection) -> Iterator[FormRow]:
        return _sheet(visits.page(opened, asked, limit=None))

    forms.offer(
        forms.FormFile(
            name="route_sheet",
            title=f"Маршрутный лист обхода на {date_ru(today)}",
            sheet_name="Обход",
            lines=[*lines, "Исполнитель: ____________________________"],
            columns=SHEET_COLUMNS,
            template=FormTemplate.ROUTE_SHEET,
            read=read,
            read_for_paper=read,
            asked=asked.described(),
        )
    )
    if not chosen:
        st.caption("Отметьте счета слева, чтобы записать, чем кончился визит.")
        return
    _record(chosen)


def _ask(connection: Connection) -> tuple[RouteRequest, list[str]]:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="route_filters"):
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=260
            )
        houses = accounts.houses_with_accounts(connection, organisation_id)
        house_id = filters.number_choice("Дом", "house", houses, width=340)
        debt_from = filters.sum_of_money("Долг от, ₽", "debt_from", width=120)
        months = filters.whole_number("Месяцев от", "months", width=110)
        st.button("Сбросить", key="route_reset", on_click=filters.reset, args=(NAMES,))
    lines = [forms.named("Организация", organisations, organisation_id)]
    lines.append(forms.named("Дом", houses, house_id))
    if debt_from is not None:
        lines.append(f"Долг от {rubles(debt_from)}")
    return RouteRequest(organisation_id, house_id, debt_from, months), lines


def _tell_left_out(found: Mapping[str, Any]) -> None:
    """Name those whom the route passes by, so that nobody looks for them in it."""
    told = [
        f"{counted(found[key], 'счёт', 'счёта', 'счетов')} {why}"
        for key, why in (
            ("paying", "с рассрочкой, которую соблюдают"),
            ("met", "с визитом за последние 7 дней (230-ФЗ, ст. 7: чаще не ходим)"),
        )
        if found[key]
    ]
    if told:
        st.caption(f"Не вошли в обход: {', '.join(told)}.")


def _sheet(rows: list) -> Iterator[FormRow]:
    """Doors under their houses; what is written at the door is empty."""
    empty = dict.fromkeys(column.key for column in SHEET_COLUMNS)
    for address, doors in visits.by_house(rows):
        owed = sum(door["overdue_debt"] for door in doors)
        yield FormRow({**empty, "name": address, "overdue_debt": owed}, descendants=len(doors))
        for door in doors:
            known = {key: door[key] for key in empty.keys() & door.keys()}
            yield FormRow({**empty, **known, "name": door["place"], "purpose": PURPOSE}, level=1)
    total = sum(row["overdue_debt"] for row in rows)
    yield FormRow({**empty, "name": "Итого", "overdue_debt": total}, is_total=True)


def _record(chosen: list) -> None:
    told = counted(len(chosen), "счёта", "счетов", "счетов")
    now = datetime.now(MOSCOW)
    with st.form("route_visit", clear_on_submit=True):
        st.markdown(f"**Чем кончился визит: для {told}**")
        first, second, third, fourth = st.columns(4)
        result = first.selectbox(
            "Результат",
            list(VISIT_RESULTS),
            format_func=VISIT_RESULTS.__getitem__,
            index=None,
            placeholder="выберите",
            key="visit_result",
        )
        day = days.field("День", now.date(), until=now.date(), key="visit_day", place=second)
        paper = third.text_input("Документ вручён №", key="visit_paper")
        phone = fourth.text_input("Телефон уточнён", key="visit_phone")
        fifth, sixth, seventh = st.columns([1, 1, 2])
        promise_day = days.field(
            "Обещал до",
            until=now.date() + timedelta(days=LONGEST_PROMISE_DAYS),
            key="visit_promise_day",
            place=fifth,
        )
        promise = sixth.text_input("Обещал, ₽", key="visit_promise")
        comment = seventh.text_input("Комментарий координатору", key="visit_comment")
        if not st.form_submit_button("Записать визит", type="primary", key="visit_save"):
            return
    amount = filters.parsed_sum(promise) if promise.strip() else None
    if promise.strip() and amount is None:
        st.error(f"«{promise}» – не сумма. Напишите, например, 5000 или 5000,50.")
        return
    at = now if day == now.date() else datetime.combine(day, time(12), MOSCOW)
    try:
        with database.connection(session.token()) as connection:
            for row in chosen:
                visits.record_visit(
                    connection,
                    VisitResult(
                        account_id=row["account_id"],
                        happened_at=at,
                        result=result or "",
                        document_number=_said(paper),
                        phone=_said(phone),
                        promise_date=promise_day,
                        promise_amount=amount,
                        comment=_said(comment),
                    ),
                    datetime.now(MOSCOW),
                )
    except VisitRefusedError as problem:
        st.error(str(problem))
        return
    say_later(f"Визит записан: для {told}. В показателях он появится после пересчёта.")
    st.rerun()


def _said(words: str) -> str | None:
    return filters.plain_text(words).strip() or None


show()
