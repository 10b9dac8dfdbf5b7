"""Задолженность муниципалитета: by organisation, band and house, on any day, without names."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import streamlit as st

from apps import menu
from apps.shared import database, exports, filters, session
from apps.shared.page import MOSCOW, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, number, percent, rubles, short_rubles
from operational_db.services import accounts, debt_bands, municipal_debt
from operational_db.services.dashboard import BuildState
from operational_db.services.municipal_debt import DebtQuestion
from operational_db.services.sign_in import SignedInUser

PAGE = "debt"
NAMES = ("day", "organisation", "band", "page")
ROWS_ON_A_PAGE = 30
TILE_HEIGHT = 105
EARLIEST = date(2000, 1, 1)

ORGANISATION_COLUMNS = [
    Column("organisation_name", "Организация", width=248),
    Column("debt", "Долг, ₽", "money", width=109, has_total=True),
    Column("overdue_debt", "Просрочено, ₽", "money", width=109, has_total=True),
    Column("change", "Изменение, ₽", "money", width=110, has_total=True),
    Column("debtors", "Должников", "count", width=80, has_total=True),
    Column("band_a", "> 100 т.", "count", width=68, has_total=True),
    Column("band_b", "50–100 т.", "count", width=74, has_total=True),
    Column("band_c", "10–50 т.", "count", width=68, has_total=True),
    Column("band_d", "5–10 т.", "count", width=64, has_total=True),
    Column("older_share", "> 3 мес.", "share", width=72, help="Доля просрочки старше 90 дней"),
    Column("share_of_month", "Собир. мес.", "share", width=84, help="Прошлый месяц"),
    Column("share_of_year", "Собир. 12 мес.", "share", width=98),
]
HOUSE_COLUMNS = [
    Column("house_address", "Дом", width=380),
    Column("accounts", "Счетов", "count", width=75),
    Column("debtors", "Должников", "count", width=85),
    Column("debt", "Долг, ₽", "money", width=125),
    Column("overdue_debt", "Просрочено, ₽", "money", width=125),
    Column("older_share", "Старше 3 мес.", "share", width=100),
    Column("change", "Изменение, ₽", "money", width=120),
]


def show() -> None:
    """The day and the filters, the figures, and three ways to divide them."""
    with database.connection(session.token()) as connection:
        built = title_line("Задолженность муниципалитета", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        organisations = accounts.organisations_with_accounts(connection)
        bands = debt_bands.names(connection)
    filters.open_filters(PAGE, NAMES)
    asked, band = _ask(built, organisations, bands)
    filters.start_from_first_page((asked, band))
    filters.keep_in_address(PAGE, NAMES)
    if asked is None:
        return
    with st.spinner("Считаю долг на выбранный день…", show_time=False):
        rows = _read("by_organisation", built, asked)
        by_band = _read("by_band", built, asked)
    if not rows:
        st.info(f"На {date_ru(asked.day)} долга нет. Выберите другой день или организацию.")
        return
    totals = _totals(rows)
    _show_tiles(rows, totals)
    st.caption(
        f"Долг на {date_ru(asked.day)}; изменение – к {date_ru(_compared_with(asked.day))}. "
        "Просрочено – основной долг после срока оплаты, без пени."
    )
    st.markdown("**По организациям**")
    show_table(
        rows,
        ORGANISATION_COLUMNS,
        key="debt_organisations",
        totals=totals if len(rows) > 1 else None,
    )
    st.markdown("**По полосам долга**")
    show_table(
        by_band,
        [
            Column("band_name", "Полоса", width=260),
            Column("debtors", "Должников", "count", width=100),
            Column("debtors_change", "Изменение", "count", width=100),
            Column("overdue_debt", "Просрочено, ₽", "money", width=130),
            Column("change", "Изменение, ₽", "money", width=130),
        ],
        key="debt_bands",
    )
    _show_houses(built, asked, band)


def _ask(
    built: BuildState, organisations: dict[int, str], bands: dict[str, str]
) -> tuple[DebtQuestion | None, str | None]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="debt_filters"):
        written = filters.words(
            "На дату", "day", placeholder=date_ru(built.as_of), width=130, help="31.12.2025"
        )
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=250
            )
        band = filters.choice("Дома: долг счетов", "band", bands, width=290)
        st.button("Сбросить", key="debt_reset", on_click=filters.reset, args=(NAMES,))
    day = _day(written, built)
    if day is None:
        return None, band
    return DebtQuestion(day, day == built.as_of, organisation_id), band


def _day(written: str, built: BuildState) -> date | None:
    if not written:
        return built.as_of
    try:
        day = datetime.strptime(written, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        st.error(f"«{written}» – не дата. Напишите, например, 31.12.2025.")
        return None
    if not EARLIEST <= day <= built.as_of:
        st.error(f"Нужен день с {date_ru(EARLIEST)} по {date_ru(built.as_of)}.")
        return None
    return day


def _compared_with(day: date) -> date:
    """The first day of the month, or of the month before for a first day itself."""
    if day.day > 1:
        return day.replace(day=1)
    return (
        day.replace(year=day.year - 1, month=12)
        if day.month == 1
        else day.replace(month=day.month - 1)
    )


def _totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    summed = [column.key for column in ORGANISATION_COLUMNS if column.has_total]
    return {
        "organisation_name": "Итого",
        **{key: sum(row[key] for row in rows) for key in summed},
    }


def _show_tiles(rows: Sequence[Mapping[str, Any]], totals: Mapping[str, Any]) -> None:
    worst = max(rows, key=lambda row: row["overdue_debt"])
    tiles = (
        ("Долг", short_rubles(totals["debt"]), rubles(totals["debt"]), None),
        (
            "Просрочено",
            short_rubles(totals["overdue_debt"]),
            rubles(totals["overdue_debt"]),
            short_rubles(totals["change"]),
        ),
        ("Должников", number(totals["debtors"]), "Счетов с просроченным долгом", None),
        ("Свыше 100 000 ₽", number(totals["band_a"]), "Полоса A", None),
        (
            "Больше всего",
            short_rubles(worst["overdue_debt"]),
            f"{worst['organisation_name']}, собираемость {percent(worst['share_of_year'])}",
            None,
        ),
    )
    for place, (label, value, hint, delta) in zip(st.columns(len(tiles)), tiles, strict=True):
        place.metric(
            label, value, delta, delta_color="inverse", help=hint, border=True, height=TILE_HEIGHT
        )


def _show_houses(built: BuildState, asked: DebtQuestion, band: str | None) -> None:
    rows = _read("by_house", built, asked, band, ROWS_ON_A_PAGE, 0)
    if not rows:
        st.info("Домов с таким долгом нет. Снимите фильтр «Дома: долг счетов».")
        return
    count = rows[0]["houses_in_all"]
    pages = -(-count // ROWS_ON_A_PAGE)
    page = filters.current_page(pages)
    if page > 1:
        rows = _read("by_house", built, asked, band, ROWS_ON_A_PAGE, (page - 1) * ROWS_ON_A_PAGE)
    st.markdown(f"**По домам**: {counted(count, 'дом', 'дома', 'домов')} с просроченным долгом")
    chosen = show_table(
        rows, HOUSE_COLUMNS, key="debt_houses", is_selectable=True, height="content"
    )
    filters.page_number(pages)
    if chosen is not None:
        st.switch_page(
            menu.ACCOUNTS,
            query_params=filters.address_of(
                house=chosen["house_id"], state="overdue", sort="overdue"
            ),
        )
    st.button(
        f"Выгрузить дома в Excel: {number(count)}",
        icon=":material/table_view:",
        key="debt_export",
        on_click=exports.open_dialog,
        args=("debt",),
    )
    if exports.is_dialog_open("debt"):
        exports.offer_workbook(
            name="municipal_debt",
            title=f"Задолженность по домам на {date_ru(asked.day)}",
            columns=HOUSE_COLUMNS,
            count=count,
            read=lambda own: municipal_debt.by_house(own, asked, band, limit=None),
            asked={name: str(value) for name, value in asked.values().items()},
        )


def _read(name: str, built: BuildState, asked: DebtQuestion, *rest: Any) -> list[dict[str, Any]]:
    today = datetime.now(MOSCOW).date()
    return _cached(name, session.user(), built.built_at, today, asked, rest)


@st.cache_data(max_entries=300, show_spinner=False)
def _cached(
    name: str,
    user: SignedInUser,
    built_at: datetime,
    today: date,
    asked: DebtQuestion,
    rest: tuple,
) -> list[dict[str, Any]]:
    """One question about the debt, kept for this very user, build and day."""
    # Named without an underscore, or Streamlit would leave them out of the key of the cache.
    del user, built_at, today
    query: Callable = getattr(municipal_debt, name)
    with database.connection(session.token()) as connection:
        if name == "by_house":
            band, limit, offset = rest
            found = query(connection, asked, band, limit=limit, offset=offset)
        else:
            found = query(connection, asked, *rest)
    return [dict(row) for row in found]


show()
