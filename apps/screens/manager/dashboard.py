"""Сводка: how much is owed, how it changes, how well money is collected, and where to look."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import streamlit as st

from apps import menu
from apps.shared import charts, database, filters, session
from apps.shared.behind import show_behind
from apps.shared.page import title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import (
    counted,
    percent,
    period_ru,
    periods_ru,
    rubles,
    short_rubles,
)
from operational_db.services import accounts, dashboard
from operational_db.services.behind_figures import Figure
from operational_db.services.dashboard import BuildState, Scope
from operational_db.services.sign_in import SignedInUser

FILTERS = ("organisation", "house")
MONTHS_SHOWN = 13
TILE_HEIGHT = 105


def show() -> None:
    """The whole screen: figures first, panels after."""
    with database.connection(session.token()) as connection:
        built = title_line("Сводка по долгам", connection)
        if built is None:
            st.info(
                "Показатели ещё ни разу не рассчитаны. Загрузите начисления и оплаты и нажмите "
                "«Обновить»."
            )
            return
        scope = _ask_for_scope(connection)
    figures = _read("debt_figures", built, scope)
    if not figures["accounts"]:
        if scope.house_id is None:
            st.info("Счетов ещё нет. Загрузите начисления и оплаты: «Учёт» → «Загрузка файлов».")
        else:
            st.info("В этом доме счетов нет. Выберите другой дом или снимите выбор.")
        return
    collection = _read("collection_by_month", built, scope)
    debt_tile = _show_tiles(figures, collection, built, scope)
    left, right = st.columns([3, 2])
    with left:
        debts = _show_debt_by_month(built, scope)
    # The one slow query: the figure stands before it, and learns its trend after it.
    with debt_tile:
        _debt_tile(figures, [row["debt"] for row in debts])
    with right:
        _show_ageing(figures, scope)
    left, right = st.columns(2)
    with left:
        _show_collection(collection, scope)
    with right:
        _show_houses(built, scope)
    left, right = st.columns(2)
    with left:
        _show_organisations(built, scope, collection)
        _show_origin(built, scope)
    with right:
        _show_services(built, scope, collection)


def _ask_for_scope(connection: Any) -> Scope:
    filters.open_filters("dashboard", FILTERS)
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=320
            )
        houses = accounts.houses_with_accounts(connection, organisation_id)
        house_id = filters.number_choice("Дом", "house", houses, width=380)
        st.button("Сбросить", key="dashboard_reset", on_click=filters.reset, args=(FILTERS,))
    filters.keep_in_address("dashboard", FILTERS)
    return Scope(organisation_id, house_id)


def _show_tiles(figures: Any, collection: list, built: BuildState, scope: Scope) -> Any:
    """Show the figures; return the place of the first, which is told its trend later."""
    received = _read("received_in_month", built, scope, built.as_of)
    tiles = st.columns(6)
    with tiles[0]:
        debt_tile = st.empty()
        with debt_tile:
            _debt_tile(figures, [])
        _link(figures["debtors"], scope, state="debt", sort="debt")
    with tiles[1]:
        _tile("Просрочено", figures["overdue_debt"], hint="Срок оплаты прошёл")
        _link(figures["overdue_accounts"], scope, state="overdue", sort="overdue")
    with tiles[2]:
        _tile("Старше трёх лет", figures["y3_plus"], hint="Исковая давность на исходе или прошла")
        _link(None, scope, bucket="y3_plus", sort="overdue")
    with tiles[3]:
        _tile("Переплаты", -figures["advance"], hint="Внесено вперёд")
        _link(figures["advance_accounts"], scope, state="advance")
    with tiles[4]:
        _collection_tile(collection)
        st.caption(f"С начала месяца: {short_rubles(received['paid'])}")
    with tiles[5]:
        _year_tile(collection)
        st.page_link(
            menu.ACCOUNTS,
            label=f"Всего {counted(figures['accounts'], 'счёт', 'счёта', 'счетов')} →",
            query_params=_link_to(scope),
        )
    return debt_tile


def _debt_tile(figures: Any, trend: list) -> None:
    _tile("Долг", figures["debt"], trend=trend, hint="Весь долг, и срок которого не наступил")


def _tile(label: str, value: Any, *, hint: str, trend: list | None = None) -> None:
    options: dict[str, Any] = {}
    if trend and len(trend) > 1:
        change = trend[-1] - trend[-2]
        options = {
            "delta": f"{'+' if change > 0 else ''}{short_rubles(change)} за месяц",
            "delta_color": "red" if change > 0 else "green" if change < 0 else "gray",
            "delta_arrow": "up" if change > 0 else "down" if change < 0 else "off",
        }
    st.metric(
        label,
        short_rubles(value),
        border=True,
        height=TILE_HEIGHT,
        help=f"{hint}: {rubles(value)}",
        **options,
    )


def _collection_tile(collection: list) -> None:
    if not collection:
        st.metric("Собираемость месяца", "—", border=True, height=TILE_HEIGHT)
        return
    last = collection[-1]
    st.metric(
        "Собираемость месяца",
        percent(last["share"]),
        border=True,
        height=TILE_HEIGHT,
        delta=f"за {period_ru(last['period'])}",
        delta_color="off",
        delta_arrow="off",
        help=f"Оплачено {rubles(last['paid'])} при начислении {rubles(last['charged'])}",
    )


def _year_tile(collection: list) -> None:
    if not collection:
        st.metric("Собираемость за год", "—", border=True, height=TILE_HEIGHT)
        return
    last = collection[-1]
    since = collection[-last["months_in_year"]]["period"]
    st.metric(
        "Собираемость за год",
        percent(last["share_of_year"]),
        border=True,
        height=TILE_HEIGHT,
        delta=f"{since:%m.%Y} – {last['period']:%m.%Y}",
        delta_color="off",
        delta_arrow="off",
        help="Всё оплаченное за эти месяцы к начисленному за них же",
    )


def _show_debt_by_month(built: BuildState, scope: Scope) -> list:
    rows = _debts(built, scope)
    figure = charts.debt_line(
        f"Долг на {built.as_of.day}-е число каждого месяца – нажмите, чтобы открыть счета",
        [row["day"] for row in rows],
        [row["debt"] for row in rows],
    )
    place = charts.chosen_place(
        charts.show_chart(figure, key="dashboard_debt", on_select="rerun", selection_mode="points")
    )
    if place is not None:
        day = f"{rows[place]['day']:%d.%m.%Y}"
        st.switch_page(menu.DEBT_INFORMATION, query_params=_link_to(scope, on_day=day))
    return rows


def _show_ageing(figures: Any, scope: Scope) -> None:
    parts = {"not_due": "срок не наступил", **accounts.AGEING}
    colours = [charts.PALE, *[charts.ACCENT] * 3, *[charts.AMBER] * 3, charts.RED]
    figure = charts.ageing_bars(
        "Долг по срокам – нажмите, чтобы открыть счета",
        list(parts.values()),
        [figures[part] for part in parts],
        colours,
    )
    event = charts.show_chart(
        figure, key="dashboard_ageing", on_select="rerun", selection_mode="points"
    )
    place = charts.chosen_place(event)
    if place is not None:
        part = list(parts)[place]
        asked = {"bucket": part} if part in accounts.AGEING else {"state": "debt"}
        st.switch_page(menu.ACCOUNTS, query_params=_link_to(scope, sort="debt", **asked))


def _show_collection(collection: list, scope: Scope) -> None:
    if not collection:
        st.info("Начислений ещё нет: собираемость считать не от чего.")
        return
    shown = collection[-MONTHS_SHOWN:]
    figure = charts.collection_bars(
        "Собираемость: оплачено за месяц к начисленному за месяц",
        [row["period"] for row in shown],
        [row["share"] for row in shown],
    )
    place = charts.chosen_place(
        charts.show_chart(
            figure,
            key="dashboard_collection",
            height=230,
            on_select="rerun",
            selection_mode="points",
        )
    )
    if place is None:
        return
    month = shown[place]["period"]
    last_day = month.replace(day=monthrange(month.year, month.month)[1])
    if _may_open(menu.PAYMENTS_REGISTER):
        st.switch_page(
            menu.PAYMENTS_REGISTER,
            query_params=filters.address_of(
                organisation=scope.organisation_id,
                since_day=f"{month:%d.%m.%Y}",
                until_day=f"{last_day:%d.%m.%Y}",
            ),
        )
    st.switch_page(
        menu.TURNOVER_SHEET,
        query_params=_link_to(scope, since=f"{month:%Y-%m}", until=f"{month:%Y-%m}"),
    )


def _show_houses(built: BuildState, scope: Scope) -> None:
    st.markdown("**Дома с наибольшим просроченным долгом**")
    rows = _read("top_houses", built, scope)
    if not rows:
        st.info("Просроченного долга нет.")
        return
    chosen = show_table(
        rows,
        [
            Column("house_address", "Дом", width=330),
            Column("debtors", "Счетов", "count", width=70),
            Column("overdue_debt", "Просрочено, ₽", "money", width=115),
        ],
        key="dashboard_houses",
        is_selectable=True,
        height=230,
    )
    if chosen is not None:
        query = _link_to(scope, house=chosen["house_id"], state="overdue", sort="overdue")
        st.switch_page(menu.ACCOUNTS, query_params=query)


def _show_organisations(built: BuildState, scope: Scope, collection: list) -> None:
    since, until = _year(collection, built)
    rows = _read("by_organisation", built, scope, since, until)
    if len(rows) < 2:
        return
    st.markdown("**По организациям**")
    chosen = show_table(
        rows,
        [
            Column("organisation_name", "Организация", width=235),
            Column("debtors", "Счетов", "count", width=60),
            Column("debt", "Долг, ₽", "money", width=110),
            Column("overdue_debt", "Просрочено, ₽", "money", width=110),
            Column("share_of_year", "Собир.", "share", width=65, help="За последние 12 месяцев"),
        ],
        key="dashboard_organisations",
        is_selectable=True,
    )
    if chosen is not None:
        query = _link_to(scope, organisation=chosen["organisation_id"], state="debt", sort="debt")
        st.switch_page(menu.ACCOUNTS, query_params=query)


def _show_services(built: BuildState, scope: Scope, collection: list) -> None:
    since, until = _year(collection, built)
    st.markdown(f"**По услугам: {periods_ru(since, until)}**")
    chosen = show_table(
        _read("by_service", built, scope, since, until),
        [
            Column("service_name", "Услуга", width=300),
            Column("charged", "Начислено, ₽", "money", width=115),
            Column("paid", "Оплачено, ₽", "money", width=115),
            Column("share", "Собир.", "share", width=70),
        ],
        key="dashboard_services",
        is_selectable=True,
    )
    if chosen is not None and _may_open(menu.TURNOVER_SHEET):
        st.switch_page(
            menu.TURNOVER_SHEET,
            query_params=_link_to(
                scope,
                service=chosen["service_id"],
                since=f"{since:%Y-%m}",
                until=f"{until:%Y-%m}",
            ),
        )


def _show_origin(built: BuildState, scope: Scope) -> None:
    st.markdown("**Собрано из начисленного за месяц, когда бы ни оплатили**")
    chosen = show_table(
        _read("collection_by_origin", built, scope),
        [
            Column("period", "За месяц", "month", width=120),
            Column("charged", "Начислено, ₽", "money", width=125),
            Column("paid", "Оплачено, ₽", "money", width=125),
            Column("unpaid", "Не оплачено, ₽", "money", width=120),
            Column("share", "Собрано", "share", width=75),
        ],
        key="dashboard_origin",
        is_selectable=True,
    )
    if chosen is not None:
        show_behind(
            f"Не оплатили {period_ru(chosen['period'])}",
            Figure("unpaid", scope, until=built.as_of, origin=chosen["period"]),
            [
                Column("day", "Срок оплаты", "date", width=100),
                Column("amount", "Не оплачено, ₽", "money", width=115),
                Column("told", "Закрыто без денег", width=170),
            ],
            key="dashboard_unpaid",
        )


def _link(count: int | None, scope: Scope, **asked: str) -> None:
    label = "Открыть список →"
    if count is not None:
        label = f"{counted(count, 'счёт', 'счёта', 'счетов')} →"
    st.page_link(menu.ACCOUNTS, label=label, query_params=_link_to(scope, **asked))


def _may_open(path: str) -> bool:
    """Whether the menu of the user has the screen; another one cannot be switched to."""
    return session.user().has_any_role(*menu.roles_of(path))


def _link_to(scope: Scope, **asked: Any) -> dict[str, str]:
    of_scope = {"organisation": scope.organisation_id, "house": scope.house_id}
    return filters.address_of(**{**of_scope, **asked})


def _debts(built: BuildState, scope: Scope) -> list:
    return _read("debt_by_month", built, scope, built.as_of, MONTHS_SHOWN)


def _year(collection: list, built: BuildState) -> tuple[date, date]:
    """The months that the twelve-month collection is counted over."""
    if not collection:
        return built.as_of.replace(month=1, day=1), built.as_of
    months = collection[-1]["months_in_year"]
    return collection[-months]["period"], collection[-1]["period"]


def _read(name: str, built: BuildState, scope: Scope, *rest: Any) -> Any:
    return _cached(name, session.user(), built.built_at, scope, rest)


@st.cache_data(max_entries=500, show_spinner=False)
def _cached(name: str, user: SignedInUser, built_at: datetime, scope: Scope, rest: tuple) -> Any:
    """One query of the dashboard, kept for this very user and this very build."""
    # Named without an underscore, or Streamlit would leave them out of the key of the cache and
    # show one organisation the figures of another.
    del user, built_at
    query: Callable = getattr(dashboard, name)
    with database.connection(session.token()) as connection:
        found = query(connection, scope, *rest)
    return [dict(row) for row in found] if isinstance(found, list) else dict(found)


show()
