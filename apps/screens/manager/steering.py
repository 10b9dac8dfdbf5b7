"""Управление взысканием: how debt ages, what the work comes to, who did what, what it costs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import charts, database, days, filters, session
from apps.shared.behind import show_behind
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import (
    counted,
    date_ru,
    number,
    percent,
    period_ru,
    rubles,
    short_rubles,
)
from operational_db.services import accounts, steering
from operational_db.services.behind_figures import Figure
from operational_db.services.dashboard import BuildState, Scope
from operational_db.services.sign_in import SignedInUser

PAGE = "steering"
FILTERS = ("organisation", "house", "days")
BUCKETS = {"none": "нет просрочки", **accounts.AGEING}
PERIODS = {"30": "30 дней", "90": "90 дней", "180": "полгода"}
OUTCOMES = {"kept": "выполнено", "partly": "частично", "broken": "не выполнено"}
WAS = Column("first_amount", "Было, ₽", "money", width=115)
OWED = Column("amount", "Сумма, ₽", "money", width=115)
DAY = Column("day", "День", "date", width=90)
CONTACT = Column("told", "Что было", width=220)
WORK = {**steering.CONTACT_KINDS, "duty": "госпошлина"}
ALL_DAYS = 365


def show() -> None:
    """Four tabs: where money is lost, where cases stand, what people did, what it cost."""
    with database.connection(session.token()) as connection:
        built = title_line("Управление взысканием", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        scope, days = _ask(connection)
    since = built.as_of - timedelta(days=days)
    ageing, stages, people, costs = st.tabs(
        ["Перетекание долга", "Воронка взыскания", "Люди и обещания", "Стоимость"]
    )
    with ageing:
        _show_vintage(built, scope)
        _show_rolls(built, scope)
    with stages:
        _show_funnel(built, scope, since)
    with people:
        _show_promises(built, scope, since)
        _show_people(built, scope, since)
    with costs:
        _show_costs(built, scope, since)


def _ask(connection: Connection) -> tuple[Scope, int]:
    filters.open_filters(PAGE, FILTERS)
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=300
            )
        houses = accounts.houses_with_accounts(connection, organisation_id)
        house_id = filters.number_choice("Дом", "house", houses, width=360)
        days = filters.choice("За", "days", PERIODS, nothing="год", width=130)
        st.button("Сбросить", key="steering_reset", on_click=filters.reset, args=(FILTERS,))
    filters.keep_in_address(PAGE, FILTERS)
    return Scope(organisation_id, house_id), int(days or ALL_DAYS)


def _show_vintage(built: BuildState, scope: Scope) -> None:
    rows = _read("vintage", built, scope, built.as_of)
    if not rows:
        st.info("Начислений ещё нет: собираемость считать не от чего.")
        return
    origins = sorted({row["origin"] for row in rows})
    ages = sorted({row["age"] for row in rows})
    cells = {(row["origin"], row["age"]): row for row in rows}
    figure = charts.heat_map(
        "Собрано из начисленного за месяц, нарастающим итогом",
        [f"+{age}" if age else "в месяце" for age in ages],
        [period_ru(origin) for origin in origins],
        [[cells[o, age]["share"] if (o, age) in cells else None for age in ages] for o in origins],
        [[_vintage_told(cells.get((o, age))) for age in ages] for o in origins],
        across="месяцев после начисления",
    )
    chosen = charts.chosen_cell(
        charts.show_chart(
            figure,
            key="steering_vintage",
            height=110 + 25 * len(origins),
            on_select="rerun",
            selection_mode="points",
        ),
        len(ages),
    )
    st.caption(
        "Строка – месяц начисления. Деньги, внесённые раньше своего месяца, стоят в нём. "
        "Щёлкните по клетке: откроется, кто этот месяц ещё не оплатил."
    )
    if chosen is not None and chosen[0] < len(origins):
        origin = origins[chosen[0]]
        show_behind(
            f"Не оплатили {period_ru(origin)} к {date_ru(built.as_of)}",
            Figure("unpaid", scope, until=built.as_of, origin=origin),
            [
                Column("day", "Срок оплаты", "date", width=100),
                OWED,
                Column("told", "Закрыто без денег", width=170),
            ],
            key="steering_vintage_behind",
        )


def _vintage_told(row: Any) -> str:
    if row is None:
        return ""
    return f"Собрано {rubles(row['paid'])} из {rubles(row['charged'])}: {percent(row['share'])}"


def _show_rolls(built: BuildState, scope: Scope) -> None:
    rows = _read("roll_rates", built, scope)
    if not rows:
        st.info("На концы двух прошлых месяцев просрочки не было: перетекать нечему.")
        return
    second = built.as_of.replace(day=1) - timedelta(days=1)
    first = second.replace(day=1) - timedelta(days=1)
    cells = {(row["from_bucket"], row["to_bucket"]): row for row in rows}
    shown = [b for b in BUCKETS if any(row["from_bucket"] == b for row in rows)]
    figure = charts.heat_map(
        f"Куда перешли счета с {date_ru(first)} по {date_ru(second)}",
        list(BUCKETS.values()),
        [BUCKETS[bucket] for bucket in shown],
        [[cells[a, b]["share"] if (a, b) in cells else None for b in BUCKETS] for a in shown],
        [[_roll_told(cells.get((a, b))) for b in BUCKETS] for a in shown],
        across="срок старшего долга на конец месяца",
    )
    chosen = charts.chosen_cell(
        charts.show_chart(
            figure,
            key="steering_rolls",
            height=130 + 28 * len(shown),
            on_select="rerun",
            selection_mode="points",
        ),
        len(BUCKETS),
    )
    worse = sum(row["accounts"] for row in rows if _is_worse(row))
    better = sum(row["accounts"] for row in rows if row["to_bucket"] == "none")
    st.markdown(
        f"Без просрочки стали **{counted(better, 'счёт', 'счёта', 'счетов')}**, "
        f"ушли в больший срок **{counted(worse, 'счёт', 'счёта', 'счетов')}**."
    )
    if chosen is None or chosen[0] >= len(shown):
        st.caption("Щёлкните по клетке: откроются её счета.")
        return
    source, target = shown[chosen[0]], list(BUCKETS)[chosen[1]]
    if (source, target) not in cells:
        st.caption("В этой клетке счетов нет. Щёлкните по клетке с долей.")
        return
    show_behind(
        f"Из «{BUCKETS[source]}» в «{BUCKETS[target]}»",
        Figure("roll", scope, until=built.as_of, code=source, to_code=target),
        [WAS, Column("amount", "Стало, ₽", "money", width=115)],
        key="steering_rolls_behind",
    )


def _is_worse(row: Any) -> bool:
    order = list(BUCKETS)
    return order.index(row["to_bucket"]) > order.index(row["from_bucket"])


def _roll_told(row: Any) -> str:
    if row is None:
        return ""
    return (
        f"{counted(row['accounts'], 'счёт', 'счёта', 'счетов')}, "
        f"долг был {rubles(row['first_debt'])}, стал {rubles(row['second_debt'])}"
    )


def _show_funnel(built: BuildState, scope: Scope, since: date) -> None:
    rows = _read("funnel", built, scope, since)
    if not any(row["accounts"] for row in rows):
        st.info("Просрочки нет и событий за этот срок нет. Выберите больший срок.")
        return
    figure = charts.stage_bars(
        f"Счета по стадиям с {date_ru(since)}",
        [steering.STAGES[row["stage"]] for row in rows],
        [row["accounts"] for row in rows],
        [_stage_told(row) for row in rows],
    )
    place = charts.chosen_place(
        charts.show_chart(
            figure,
            key="steering_funnel",
            height=310,
            on_select="rerun",
            selection_mode="points",
        )
    )
    chosen = show_table(
        [{**row, "name": steering.STAGES[row["stage"]]} for row in rows],
        [
            Column("name", "Стадия", width=260),
            Column("accounts", "Счетов", "count", width=80),
            Column("amount", "Сумма, ₽", "money", width=140),
            Column("days", "Дней от прошлой стадии", "count", width=180,
                   help="Медиана по счетам, которые прошли обе стадии в этом порядке"),
        ],
        key="steering_stages",
        is_selectable=True,
    )  # fmt: skip
    stage = chosen["stage"] if chosen else None if place is None else rows[place]["stage"]
    if stage is None:
        st.caption("Щёлкните по столбику или слева от строки: откроются счета стадии.")
        return
    show_behind(
        steering.STAGES[stage],
        Figure("stage", scope, since=since, code=stage),
        [DAY, OWED, Column("told", "Документ", width=200)],
        key="steering_stage_behind",
    )


def _stage_told(row: Any) -> str:
    told = number(row["accounts"])
    if row["days"] is not None:
        told += f" · {counted(round(row['days']), 'день', 'дня', 'дней')}"
    return told


def _show_promises(built: BuildState, scope: Scope, since: date) -> None:
    rows = {row["outcome"]: row for row in _read("promises", built, scope, since, built.as_of)}
    st.markdown("**Обещания, срок которых наступил**")
    if not rows:
        st.info("Обещаний за этот срок нет. Их записывает оператор после разговора.")
        return
    tiles = st.columns(len(OUTCOMES))
    for tile, (outcome, told) in zip(tiles, OUTCOMES.items(), strict=True):
        row = rows.get(outcome)
        tile.metric(
            told.capitalize(),
            percent(row["share"]) if row else percent(0),
            delta=counted(row["promises"] if row else 0, "обещание", "обещания", "обещаний"),
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=f"Оплачено в срок: {rubles(row['paid'] if row else 0)}",
        )
    st.caption(
        "Выполнено: к обещанному дню пришло не меньше обещанного; если сумма не названа – любая "
        "оплата."
    )
    outcome = st.segmented_control(
        "Открыть обещания",
        [code for code in OUTCOMES if code in rows],
        format_func=lambda code: f"Открыть: {OUTCOMES[code]}",
        key="steering_outcome",
        label_visibility="collapsed",
    )
    if outcome:
        show_behind(
            f"Обещания: {OUTCOMES[outcome]}",
            Figure("promise", scope, since=since, until=built.as_of, code=outcome),
            [
                Column("day", "Обещано к", "date", width=95),
                Column("first_amount", "Обещано, ₽", "money", width=115),
                Column("amount", "Оплачено, ₽", "money", width=115),
            ],
            key="steering_promise_behind",
        )


def _show_people(built: BuildState, scope: Scope, since: date) -> None:
    st.markdown("**Продуктивность**")
    rows = _read("people", built, scope, since)
    if not rows:
        st.info("Звонков, писем и визитов за этот срок нет.")
        return
    chosen = show_table(
        rows,
        [
            Column("person", "Сотрудник", width=280),
            Column("calls", "Звонков", "count", width=90),
            Column("talked", "Разговоров", "count", width=100),
            Column("reach", "Дозвон", "share", width=90),
            Column("promises", "Обещаний", "count", width=100),
            Column("visits", "Визитов", "count", width=90),
            Column("visits_met", "Застали", "count", width=90),
        ],
        key="steering_people",
        is_selectable=True,
    )
    if chosen is not None:
        show_behind(
            f"Работа: {chosen['person']}",
            Figure("person", scope, since=since, code=chosen["person"]),
            [DAY, CONTACT],
            key="steering_person_behind",
        )


def _show_costs(built: BuildState, scope: Scope, since: date) -> None:
    rows = _read("cost_of_collection", built, scope, since)
    if not rows:
        st.info("Работы и пошлин за этот срок нет.")
    else:
        first = rows[0]
        unpriced = [WORK[row["kind"]] for row in rows if row["cost"] is None]
        left, right, third = st.columns(3)
        left.metric(
            "Взыскано старого долга",
            short_rubles(first["collected"]),
            border=True,
            help=f"Оплаты за месяцы старше прошлого: {rubles(first['collected'])}",
        )
        right.metric(
            "Потрачено",
            "—" if first["all_costs"] is None else short_rubles(first["all_costs"]),
            border=True,
        )
        third.metric(
            "На рубль взысканного",
            "—" if first["cost_of_rouble"] is None else rubles(first["cost_of_rouble"]),
            border=True,
        )
        if unpriced:
            st.warning(f"Нет цены: {', '.join(unpriced)}. Без них стоимость неполна.")
        chosen = show_table(
            [{**row, "name": WORK[row["kind"]]} for row in rows],
            [
                Column("name", "Вид работы", width=220),
                Column("pieces", "Количество", "count", width=110),
                Column("cost", "Стоимость, ₽", "money", width=140),
            ],
            key="steering_costs",
            is_selectable=True,
        )
        if chosen is not None:
            is_duty = chosen["kind"] == "duty"
            show_behind(
                chosen["name"].capitalize(),
                Figure("work", scope, since=since, code=chosen["kind"]),
                [DAY, OWED if is_duty else CONTACT],
                key="steering_work_behind",
            )
    if session.user().has_any_role("manager"):
        _set_cost()


def _set_cost() -> None:
    user = session.user()
    with st.form("steering_cost", clear_on_submit=True):
        st.markdown("**Цена единицы работы**")
        first, second, third = st.columns(3)
        kind = first.selectbox(
            "Вид работы",
            list(steering.CONTACT_KINDS),
            format_func=steering.CONTACT_KINDS.__getitem__,
            key="cost_kind",
        )
        price = second.text_input("Цена, ₽", key="cost_price")
        today = datetime.now(MOSCOW).date()
        since = days.field("Действует с", today, key="cost_since", place=third)
        saved = st.form_submit_button("Записать цену", key="cost_save")
    if not saved:
        return
    value = filters.parsed_sum(price)
    if value is None or value < 0:
        st.error(f"«{price}» – не цена. Напишите, например, 12,50.")
        return
    with database.connection(session.token()) as connection:
        steering.set_cost(connection, user.organisation_id, kind, Decimal(value), since)
    st.cache_data.clear()
    say_later(f"Цена записана: {steering.CONTACT_KINDS[kind]} – {rubles(value)}.")
    st.rerun()


def _read(name: str, built: BuildState, scope: Scope, *rest: Any) -> Any:
    return _cached(name, session.user(), built.built_at, datetime.now(MOSCOW).hour, scope, rest)


@st.cache_data(max_entries=300, ttl=600, show_spinner="Считаем…")
def _cached(
    name: str, user: SignedInUser, built_at: datetime, hour: int, scope: Scope, rest: tuple
) -> Any:
    """One query of the screen, kept for this very user and build; work is recorded all day."""
    del user, built_at, hour
    query: Callable = getattr(steering, name)
    with database.connection(session.token()) as connection:
        return [dict(row) for row in query(connection, scope, *rest)]


show()
