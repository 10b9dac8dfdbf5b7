"""Календарь сроков: what has to be done about cases, and by which day."""

from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, exports, filters, session
from apps.shared.page import title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted
from operational_db.models.claims import CaseEventKind
from operational_db.services import accounts, court_work
from operational_db.services.cases import EVENT_NAMES
from operational_db.services.court_work import DEADLINES, DeadlineFilter

PAGE = "deadlines"
ROWS_ON_A_PAGE = 50
CHOICES = ("days", "kind", "organisation")
NAMES = (*CHOICES, "page")
HORIZONS = {"7": "неделя", "30": "30 дней", "90": "90 дней", "1100": "три года"}

COLUMNS = [
    Column("deadline_date", "Срок", "date", width=90),
    Column("days_left", "Дней", "count", width=55, help="Меньше нуля: срок прошёл"),
    Column("what", "Что сделать", width=230),
    Column("case_number", "Наш номер", width=105),
    Column("court_number", "№ дела", width=105),
    Column("state_name", "Состояние", width=170),
    Column("account_number", "Лицевой счёт", width=95),
    Column("court_name", "Суд", "court", width=220),
    Column("start_date", "Считаем с", "date", width=90),
    Column("act", "Основание", width=220),
    Column("note", "Примечание", width=260),
]
UNVERIFIED = "не сверено: производственного календаря на эти дни ещё нет, учтены только выходные"


def show() -> None:
    """How much is late and soon, and the list."""
    with database.connection(session.token()) as connection:
        if title_line("Календарь сроков", connection) is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        asked = _ask(connection)
        filters.start_from_first_page(asked)
        filters.keep_in_address(PAGE, NAMES)
        figures = court_work.deadline_figures(connection, asked)
        count = sum(row["count"] for row in figures)
        pages = max(1, -(-count // ROWS_ON_A_PAGE))
        number = filters.current_page(pages)
        rows = court_work.deadlines(
            connection, asked, limit=ROWS_ON_A_PAGE, offset=(number - 1) * ROWS_ON_A_PAGE
        )
    if not rows:
        st.success("В эти дни сроков по делам нет.")
        return
    for place, row in zip(st.columns(max(len(figures), 3)), figures, strict=False):
        with place:
            st.metric(
                DEADLINES[row["deadline_kind"]].capitalize(),
                row["count"],
                delta=f"просрочено {row['late']}" if row["late"] else f"за неделю {row['soon']}",
                delta_color="red" if row["late"] else "off",
                delta_arrow="off",
                border=True,
            )
    chosen = show_table(
        [_told(row) for row in rows],
        COLUMNS,
        key="deadlines_table",
        is_selectable=True,
        height=520 if len(rows) > 16 else "content",
        highlight=_colour,
    )
    filters.page_number(pages)
    if chosen is not None:
        st.switch_page(menu.ANSWERS, query_params={"words": chosen["case_number"]})
    st.button(
        f"Выгрузить в Excel: {counted(count, 'строка', 'строки', 'строк')}",
        key="deadlines_export",
        icon=":material/table_view:",
        on_click=exports.open_dialog,
        args=("deadlines",),
    )
    if exports.is_dialog_open("deadlines"):
        exports.offer_workbook(
            name="case_deadlines",
            title="Календарь сроков",
            columns=COLUMNS,
            count=count,
            read=lambda connection: map(_told, court_work.all_deadlines(connection, asked)),
            asked={name: str(value) for name, value in asked.values().items() if value},
        )


def _ask(connection: Connection) -> DeadlineFilter:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="deadlines_filters"):
        days = filters.choice("Срок наступает за", "days", HORIZONS, nothing="30 дней", width=150)
        kind = filters.choice("Что сделать", "kind", DEADLINES, width=270)
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=260
            )
        st.button("Сбросить", key="deadlines_reset", on_click=filters.reset, args=(CHOICES,))
    return DeadlineFilter(int(days or 30), kind, organisation_id)


def _told(row: Any) -> dict[str, Any]:
    return {
        **row,
        "what": DEADLINES[row["deadline_kind"]],
        "note": None if row["is_verified"] else UNVERIFIED,
        "state_name": EVENT_NAMES[CaseEventKind(row["case_state"])],
    }


def _colour(row: Any) -> str | None:
    if row["days_left"] < 0:
        return "#fdecea"
    return "#fdf3e1" if row["days_left"] <= 7 else None


show()
