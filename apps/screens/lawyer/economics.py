"""Экономика подачи: which applications pay for themselves, and which had better wait."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, exports, filters, session
from apps.shared.page import title_line
from apps.shared.tables import AMBER, RED, Column, show_table
from document_gen.russian import amount, counted, percent, rubles, short_rubles
from operational_db.services import accounts, debtors
from operational_db.services.filing import economics
from operational_db.services.filing.economics import EconomicsFilter

PAGE = "economics"
NAMES = ("organisation", "advice", "sort", "page")
ROWS_ON_A_PAGE = 50
UNITS = {
    "percent": "%",
    "month": "мес.",
    "case": "дел",
    "rouble": "₽",
    "day": "дн.",
}
MARKS = {
    "V2": "два источника",
    "V1": "один источник",
    "C": "источники расходятся",
    "M+": "общее знание, твёрдо",
    "M": "общее знание",
    "M-": "оценка, замените своей",
    "NOT_FOUND": "источник не найден",
}

COLUMNS = [
    Column("account_number", "Лицевой счёт", width=100),
    Column("holder_told", "Должник", width=182),
    Column("address", "Адрес", "address", width=190),
    Column("claim_amount", "К подаче, ₽", "money", width=105, has_total=True),
    Column("claim_months", "Мес.", "count", width=50),
    Column("duty_amount", "Пошлина, ₽", "money", width=90, has_total=True),
    Column("recovery_share", "Взыщут", "share", width=70),
    Column("expected_net", "Итог, ₽", "money", width=105, has_total=True),
    Column("told_advice", "Совет", width=222),
    Column(
        "monthly_growth",
        "Рост в мес., ₽",
        "money",
        width=92,
        help="Сколько в среднем не оплачено за месяц за последние 12 полных месяцев",
    ),
    Column("limitation_date", "Давность", "date", width=90),
]


def show() -> None:
    """Figures, applications, how the result turns with sum and share, and what it rests on."""
    with database.connection(session.token()) as connection:
        built = title_line("Экономика подачи", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        asked, sort = _ask(connection)
        filters.start_from_first_page((asked, sort))
        filters.keep_in_address(PAGE, NAMES)
        found, rows = economics.board(
            connection, asked, sort=sort, limit=ROWS_ON_A_PAGE, page=filters.asked_page()
        )
        rates = economics.rates(connection, asked.organisation_id)
        _show_figures(found, rates)
        listed, turned, rests = st.tabs(["Заявления", "Если сумма или доля другие", "Из чего счёт"])
        with listed:
            _show_applications(asked, sort, found, rows)
        with turned:
            _show_sensitivity(economics.sensitivity(connection))
        with rests:
            _show_estimates(rates, economics.estimates(connection))


def _ask(connection: Connection) -> tuple[EconomicsFilter, str]:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="economics_filters"):
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=240
            )
        advice = filters.choice("Совет", "advice", debtors.ADVICE, width=180)
        sort = filters.choice(
            "Порядок",
            "sort",
            {key: told for key, (told, _) in economics.SORTS.items() if key != "net"},
            nothing=economics.SORTS["net"][0],
            width=280,
        )
        st.button(
            "Сбросить",
            key="economics_reset",
            on_click=filters.reset,
            args=(("organisation", "advice"),),
        )
    return EconomicsFilter(organisation_id, advice), sort or "net"


def _show_figures(found: Mapping[str, Any], rates: list) -> None:
    tiles = st.columns(5)
    names = {
        "file": "Окупятся",
        "wait": "Подождать",
        "loss": "Не окупятся",
        "stopped": "Суд вернёт",
    }
    for tile, (advice, name) in zip(tiles, names.items(), strict=False):
        row = found[advice]
        applications = counted(row["applications"], "заявление", "заявления", "заявлений")
        tile.metric(
            f"{name}: {applications}",
            short_rubles(row["expected_net"]),
            border=True,
            help=f"Ожидаемый итог {rubles(row['expected_net'])} при сумме "
            f"{rubles(row['claim_amount'])} и пошлине {rubles(row['duty_amount'])}",
        )
    if len(rates) == 1:
        [rate] = rates
        even = rate["break_even"]
        tiles[4].metric(
            "Подавать выгодно от",
            "никогда" if even is None else rubles(even),
            border=True,
            help="Сумма одного заявления, при которой ожидаемый итог не меньше нуля",
        )


def _show_applications(
    asked: EconomicsFilter, sort: str, found: Mapping[str, Any], rows: list
) -> None:
    chosen_rows = [found[asked.advice]] if asked.advice else list(found.values())
    count = sum(row["applications"] for row in chosen_rows)
    if not count:
        st.info("Нет заявлений с такими условиями. Снимите фильтр «Совет» или пересчитайте данные.")
        return
    pages = -(-count // ROWS_ON_A_PAGE)
    chosen = show_table(
        [_told(row) for row in rows],
        COLUMNS,
        key="economics_table",
        is_selectable=True,
        highlight=_colour,
        height=402 if len(rows) > 12 else "content",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Выгрузить в Excel: {counted(count, 'заявление', 'заявления', 'заявлений')}",
            icon=":material/table_view:",
            key="economics_export",
            on_click=exports.open_dialog,
            args=("economics",),
        )
        st.page_link(
            menu.DEBTORS,
            label="Открыть в реестре должников →",
            query_params={"advice": asked.advice} if asked.advice else {},
        )
        st.space("stretch")
        filters.page_number(pages)
    st.caption(
        "Итог = доля взыскания × сумма − пошлина − расходы. Пошлина, которую суд взыщет с "
        "должника, в доход не считается, пени тоже: на деле итог не хуже. Ждать советуют, только "
        "если сумма дорастёт до окупаемой раньше, чем уйдёт первый месяц."
    )
    if chosen is not None:
        st.switch_page(menu.ACCOUNT, query_params={"account": str(chosen["account_id"])})
    if exports.is_dialog_open("economics"):
        exports.offer_workbook(
            name="filing_economics",
            title="Экономика подачи",
            columns=[*COLUMNS, Column("unit_cost", "Расходы, ₽", "money", has_total=True)],
            count=count,
            read=lambda c: map(_told, economics.all_applications(c, asked, sort=sort)),
            asked=asked.described(),
        )


def _colour(row: Mapping[str, Any]) -> str | None:
    if row["standing"] == "stopped":
        return RED
    return AMBER if row["standing"] != "file" else None


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    advice = debtors.ADVICE[row["standing"]]
    if row["standing"] == "stopped":
        advice = f"{advice}: {row['stopped_because'][:1].lower()}{row['stopped_because'][1:]}"
    elif row["standing"] == "wait":
        advice = f"{advice} {counted(row['wait_months'], 'месяц', 'месяца', 'месяцев')}"
    return {**row, "told_advice": advice}


def _show_sensitivity(rows: list) -> None:
    shares = sorted({row["recovery_share"] for row in rows})
    by_sum: dict[Any, dict[str, Any]] = {}
    for row in rows:
        line = by_sum.setdefault(
            row["claim_amount"],
            {"claim_amount": row["claim_amount"], "duty_amount": row["duty_amount"]},
        )
        line[str(row["recovery_share"])] = row["expected_net"]
    st.markdown("Ожидаемый итог одного заявления, ₽: по сумме и доле, которую взыщут")
    show_table(
        list(by_sum.values()),
        [
            Column("claim_amount", "Сумма, ₽", "money", width=110),
            Column("duty_amount", "Пошлина, ₽", "money", width=95),
            *(Column(str(share), percent(share, 0), "money", width=105) for share in shares),
        ],
        key="economics_sensitivity",
    )
    st.caption("Отрицательное – подача обойдётся дороже, чем принесёт в среднем.")


def _show_estimates(rates: list, estimates: list) -> None:
    show_table(
        [{**row, "source": _source(row)} for row in rates],
        [
            Column("organisation_name", "Организация", width=240),
            Column("recovery_share", "Доля взыскания", "share", width=120),
            Column("source", "Откуда", width=330),
            Column("observed_cases", "Наблюдённых дел", "count", width=130),
            Column("claimed_amount", "В них подано, ₽", "money", width=130),
            Column("recovered_amount", "Закрыто, ₽", "money", width=120),
            Column("unit_cost", "Расходы на пакет, ₽", "money", width=140),
            Column("break_even", "Окупается от, ₽", "money", width=120),
        ],
        key="economics_rates",
    )
    show_table(
        [
            {
                **row,
                "told": f"{amount(row['value']) if row['unit'] == 'rouble' else int(row['value'])} "
                f"{UNITS[row['unit']]}",
                "told_mark": MARKS[row["mark"]],
            }
            for row in estimates
        ],
        [
            Column("title", "Что", width=390),
            Column("told", "Значение", width=95, is_right=True),
            Column("act", "Источник", width=310),
            Column("told_mark", "Надёжность", width=170),
            Column("notes", "Примечание", width=390),
        ],
        key="economics_estimates",
    )
    st.caption("Оценки – строки справочника filing_economics: их меняет администратор.")


def _source(row: Mapping[str, Any]) -> str:
    if row["is_observed"]:
        return "свои дела, закрыто из поданного"
    return "общая оценка: своих дел ещё мало"


show()
