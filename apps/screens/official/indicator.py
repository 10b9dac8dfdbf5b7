"""Показатель плана: its course, and every event that was counted or was not, with the reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import charts, database, exports, filters, session
from apps.shared.figures import LIGHTS, days_told, figure, figure_kind, period_told
from apps.shared.page import title_line
from apps.shared.tables import Column, show_table
from document_gen.plan_report import signed_deviation
from document_gen.russian import counted, number, percent
from operational_db.services import plans
from operational_db.services.plans import STATUSES, EventFilter

ROWS_ON_A_PAGE = 50
WHAT = [
    Column("event_at", "Когда", "moment", width=120),
    Column("event_name", "Событие", width=165),
    Column("account_number", "Лицевой счёт", width=95),
    Column("address", "Адрес", "address", width=240),
]
DEBT = [
    Column("result_name", "Результат", width=95),
    Column("overdue_debt", "Долг на день, ₽", "money", width=108),
    Column("band_code", "Полоса", width=58),
]
PAPER = [
    Column("document_number", "Документ", width=88),
    Column("event_id", "№ события", "count", width=78),
]
COUNTED_COLUMNS = [
    *WHAT,
    Column("organisation_name", "Организация", width=150),
    *DEBT,
    Column("event_amount", "Сумма, ₽", "money", width=95, has_total=True),
    *PAPER,
]
AFTER = Column("amount_after", "Осталось после, ₽", "money", width=110)
OF_DIFFERENCES = ("difference_removed", "difference_open")
EXCLUDED_COLUMNS = [*WHAT, *DEBT, Column("reason", "Почему не засчитано", width=250), *PAPER]


def show() -> None:
    """Head, figures, course, bands, lists."""
    query = st.query_params
    try:
        indicator_id = filters.row_number(query["indicator"])
        organisation_id = filters.row_number(query["organisation"])
        kind, start = filters.plain_text(query["kind"]), date.fromisoformat(query["start"])
    except (KeyError, ValueError):
        indicator_id = organisation_id = None
    if indicator_id is None or organisation_id is None:
        st.info("Показатель не выбран. Откройте его из плана мероприятий.")
        st.page_link(menu.PLAN, label="План мероприятий →")
        return
    asked = (indicator_id, organisation_id, kind, start)
    with database.connection(session.token()) as connection:
        title_line("Показатель плана", connection, period_told(kind, start))
        rule = plans.indicator(connection, indicator_id)
        one = plans.execution(connection, *asked) if rule is not None else None
        if rule is None or one is None:
            st.info("Такого показателя за этот период нет. Откройте его из плана мероприятий.")
            st.page_link(menu.PLAN, label="План мероприятий →")
            return
        row = {**rule, **one, "deviation": None}
        st.markdown(f"**{rule['code']}. {rule['title']}** · {rule['measure_name'].splitlines()[0]}")
        _show_figures(row)
        events = EventFilter(indicator_id, organisation_id, one["period_start"], one["period_end"])
        _show_course(connection, asked, row)
        if rule["is_daily_norm"]:
            _show_feasibility(connection, indicator_id, organisation_id)
        if rule["counts"] in ("bills_marked", "bills_with_penalty"):
            _show_bills(connection, events, rule)
        else:
            if rule["counts"] == "difference_open":
                _show_open_differences(connection, events)
            _show_events(connection, events, rule)


def _show_figures(row: Mapping[str, Any]) -> None:
    kind = figure_kind(row)
    deviation = None
    if row["fact"] is not None and row["target"] is not None:
        deviation = signed_deviation(row["fact"] - row["target"], kind)
    cumulative = "share" if row["is_daily_norm"] else kind
    tiles = (
        ("Факт", figure(row["fact"], kind)),
        ("План", figure(row["target"], kind) if row["target"] is not None else "без норматива"),
        ("Выполнение", percent(row["execution_share"])),
        ("С начала года", figure(row["cumulative_fact"], cumulative)),
        ("Прогноз на конец", figure(row["forecast"], kind)),
        ("Состояние", LIGHTS[row["status_code"]] + STATUSES[row["status_code"]]),
    )
    for place, (label, value) in zip(st.columns(len(tiles)), tiles, strict=True):
        place.metric(label, value, border=True)
    told = [f"отклонение {deviation}"] if deviation else []
    if row["is_daily_norm"] and row["period_kind"] != "day":
        told.append(days_told(row))
    elif row["denominator"] is not None:
        told.append(f"{number(row['numerator'])} из {number(row['denominator'])}")
    if told:
        st.caption("; ".join(told).capitalize() + ".")


def _show_course(connection: Connection, asked: tuple, row: Mapping[str, Any]) -> None:
    course = plans.trend(connection, *asked)
    kind = figure_kind(row)
    left, right = st.columns([3, 2])
    with left:
        charts.show_chart(
            charts.plan_bars(
                "Факт по периодам и норма",
                _names(asked[2], [point["period_start"] for point in course]),
                [point["fact"] for point in course],
                [point["target"] for point in course],
                lambda value: figure(value, kind),
            ),
            key="indicator_course",
            height=230,
        )
    with right, st.container(border=True, key="indicator_rule"):
        st.markdown("**Как посчитано**")
        st.markdown(row["counting_rule"])
        st.caption(f"Версия плана {row['plan_version']}, код {row['plan_code']}.")


def _names(kind: str, starts: list[date]) -> list[str]:
    """Names of periods below the bars, short enough to stand side by side."""
    if kind == "month":
        return charts.month_ticks(starts)
    if kind == "day":
        return [f"{start:%d.%m}" for start in starts]
    return [period_told(kind, start).replace(" ", "<br>", 1) for start in starts]


def _show_feasibility(connection: Connection, indicator_id: int, organisation_id: int) -> None:
    found = plans.feasibility(connection, indicator_id, organisation_id)
    if found is None:
        return
    people = (
        "за 30 дней никто не звонил"
        if found["people"] is None
        else f"звонили {counted(found['people'], 'человек', 'человека', 'человек')}, "
        f"по {number(found['accounts_per_person'], 1)} счёта в день; "
        f"для нормы нужно {counted(found['people_needed'], 'человек', 'человека', 'человек')}"
    )
    text = (
        f"**Выполнимо ли:** должников в полосах {number(found['debtors'])}, норма месяца "
        f"{number(found['calls_needed'])} звонков – это {number(found['calls_per_debtor'], 1)} на "
        f"должника; пределы частоты пропускают {number(found['calls_allowed'])}. Обойти всех по "
        f"разу – {counted(found['days_to_cover'], 'рабочий день', 'рабочих дня', 'рабочих дней')}. "
        f"{people[0].upper() + people[1:]}."
    )
    if found["calls_needed"] > (found["calls_allowed"] or 0):
        st.warning(f"{text} Норма больше, чем можно сделать, не нарушая пределов частоты.")
    else:
        st.info(text)


def _show_events(connection: Connection, asked: EventFilter, rule: Mapping[str, Any]) -> None:
    totals = plans.event_totals(connection, asked)
    options = {
        "counted": f"Засчитано: {number(totals['counted'])}",
        "excluded": f"Не засчитано: {number(totals['excluded'])}",
        "bands": "По полосам долга",
    }
    if totals["counted"] + totals["excluded"] == 0:
        st.info(f"Событий за этот период нет. Внесите: {rule['awaits']}.")
        return
    chosen = st.segmented_control(
        "Что показать",
        list(options),
        format_func=options.__getitem__,
        default="counted",
        key="indicator_list",
        label_visibility="collapsed",
    )
    if chosen == "bands":
        _show_bands(connection, asked)
        return
    is_counted = chosen != "excluded"
    count = totals["counted"] if is_counted else totals["excluded"]
    if not is_counted:
        _show_reasons(connection, asked)
    pages = max(1, -(-count // ROWS_ON_A_PAGE))
    page = min(int(st.session_state.get("indicator_page") or 1), pages)
    rows = plans.events(
        connection,
        asked,
        is_counted=is_counted,
        limit=ROWS_ON_A_PAGE,
        offset=(page - 1) * ROWS_ON_A_PAGE,
    )
    if not rows:
        st.info("Таких событий нет.")
        return
    columns = COUNTED_COLUMNS if is_counted else EXCLUDED_COLUMNS
    if rule["counts"] in OF_DIFFERENCES:
        columns = [*(column for column in columns if column not in DEBT), AFTER]
    picked = show_table(
        rows,
        columns,
        key=f"indicator_events_{chosen}",
        is_selectable=True,
        height=420 if len(rows) > 13 else "content",
    )
    if pages > 1:
        st.pagination(pages, key="indicator_page")
    if picked is not None and picked["account_id"] is not None:
        st.switch_page(menu.ACCOUNT, query_params={"account": str(picked["account_id"])})
    st.button(
        f"Выгрузить в Excel: {counted(count, 'событие', 'события', 'событий')}",
        icon=":material/table_view:",
        key="indicator_export",
        on_click=exports.open_dialog,
        args=("indicator",),
    )
    if exports.is_dialog_open("indicator"):
        exports.offer_workbook(
            name="plan_events",
            title=f"События показателя {rule['code']}",
            columns=columns,
            count=count,
            read=lambda own: plans.all_events(own, asked, is_counted=is_counted),
            asked={name: str(value) for name, value in asked.values().items()},
        )


def _show_open_differences(connection: Connection, asked: EventFilter) -> None:
    rows = plans.open_differences(connection, asked)
    if not rows:
        return
    st.markdown(f"**Что осталось открытым на {asked.until:%d.%m.%Y}**")
    show_table(
        rows,
        [
            Column("organisation_name", "Организация", width=240),
            Column("bailiff_office", "ОСП", width=240),
            Column("event_date", "Последняя сверка", "date", width=125),
            Column("document_number", "Акт", width=220),
            Column("event_amount", "Было, ₽", "money", width=110),
            Column("open_amount", "Открыто, ₽", "money", width=120, has_total=True),
        ],
        key="indicator_open_differences",
    )


def _show_reasons(connection: Connection, asked: EventFilter) -> None:
    told = [
        f"{row['reason']} – {number(row['events'])}"
        for row in plans.excluded_by_reason(connection, asked)
    ]
    st.caption("Причины: " + "; ".join(told) + ".")


def _show_bands(connection: Connection, asked: EventFilter) -> None:
    rows = plans.events_by_band(connection, asked)
    if not rows:
        st.info("Среди засчитанных событий нет событий по лицевым счетам.")
        return
    show_table(
        rows,
        [
            Column("band_name", "Полоса долга на день события", width=260),
            Column("accounts", "Лицевых счетов", "count", width=120),
            Column("events", "Событий", "count", width=100),
            Column("amount", "Сумма, ₽", "money", width=130),
        ],
        key="indicator_bands",
    )


def _show_bills(connection: Connection, asked: EventFilter, rule: Mapping[str, Any]) -> None:
    rows = plans.bills_without(connection, asked, rule["counts"])
    if not rows:
        st.success("Квитанций без нужных сведений за этот период нет.")
        return
    st.markdown(
        "**Квитанции, которые не засчитаны**"
        + (" – первые 500" if len(rows) == 500 else f": {number(len(rows))}")
    )
    show_table(
        rows,
        [
            Column("account_number", "Лицевой счёт", width=100),
            Column("address", "Адрес", "address", width=340),
            Column("organisation_name", "Организация", width=220),
            Column("period", "За месяц", "month", width=120),
            Column("issued_date", "Выставлена", "date", width=100),
            Column("penalty_amount", "Пени, ₽", "money", width=100),
        ],
        key="indicator_bills",
        height=420 if len(rows) > 13 else "content",
    )


show()
