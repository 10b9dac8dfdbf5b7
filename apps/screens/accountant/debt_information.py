"""Информация о задолженности за ЖКУ на любую дату, по пяти параметрам формы."""

from datetime import datetime

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, filters, forms, session
from apps.shared.page import MOSCOW, title_line
from apps.shared.tables import Column, show_table
from document_gen.report_forms import FormTemplate
from document_gen.russian import counted, date_ru, period_ru, rubles
from operational_db.exports import forms as layouts
from operational_db.models.reporting import ReportForm
from operational_db.services import accounts as account_lists
from operational_db.services.forms import debt_information, rights, suppliers
from operational_db.services.forms.debt_information import SORTS, DebtRequest

PAGE = "debt_information"
ROWS_ON_A_PAGE = 50
CHOICES = ("on_day", "street", "house", "service", "supplier", "months", "organisation", "sort")
NAMES = (*CHOICES, "page")
TITLE = rights.TITLES[ReportForm.DEBT_INFORMATION]
COLUMNS = [
    Column("ordinal", "№ п/п", "count", width=60),
    Column("account_number", "Лицевой счет", width=110),
    Column("holder_name", "ФИО", width=230),
    Column("address", "Адрес", "address", width=315),
    Column("charged", "Начисления за отчетный период, руб.", "money", width=240),
    Column("debt", "Всего задолженность, руб.", "money", width=170),
    Column("months", "Количество месяцев", "count", width=140),
]


def show() -> None:
    """The five parameters, what they find, a page of it, and the form to take away."""
    with database.connection(session.token()) as connection:
        built = title_line(TITLE, connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        if not rights.may_use(connection, ReportForm.DEBT_INFORMATION):
            st.info("Эта форма вам не открыта. Доступ даёт администратор.")
            return
        filters.open_filters(PAGE, NAMES)
        asked, sort, lines = _ask(connection)
        filters.start_from_first_page((asked, sort))
        filters.keep_in_address(PAGE, NAMES)
        with st.spinner("Считаем долг на дату…"):
            totals = debt_information.totals(connection, asked)
            charged = debt_information.charged(connection, asked)
            pages = -(-totals["accounts"] // ROWS_ON_A_PAGE)
            number = filters.current_page(pages)
            rows = debt_information.page(
                connection,
                asked,
                sort=sort,
                limit=ROWS_ON_A_PAGE,
                offset=(number - 1) * ROWS_ON_A_PAGE,
            )
    if not rows:
        st.info("Должников с такими условиями на эту дату нет. Уменьшите количество месяцев.")
        return
    told = counted(totals["accounts"], "счёт", "счёта", "счетов")
    st.markdown(
        f"На {date_ru(asked.on_day)}: **{told}** · долг **{rubles(totals['debt'])}** · "
        f"начислено за {period_ru(asked.charged_month)} **{rubles(charged)}**"
    )
    sums = {"charged": charged, "debt": totals["debt"]}
    chosen = show_table(
        rows,
        COLUMNS,
        key="debt_table",
        totals={"account_number": "Итого", **sums},
        is_selectable=True,
        height=458 if len(rows) > 15 else "content",
    )
    if chosen is not None:
        st.switch_page(menu.ACCOUNT, query_params={"account": str(chosen["account_id"])})
    filters.page_number(pages)
    filters.keep_in_address(PAGE, NAMES)
    forms.show_buttons(told)

    def read(connection: Connection):
        found = debt_information.everything(connection, asked, sort=sort)
        return layouts.plain_rows(found, {"account_number": layouts.TOTAL, **sums})

    forms.offer(
        forms.FormFile(
            name="debt_information",
            title="Информация о задолженности за жилищно-коммунальные услуги "
            f"по состоянию на {date_ru(asked.on_day)}",
            sheet_name="Задолженность",
            lines=lines,
            columns=layouts.DEBT_COLUMNS,
            template=FormTemplate.DEBT_INFORMATION,
            read=read,
            read_for_paper=read,
            asked=asked.described(),
        )
    )


def _ask(connection: Connection) -> tuple[DebtRequest, str, list[str]]:
    customers = rights.organisations(connection, ReportForm.DEBT_INFORMATION)
    streets = debt_information.streets(connection)
    services = suppliers.services(connection)
    payees = suppliers.suppliers(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="debt_filters"):
        on_day = filters.day("Дата отчета", "on_day", width=130)
        street_id = filters.number_choice(
            "Участок расчета", "street", streets, width=190, help="Улица или, ниже, дом"
        )
        service_id = filters.number_choice("Вид расчета", "service", services, width=210)
        supplier_id = filters.number_choice("Поставщик", "supplier", payees, width=220)
        months = filters.whole_number(
            "Количество месяцев", "months", width=140, help="Не меньше стольких месяцев просрочки"
        )
        with st.popover("Ещё условия", icon=":material/tune:", key="debt_more"):
            organisation_id = None
            if len(customers) > 1:
                organisation_id = filters.number_choice("Организация", "organisation", customers)
            houses = account_lists.houses_with_accounts(connection, organisation_id)
            house_id = filters.number_choice("Дом", "house", houses)
            sort = filters.choice(
                "Порядок",
                "sort",
                {key: told for key, (told, _) in SORTS.items() if key != "address"},
                nothing=SORTS["address"][0],
            )
        st.button("Сбросить", key="debt_reset", on_click=filters.reset, args=(CHOICES,))
    asked = DebtRequest(
        on_day=on_day or datetime.now(MOSCOW).date(),
        organisation_id=organisation_id,
        street_id=street_id,
        house_id=house_id,
        service_id=service_id,
        supplier_id=supplier_id,
        months=months or 0,
    )
    section = houses.get(house_id) if house_id is not None else streets.get(street_id, "все")
    lines = [
        f"Дата отчета: {date_ru(asked.on_day)}",
        f"Участок расчета: {section}",
        forms.named("Вид расчета", services, service_id),
        forms.named("Поставщик", payees, supplier_id),
        f"Количество месяцев: {f'не меньше {asked.months}' if asked.months else 'любое'}",
    ]
    return asked, sort or "address", lines


show()
