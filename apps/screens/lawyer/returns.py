"""Возвраты: what courts sent back and why, and which rule of the check before filing to tighten."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import charts, database, exports, filters, session
from apps.shared.page import MOSCOW, title_line
from apps.shared.tables import AMBER, Column, show_table
from document_gen.russian import counted, number, percent, rubles, short_rubles
from operational_db.services import accounts
from operational_db.services.filing import returns
from operational_db.services.filing.returns import ReturnsFilter

PAGE = "returns"
CHOICES = ("filed_from", "filed_to", "organisation")
NAMES = (*CHOICES, "group", "key", "page")
ROWS_ON_A_PAGE = 50
BARS = 10

COLUMNS = [
    Column("number", "Дело", width=110),
    Column("account_number", "Лицевой счёт", width=100),
    Column("address", "Адрес", "address", width=240),
    Column("amount", "Заявлено, ₽", "money", width=110),
    Column("filed_on", "Подано", "date", width=88),
    Column("freed_on", "Возвращено", "date", width=95),
    Column("reason", "Причина", width=300),
    Column("rule_title", "Правило проверки", width=230),
    Column("told_warned", "Предупреждало", width=110),
    Column("court_name", "Суд", "court", width=260),
    Column("maker_name", "Кто предложил", width=170),
    Column("template_version", "Шаблон", width=95),
]


def show() -> None:
    """Figures, the chart and the lines of a group, what to tighten, and the list behind it."""
    with database.connection(session.token()) as connection:
        if title_line("Возвраты", connection) is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        asked = _ask(connection)
        found = returns.totals(connection, asked)
        _show_figures(found)
        if not found["returned"]:
            st.info(
                "Судов, которые что-то вернули за это время, нет. Ответы судов отмечают на экране "
                "«Ответы суда»."
            )
            filters.keep_in_address(PAGE, NAMES)
            return
        group = _ask_group()
        lines = returns.grouped(connection, asked, group)
        chosen = _show_group(lines, group)
        advice = returns.advice(connection, asked)
        if chosen:
            asked = replace(asked, group=group, key=chosen["key"])
        st.session_state["filter_key"] = asked.key
        filters.start_from_first_page(asked)
        filters.keep_in_address(PAGE, NAMES)
        _show_advice(advice)
        _show_list(connection, asked, chosen)


def _ask(connection: Connection) -> ReturnsFilter:
    organisations = accounts.organisations_with_accounts(connection)
    today = datetime.now(MOSCOW).date()
    with st.container(horizontal=True, vertical_alignment="bottom", key="returns_filters"):
        filed_from = filters.day("Подано с", "filed_from", width=130)
        filed_to = filters.day("по", "filed_to", width=130)
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=260
            )
        st.button("Сбросить", key="returns_reset", on_click=filters.reset, args=(CHOICES,))
    year_ago = date(today.year - 1, today.month, 1)
    return ReturnsFilter(filed_from or year_ago, filed_to or today, organisation_id)


def _show_figures(found: Mapping[str, Any]) -> None:
    tiles = st.columns(4)
    tiles[0].metric("Подано", number(found["filed"]), border=True)
    tiles[1].metric("Возвращено", number(found["returned"]), border=True)
    share = returns.share(found["returned"], found["filed"])
    tiles[2].metric("Доля возвратов", "—" if share is None else percent(share), border=True)
    tiles[3].metric(
        "На сумму",
        short_rubles(found["returned_amount"]),
        border=True,
        help=f"{rubles(found['returned_amount'])}. Проверка предупреждала о "
        f"{found['warned']} из {found['returned']}",
    )


def _ask_group() -> str:
    if st.session_state.get("filter_group") not in returns.GROUPS:
        st.session_state["filter_group"] = next(iter(returns.GROUPS))
    return st.segmented_control(
        "Группировать",
        list(returns.GROUPS),
        format_func=returns.GROUPS.__getitem__,
        key="filter_group",
        label_visibility="collapsed",
        required=True,
    )


def _show_group(lines: list[Mapping[str, Any]], group: str) -> Mapping[str, Any] | None:
    left, right = st.columns(2)
    shown = lines[:BARS]
    with left:
        charts.show_chart(
            charts.stage_bars(
                f"Возвраты {returns.GROUPS[group]}",
                [_short(line["name"]) for line in shown],
                [line["returned"] for line in shown],
                [
                    f"{line['returned']} · "
                    f"{percent(returns.share(line['returned'], line['filed']))}"
                    for line in shown
                ],
            ),
            key="returns_chart",
            height=max(170, 60 + 30 * len(shown)),
        )
    with right:
        return show_table(
            [{**line, "share": returns.share(line["returned"], line["filed"])} for line in lines],
            [
                Column("name", "Что", width=290),
                Column("filed", "Подано", "count", width=75),
                Column("returned", "Возвращено", "count", width=95),
                Column("share", "Доля", "share", width=70),
                Column("warned", "Проверка предупреждала", "count", width=160),
            ],
            key=f"returns_{group}",
            is_selectable=True,
            height=330 if len(lines) > 10 else "content",
        )


def _short(name: str) -> str:
    return name if len(name) <= 46 else f"{name[:45].rstrip()}…"


def _show_advice(advice: list[returns.Advice]) -> None:
    if not advice:
        return
    st.markdown("**Что изменить в проверке перед подачей**")
    show_table(
        [asdict(each) for each in advice],
        [
            Column("reason", "Причина возврата", width=330),
            Column("returned", "Раз", "count", width=55),
            Column("rule", "Правило", width=280),
            Column("advice", "Что сделать", width=520),
        ],
        key="returns_advice",
        highlight=lambda row: AMBER if row["rule"] is None else None,
    )


def _show_list(
    connection: Connection, asked: ReturnsFilter, line: Mapping[str, Any] | None
) -> None:
    count = returns.count_returned(connection, asked)
    st.markdown("**Возвращённые дела**" + (f": {line['name']}" if line else ""))
    pages = max(1, -(-count // ROWS_ON_A_PAGE))
    rows = returns.returned(
        connection,
        asked,
        limit=ROWS_ON_A_PAGE,
        offset=(filters.current_page(pages) - 1) * ROWS_ON_A_PAGE,
    )
    chosen = show_table(
        [_told(row) for row in rows],
        COLUMNS,
        key="returns_list",
        is_selectable=True,
        height=402 if len(rows) > 12 else "content",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Выгрузить в Excel: {counted(count, 'дело', 'дела', 'дел')}",
            icon=":material/table_view:",
            key="returns_export",
            on_click=exports.open_dialog,
            args=("returns",),
        )
        st.space("stretch")
        filters.page_number(pages)
    if chosen is not None:
        st.page_link(
            menu.ANSWERS,
            label=f"Дело {chosen['number']} →",
            query_params={"words": chosen["number"]},
        )
    if exports.is_dialog_open("returns"):
        exports.offer_workbook(
            name="court_returns",
            title="Возвраты судов",
            columns=COLUMNS,
            count=count,
            read=lambda c: map(_told, returns.all_returned(c, asked)),
            asked=asked.described(),
        )


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "told_warned": "да" if row["was_warned"] else None}


show()
