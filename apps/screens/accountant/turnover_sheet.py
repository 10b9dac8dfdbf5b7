"""ОСВ: customer → service → account with its control line: on the screen, in Excel, on paper."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, filters, forms, session
from apps.shared.page import MOSCOW, title_line
from apps.shared.tables import Column, show_table
from document_gen.report_forms import FormTemplate
from document_gen.russian import date_ru, rubles
from operational_db.exports import forms as layouts
from operational_db.models.reporting import ReportForm
from operational_db.services import accounts as account_lists
from operational_db.services.forms import rights, suppliers, turnover_sheet
from operational_db.services.forms.turnover_sheet import SheetRefusedError, SheetRequest

PAGE = "turnover_sheet"
ROWS_ON_A_PAGE = 50
NAMES = (
    "since", "until", "organisation", "supplier", "service", "house", "account", "on_day",
    "known_at",
)  # fmt: skip
TITLE = rights.TITLES[ReportForm.TURNOVER_SHEET]
SUMS = [
    Column("opening", "Сальдо на начало", "money", width=114),
    Column("charged", "Начисления", "money", width=108),
    Column("recalculated", "Перерасчет", "money", width=92),
    Column("paid", "Оплата", "money", width=108),
    Column("adjusted", "Корректировка", "money", width=105),
    Column("written_off", "Списание", "money", width=78),
    Column("closing", "Сальдо на конец", "money", width=112),
]
CUSTOMER_GROUND = "#eef1f4"


def show() -> None:
    """Filters, the groups with the total and the control line, then the accounts of one group."""
    with database.connection(session.token()) as connection:
        built = title_line(TITLE, connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        if not rights.may_use(connection, ReportForm.TURNOVER_SHEET):
            st.info("Эта форма вам не открыта. Доступ даёт администратор.")
            return
        filters.open_filters(PAGE, NAMES)
        asked, lines = _ask(connection)
        filters.keep_in_address(PAGE, NAMES)
        if asked is None:
            return
        try:
            with st.spinner("Складываем обороты…", show_time=False):
                rows = turnover_sheet.groups(connection, asked)
        except SheetRefusedError as refusal:
            st.warning(str(refusal))
            return
    if len(rows) < 2:
        st.info("За этот период ничего не начислено и не оплачено. Выберите другие месяцы.")
        return
    total = rows[-1]
    control = _control(total)
    st.caption(" · ".join(lines))
    chosen = _show_groups(rows)
    st.markdown(f":{'green' if total['difference'] == 0 else 'red'}[{control}]")
    forms.show_buttons("ведомость со всеми счетами")
    _offer(asked, lines, rows, control)
    if chosen is None or chosen["row_kind"] != "service":
        st.caption("Щёлкните слева от услуги, чтобы увидеть её лицевые счета.")
        return
    _show_accounts(asked, chosen)


def _ask(connection: Connection) -> tuple[SheetRequest | None, list[str]]:
    months = forms.months_back()
    last_month = list(months)[1]
    customers = rights.organisations(connection, ReportForm.TURNOVER_SHEET)
    payees = suppliers.suppliers(connection)
    services = suppliers.services(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sheet_filters"):
        since = filters.choice("С месяца", "since", months, nothing=months[last_month], width=150)
        until = filters.choice(
            "По месяц", "until", months, nothing=months[since or last_month], width=150
        )
        organisation_id = None
        if len(customers) > 1:
            organisation_id = filters.number_choice(
                "Заказчик", "organisation", customers, width=230
            )
        supplier_id = filters.number_choice("Поставщик", "supplier", payees, width=230)
        service_id = filters.number_choice("Услуга", "service", services, width=210)
        with st.popover("Ещё условия", icon=":material/tune:", key="sheet_more"):
            houses = account_lists.houses_with_accounts(connection, organisation_id)
            house_id = filters.number_choice("Дом", "house", houses)
            account = filters.words("Лицевой счёт", "account")
            on_day = filters.day("На дату (не позже конца периода)", "on_day")
            known_at = filters.day(
                "Как знали на",
                "known_at",
                help="Без того, что записано позже этого дня. Выберите дом или счёт.",
            )
        st.button("Сбросить", key="sheet_reset", on_click=filters.reset, args=(NAMES,))
    since_key = since or last_month
    first = forms.first_day(since_key)
    end = forms.last_day(until or since_key)
    if on_day is not None:
        end = min(end, on_day)
    try:
        asked = SheetRequest(
            since=first,
            until=end,
            organisation_id=organisation_id,
            supplier_id=supplier_id,
            service_id=service_id,
            house_id=house_id,
            account_number=account or None,
            known_at=datetime.combine(known_at, time.max, MOSCOW) if known_at else None,
        )
    except SheetRefusedError as refusal:
        st.warning(str(refusal))
        return None, []
    lines = [
        forms.named("Поставщик", payees, supplier_id),
        f"Период: {forms.days_told(first, end)}",
        forms.named("Заказчик", customers, organisation_id),
        forms.named("Услуга", services, service_id),
    ]
    if house_id is not None:
        lines.append(f"Дом: {houses.get(house_id, 'не найден')}")
    if account:
        lines.append(f"Лицевой счёт: {account}")
    if known_at:
        lines.append(f"Как знали на {date_ru(known_at)}")
    return asked, lines


def _show_groups(rows: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    shown = [
        {
            **row,
            "supplier_name": row["supplier_name"] or "",
            "name": row["organisation_name"]
            if row["row_kind"] == "customer"
            else f"\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}{row['service_name']}",
        }
        for row in rows[:-1]
    ]
    return show_table(
        shown,
        [
            Column("name", "Наименование Заказчика / Услуга", width=315),
            Column("supplier_name", "Поставщик", width=249),
            *SUMS,
        ],
        key="sheet_groups",
        totals={
            "name": layouts.TOTAL,
            "supplier_name": "",
            **{c.key: rows[-1][c.key] for c in SUMS},
        },
        is_selectable=True,
        height=458 if len(rows) > 15 else "content",
        highlight=lambda row: CUSTOMER_GROUND if row["row_kind"] == "customer" else None,
    )


def _show_accounts(asked: SheetRequest, group: Mapping[str, Any]) -> None:
    st.markdown(f"**{group['organisation_name']}, {group['service_name']}: лицевые счета**")
    of = (asked, group["organisation_id"], group["service_id"])
    number = filters.turned_page("sheet_page", of)
    with database.connection(session.token()) as connection, st.spinner("Читаем счета…"):
        found = turnover_sheet.accounts(
            connection,
            asked,
            group["organisation_id"],
            group["service_id"],
            limit=ROWS_ON_A_PAGE + 1,
            offset=(number - 1) * ROWS_ON_A_PAGE,
        )
    page = found[:ROWS_ON_A_PAGE]
    chosen = show_table(
        page,
        [
            Column("account_number", "Лицевой счёт", width=100),
            Column("address", "Адрес", "address", width=265),
            Column("holder_name", "Плательщик", width=185),
            *SUMS,
        ],
        key=f"sheet_accounts_{number}",
        totals={"account_number": "Услуга", **{c.key: group[c.key] for c in SUMS}},
        is_selectable=True,
        height=458 if len(page) > 15 else "content",
    )
    if chosen is not None:
        account = str(chosen["account_id"])
        with st.container(horizontal=True):
            st.page_link(
                menu.ACCOUNT,
                label=f"Карточка счёта {chosen['account_number']} →",
                query_params={"account": account},
            )
            st.page_link(
                menu.PROVENANCE,
                label="Откуда эти числа →",
                query_params={"account": account, "until": asked.until.isoformat()},
            )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "← Назад",
            key="sheet_back",
            disabled=number == 1,
            on_click=filters.turn_page,
            args=("sheet_page", of, number - 1),
        )
        st.button(
            "Дальше →",
            key="sheet_on",
            disabled=len(found) <= ROWS_ON_A_PAGE,
            on_click=filters.turn_page,
            args=("sheet_page", of, number + 1),
        )
        st.caption(
            f"Страница {number}. Щёлкните слева от счёта, чтобы открыть карточку или строки файлов."
        )


def _control(total: Mapping[str, Any]) -> str:
    told = (
        "Контроль: сальдо на начало + начисления + перерасчет − оплата + корректировка − списание "
        "= сальдо на конец: "
    )
    if total["difference"] == 0:
        return f"{told}сходится до копейки."
    return f"{told}расхождение {rubles(total['difference'])}. Сообщите в поддержку."


def _offer(asked: SheetRequest, lines: list[str], rows: list, control: str) -> None:
    is_small = asked.is_of_accounts

    def on_paper(connection: Connection) -> Any:
        # A house fits on paper with its accounts; a town is printed by customers and services.
        if is_small:
            return layouts.turnover_rows(turnover_sheet.whole(connection, asked))
        return layouts.turnover_group_rows(rows)

    forms.offer(
        forms.FormFile(
            name="turnover_sheet",
            title=f"{TITLE} {forms.days_told(asked.since, asked.until)}",
            sheet_name="ОСВ",
            lines=lines,
            columns=layouts.TURNOVER_COLUMNS,
            template=FormTemplate.TURNOVER_SHEET,
            read=lambda connection: layouts.turnover_rows(turnover_sheet.whole(connection, asked)),
            read_for_paper=on_paper,
            asked=asked.described(),
            control=control,
        )
    )


show()
