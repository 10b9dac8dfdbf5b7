"""Рейтинг организаций: who collects, files, recovers and keeps the plan, over a range of months."""

from datetime import date, timedelta

import streamlit as st

from apps.shared import database, exports, filters, session
from apps.shared.page import title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import period_ru, periods_ru
from operational_db.services import municipal_debt

PAGE = "rating"
NAMES = ("since", "until")
MONTHS_BACK = 24
COLUMNS = [
    Column("place", "Место", "count", width=60),
    Column("organisation_name", "Организация", width=260),
    Column("charged", "Начислено, ₽", "money", width=130, has_total=True),
    Column("paid", "Оплачено, ₽", "money", width=130, has_total=True),
    Column("share", "Собираемость", "share", width=105),
    Column("filed", "Подано в суд", "count", width=95, has_total=True),
    Column("filed_sum", "На сумму, ₽", "money", width=125, has_total=True),
    Column("recovered", "Взыскано по ИД, ₽", "money", width=130, has_total=True),
    Column("kept", "Норм выполнено", "count", width=110, help="Месячных норм плана"),
    Column("judged", "Всего норм", "count", width=85),
    Column("execution", "План, %", "share", width=80, help="Среднее выполнение, не больше 100 %"),
]


def show() -> None:
    """Two months, the table, the workbook."""
    with database.connection(session.token()) as connection:
        built = title_line("Рейтинг организаций", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        since, until = _ask(built.as_of)
        filters.keep_in_address(PAGE, NAMES)
        if since > until:
            st.error("Первый месяц позже последнего. Поменяйте их местами.")
            return
        last_day = (until + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        rows = [
            {**row, "place": place}
            for place, row in enumerate(
                municipal_debt.rating(connection, since, until, last_day), start=1
            )
        ]
    if not rows:
        st.info("За эти месяцы начислений нет. Выберите другие.")
        return
    show_table(rows, COLUMNS, key="rating_table")
    st.caption(
        f"{periods_ru(since, until).capitalize()}. Места – по собираемости: оплачено за период к "
        "начисленному. «Норм выполнено» – месячные нормы главных показателей действующих планов; "
        "норма дана на весь муниципалитет, у организации видна её часть."
    )
    st.button(
        "Выгрузить в Excel",
        icon=":material/table_view:",
        key="rating_export",
        on_click=exports.open_dialog,
        args=("rating",),
    )
    if exports.is_dialog_open("rating"):
        exports.offer_workbook(
            name="rating",
            title=f"Рейтинг организаций, {periods_ru(since, until)}",
            columns=COLUMNS,
            count=len(rows),
            read=lambda _connection: rows,
            asked={"since": since.isoformat(), "until": until.isoformat()},
        )


def _ask(as_of: date) -> tuple[date, date]:
    months = [as_of.replace(day=1)]
    while len(months) < MONTHS_BACK:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    named = {month.isoformat(): period_ru(month) for month in months}
    january = as_of.replace(month=1, day=1)
    with st.container(horizontal=True, vertical_alignment="bottom", key="rating_filters"):
        since = filters.choice("С месяца", "since", named, nothing=period_ru(january), width=170)
        until = filters.choice("По месяц", "until", named, nothing=period_ru(months[0]), width=170)
        st.button("Сбросить", key="rating_reset", on_click=filters.reset, args=(NAMES,))
    return _month(since, january), _month(until, months[0])


def _month(chosen: str | None, otherwise: date) -> date:
    return date.fromisoformat(chosen) if chosen else otherwise


show()
