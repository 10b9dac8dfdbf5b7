"""Радар давности: roubles that no case claims and that pass three years within ninety days."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import charts, database, exports, filters, session
from apps.shared.page import title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, rubles, short_rubles
from operational_db.services import accounts, limitation
from operational_db.services.dashboard import BuildState
from operational_db.services.limitation import RadarScope

PAGE = "limitation"
ROWS_ON_A_PAGE = 50
CHOICES = ("organisation", "house", "band", "days")
NAMES = (*CHOICES, "page")
WINDOWS = {str(days): f"{days} дней" for days in limitation.WINDOWS}
# Each lighter than the one before by a step that a black-and-white printer keeps.
SHADES = ("#7f1d1d", "#c2503f", "#e2994a", "#efc893", "#e4e7eb")
URGENT_DAYS = 30

COLUMNS = [
    Column("account_number", "Лицевой счёт", width=90),
    Column("address", "Адрес", "address", width=300),
    Column("holder_name", "Плательщик", width=190),
    Column("first_date", "Давность", "date", width=85, help="Последний день по первому месяцу"),
    Column("days_left", "Дней", "count", width=50),
    Column("d30", "До 30 дней, ₽", "money", width=100, has_total=True),
    Column("d60", "31–60 дней, ₽", "money", width=100, has_total=True),
    Column("d90", "61–90 дней, ₽", "money", width=100, has_total=True),
    Column("total", "Всего, ₽", "money", width=100, has_total=True),
    Column("is_after_order", "После приказа", width=95, help="Приказ отменён: только иск"),
    Column(
        "is_mixed",
        "Должники",
        width=85,
        help="Давность у должников одного месяца разная: заявление остановило её не для всех",
    ),
    Column("is_held", "Удержано", width=75, help="Взыскание приостановлено; давность идёт"),
]


def show() -> None:
    """Figures, weeks ahead, and the accounts behind them."""
    with database.connection(session.token()) as connection:
        built = title_line("Радар давности", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        bands = limitation.bands(connection)
        scope = _ask(connection, bands)
        filters.start_from_first_page(scope)
        filters.keep_in_address(PAGE, NAMES)
        figures = limitation.figures(connection, scope)
        lost = limitation.lost(connection, scope)
        growth = limitation.growth(connection, scope)
        weeks = limitation.by_week(connection, scope)
        organisations = limitation.by_organisation(connection, scope)
        pages = max(1, -(-figures["accounts"] // ROWS_ON_A_PAGE))
        number = filters.current_page(pages)
        rows = limitation.accounts(
            connection, scope, limit=ROWS_ON_A_PAGE, offset=(number - 1) * ROWS_ON_A_PAGE
        )
    _show_tiles(figures, lost, built)
    _show_growth(growth, scope)
    if not rows:
        st.success("Ни один непросуженный месяц не выходит за давность в эти дни.")
        return
    left, right = st.columns([3, 2])
    with left:
        _show_weeks(weeks, bands)
    with right:
        _show_organisations(organisations, bands)
    _show_accounts(rows, figures, pages)
    _show_actions(scope, figures["accounts"])


def _ask(connection: Connection, bands: dict[str, str]) -> RadarScope:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="limitation_filters"):
        days = filters.choice("Ближайшие", "days", WINDOWS, nothing="90 дней", width=130)
        band = filters.choice("Группа долга", "band", bands, width=250)
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=260
            )
        houses = accounts.houses_with_accounts(connection, organisation_id)
        house_id = filters.number_choice("Дом", "house", houses, width=330)
        st.button("Сбросить", key="limitation_reset", on_click=filters.reset, args=(CHOICES,))
    return RadarScope(organisation_id, house_id, band, int(days or limitation.WINDOWS[-1]))


def _show_tiles(figures: Any, lost: Any, built: BuildState) -> None:
    told = counted(figures["accounts"], "счёт", "счёта", "счетов")
    tiles = (
        ("До 30 дней", figures["d30"], f"Давность истекает до {date_ru(_in_days(built, 30))}"),
        ("31–60 дней", figures["d60"], f"До {date_ru(_in_days(built, 60))}"),
        ("61–90 дней", figures["d90"], f"До {date_ru(_in_days(built, 90))}"),
        ("Всего истекает", figures["total"], f"Не заявлено ни в одном деле, {told}"),
        (
            "Давность прошла",
            lost["lost"],
            "Не заявлено вовремя: "
            + counted(lost["accounts"], "счёт", "счёта", "счетов")
            + ". Суд взыщет, если должник не заявит о давности",
        ),
    )
    for place, (label, value, hint) in zip(st.columns(len(tiles)), tiles, strict=True):
        with place:
            st.metric(label, short_rubles(value), border=True, help=f"{hint}: {rubles(value)}")


def _show_growth(growth: Any, scope: RadarScope) -> None:
    if not growth["growth"]:
        return
    told = counted(growth["accounts"], "счёт", "счёта", "счетов")
    passing = (
        f" Из него за {scope.days} дней выйдет за давность {rubles(growth['passing'])}: подача "
        "остановила срок только для заявленной суммы."
        if growth["passing"]
        else ""
    )
    st.info(
        f"Прирост по заявленным месяцам: {rubles(growth['growth'])} ({told}), ждёт конца дела: "
        f"один месяц бывает только в одном деле.{passing}"
    )


def _in_days(built: BuildState, days: int) -> Any:
    return built.as_of.fromordinal(built.as_of.toordinal() + days)


def _show_weeks(weeks: Sequence[Any], bands: dict[str, str]) -> None:
    mondays = sorted({row["week"] for row in weeks})
    figure = go.Figure(
        layout={
            "template": charts.TEMPLATE,
            "title": {"text": "Истекает по неделям и группам долга"},
            "barmode": "stack",
        }
    )
    for (code, label), colour in zip(bands.items(), SHADES, strict=False):
        amounts = {row["week"]: row["amount"] for row in weeks if row["band"] == code}
        if not amounts:
            continue
        figure.add_bar(
            name=label,
            x=list(range(len(mondays))),
            y=[float(amounts.get(monday, 0)) for monday in mondays],
            marker_color=colour,
            customdata=[
                f"неделя с {date_ru(monday)}, {label}: {rubles(amounts.get(monday, 0))}"
                for monday in mondays
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    sums = [sum(row["amount"] for row in weeks if row["week"] == monday) for monday in mondays]
    figure.add_scatter(
        x=list(range(len(mondays))),
        y=[float(value) for value in sums],
        mode="text",
        text=[short_rubles(value).replace(" ₽", "") for value in sums],
        textposition="top center",
        textfont={"size": 10},
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": -0.2, "font": {"size": 11}}
    )
    figure.update_xaxes(
        tickvals=list(range(len(mondays))), ticktext=[f"{monday:%d.%m}" for monday in mondays]
    )
    figure.update_yaxes(showticklabels=False, range=[0, max([1.0, *map(float, sums)]) * 1.15])
    charts.show_chart(figure, key="limitation_weeks", height=300)


def _show_organisations(rows: Sequence[Any], bands: dict[str, str]) -> None:
    st.markdown("**По организациям и группам долга**")
    show_table(
        [{**row, "band_name": bands.get(row["band"], row["band"])} for row in rows],
        [
            Column("organisation_name", "Организация", width=150),
            Column("band_name", "Группа", width=150),
            Column("accounts", "Счетов", "count", width=55),
            Column("total", "Истекает, ₽", "money", width=105),
        ],
        key="limitation_organisations",
        height=260 if len(rows) > 8 else "content",
    )


def _show_accounts(rows: Sequence[Any], figures: Any, pages: int) -> None:
    told = counted(figures["accounts"], "счёт", "счёта", "счетов")
    chosen = show_table(
        [_told(row) for row in rows],
        COLUMNS,
        key="limitation_accounts",
        totals={
            **{name: figures[name] for name in ("d30", "d60", "d90", "total")},
            "address": told,
        },
        is_selectable=True,
        height=420 if len(rows) > 12 else "content",
        highlight=lambda row: "#fdecea" if row["days_left"] <= URGENT_DAYS else None,
    )
    filters.page_number(pages)
    if chosen is not None:
        st.switch_page(menu.ACCOUNT, query_params={"account": str(chosen["account_id"])})


def _told(row: Any) -> dict[str, Any]:
    """The row with words where the database has yes and no."""
    return {
        **row,
        "is_after_order": "да" if row["is_after_order"] else "",
        "is_mixed": "разная" if row["is_mixed"] else "",
        "is_held": "да" if row["is_held"] else "",
    }


def _show_actions(scope: RadarScope, count: int) -> None:
    st.button(
        f"Выгрузить в Excel: {counted(count, 'строка', 'строки', 'строк')}",
        key="limitation_export",
        icon=":material/table_view:",
        on_click=exports.open_dialog,
        args=("limitation",),
    )
    if exports.is_dialog_open("limitation"):
        exports.offer_workbook(
            name="limitation_radar",
            title="Радар давности",
            columns=COLUMNS,
            count=count,
            read=lambda connection: map(_told, limitation.all_accounts(connection, scope)),
            asked={name: str(value) for name, value in scope.values().items() if value},
        )


show()
