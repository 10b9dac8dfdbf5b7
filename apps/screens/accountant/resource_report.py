"""Ресурсный отчёт: volumes and sums nested as the form nests them, down to the premises."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, filters, forms, session
from apps.shared.page import title_line
from apps.shared.tables import Column, show_table
from document_gen.report_forms import FormTemplate
from operational_db.exports import forms as layouts
from operational_db.models.reporting import ReportForm
from operational_db.services import accounts as account_lists
from operational_db.services.forms import resource_report, rights, suppliers
from operational_db.services.forms.resource_report import LEVELS, ResourceRequest
from operational_db.services.sign_in import SignedInUser

PAGE = "resource_report"
ROWS_ON_A_PAGE = 50
NAMES = ("since", "until", "organisation", "supplier", "service", "consumption", "house")
TITLE = rights.TITLES[ReportForm.RESOURCE_REPORT]
INNERMOST = len(LEVELS) - 2
FIGURES = [
    Column("total_area", "Общая, м²", "area", width=85, help="Помещение площадь общая"),
    Column("useful_area", "Полезная, м²", "area", width=90, help="Помещение площадь полезная"),
    Column("accounts", "Счетов", "count", width=58, help="Количество лицевых счетов"),
    Column("charged_volume", "Начислен объем", "volume", width=115),
    Column("charged", "Начислена сумма", "money", width=118),
    Column("recalculated_volume", "Перер. объем", "volume", width=95, help="Перерасчет: объем"),
    Column("recalculated", "Перер. сумма", "money", width=95, help="Перерасчет: сумма"),
    Column("volume", "ВСЕГО объем", "volume", width=115),
    Column("amount", "ВСЕГО сумма", "money", width=118),
]
GROUNDS = {0: "#e3e8ed", 1: "#eef1f4", 2: "#f6f8fa"}


def show() -> None:
    """Filters, the nested rows, and the premises of the row that was chosen."""
    with database.connection(session.token()) as connection:
        built = title_line(TITLE, connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        if not rights.may_use(connection, ReportForm.RESOURCE_REPORT):
            st.info("Эта форма вам не открыта. Доступ даёт администратор.")
            return
        filters.open_filters(PAGE, NAMES)
        asked, lines = _ask(connection)
        filters.keep_in_address(PAGE, NAMES)
        if asked.until < asked.since:
            st.warning("Конец периода раньше его начала. Поменяйте месяцы местами.")
            return
        allowed = tuple(rights.organisations(connection, ReportForm.RESOURCE_REPORT))
        with st.spinner("Складываем объёмы…"):
            rows = _groups(session.user(), built.built_at, allowed, asked)
    if len(rows) < 2:
        st.info("За этот период ничего не начислено. Выберите другие месяцы.")
        return
    st.caption(" · ".join(lines))
    shown = [
        {**row, "name": "\N{NO-BREAK SPACE}" * 4 * row["level"] + layouts.resource_name(row)}
        for row in rows[:-1]
    ]
    chosen = show_table(
        shown,
        [
            Column(
                "name",
                "Поставщик / Тип / Вид расчета / Тариф / Объем / Норматив",
                width=390,
            ),
            *FIGURES,
        ],
        key="resource_groups",
        totals={"name": layouts.TOTAL, **{c.key: rows[-1][c.key] for c in FIGURES}},
        is_selectable=True,
        height=500 if len(rows) > 16 else "content",
        highlight=lambda row: GROUNDS.get(row["level"]),
    )
    forms.show_buttons("отчёт с помещениями")
    _offer(asked, lines, rows)
    if chosen is None or chosen["level"] != INNERMOST:
        st.caption("Щёлкните слева от строки норматива, чтобы увидеть её помещения.")
        return
    _show_premises(asked, chosen)


@st.cache_data(max_entries=100, show_spinner=False)
def _groups(
    user: SignedInUser, built_at: datetime, allowed: tuple[int, ...], asked: ResourceRequest
) -> list[dict[str, Any]]:
    """The rows of the form, kept for this very user, build and rights: a click reads them again."""
    # Named without an underscore, or Streamlit would leave them out of the key of the cache.
    del user, built_at, allowed
    with database.connection(session.token()) as connection:
        return [dict(row) for row in resource_report.groups(connection, asked)]


def _ask(connection: Connection) -> tuple[ResourceRequest, list[str]]:
    months = forms.months_back()
    last_month = list(months)[1]
    customers = rights.organisations(connection, ReportForm.RESOURCE_REPORT)
    payees = suppliers.suppliers(connection)
    services = suppliers.services(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="resource_filters"):
        since = filters.choice("С месяца", "since", months, nothing=months[last_month], width=150)
        until = filters.choice(
            "По месяц", "until", months, nothing=months[since or last_month], width=150
        )
        supplier_id = filters.number_choice("Поставщик", "supplier", payees, width=220)
        service_id = filters.number_choice("Вид расчета", "service", services, width=210)
        consumption = filters.choice(
            "Тип потребления",
            "consumption",
            {"own": layouts.CONSUMPTION[False], "common": layouts.CONSUMPTION[True]},
            width=170,
        )
        with st.popover("Ещё условия", icon=":material/tune:", key="resource_more"):
            organisation_id = None
            if len(customers) > 1:
                organisation_id = filters.number_choice("Заказчик", "organisation", customers)
            houses = account_lists.houses_with_accounts(connection, organisation_id)
            house_id = filters.number_choice("Дом", "house", houses)
        st.button("Сбросить", key="resource_reset", on_click=filters.reset, args=(NAMES,))
    since_key = since or last_month
    asked = ResourceRequest(
        since=forms.first_day(since_key),
        until=forms.last_day(until or since_key),
        organisation_id=organisation_id,
        supplier_id=supplier_id,
        service_id=service_id,
        house_id=house_id,
        is_common={"own": False, "common": True}.get(consumption or ""),
    )
    lines = [
        forms.named("Поставщик", payees, supplier_id),
        f"Период: {forms.days_told(asked.since, asked.until)}",
        forms.named("Вид расчета", services, service_id),
        forms.named("Заказчик", customers, organisation_id),
    ]
    if house_id is not None:
        lines.append(f"Дом: {houses.get(house_id, 'не найден')}")
    return asked, lines


def _show_premises(asked: ResourceRequest, group: Mapping[str, Any]) -> None:
    st.markdown(f"**{group['service_name']}, {layouts.resource_name(group)}: помещения**")
    of = (asked, group["service_name"], layouts.resource_name(group))
    number = filters.turned_page("resource_page", of)
    with database.connection(session.token()) as connection:
        found = resource_report.premises(
            connection,
            asked,
            group,
            limit=ROWS_ON_A_PAGE + 1,
            offset=(number - 1) * ROWS_ON_A_PAGE,
        )
    page = [{**row, "name": layouts.premises_name(row)} for row in found[:ROWS_ON_A_PAGE]]
    show_table(
        page,
        [Column("name", "Код, Дом, Помещение", width=390), *FIGURES],
        key=f"resource_premises_{number}",
        totals={"name": "Вся строка", **{c.key: group[c.key] for c in FIGURES}},
        height=458 if len(page) > 15 else "content",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "← Назад",
            key="resource_back",
            disabled=number == 1,
            on_click=filters.turn_page,
            args=("resource_page", of, number - 1),
        )
        st.button(
            "Дальше →",
            key="resource_on",
            disabled=len(found) <= ROWS_ON_A_PAGE,
            on_click=filters.turn_page,
            args=("resource_page", of, number + 1),
        )
        st.caption(f"Страница {number}.")


def _offer(asked: ResourceRequest, lines: list[str], rows: list) -> None:
    def with_premises(connection: Connection) -> Any:
        below: dict[tuple, list] = {}
        for flat in resource_report.all_premises(connection, asked):
            below.setdefault(resource_report.key_of(flat), []).append(flat)
        return layouts.resource_rows(rows, below)

    forms.offer(
        forms.FormFile(
            name="resource_report",
            title=f"{TITLE} {forms.days_told(asked.since, asked.until)}",
            sheet_name="Ресурсный отчёт",
            lines=lines,
            columns=layouts.RESOURCE_COLUMNS,
            template=FormTemplate.RESOURCE_REPORT,
            read=with_premises,
            read_for_paper=lambda _connection: layouts.resource_rows(rows),
            asked=asked.described(),
            control="Объёмы разных услуг сложены, как в исходной форме.",
        )
    )


show()
