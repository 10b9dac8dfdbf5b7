"""Реестр принятых платежей: money of residents, and requests to pay out in the source's columns."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, days, exports, filters, forms, session
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import WRAPPING, Column, show_table
from document_gen.report_forms import FormTemplate
from document_gen.russian import counted, rubles
from operational_db.exports import forms as layouts
from operational_db.models.reporting import ReportForm
from operational_db.services.forms import payment_requests, receipts_register, rights
from operational_db.services.forms.payment_requests import RequestData, RequestRefusedError
from operational_db.services.forms.receipts_register import CHANNELS, ReceiptsRequest

PAGE = "payments_register"
ROWS_ON_A_PAGE = 50
CHOICES = ("kind", "since_day", "until_day", "organisation", "channel", "account")
NAMES = (*CHOICES, "page")
KINDS = {"requests": "Заявки на оплату (форма реестра)"}
RECEIPTS = "Поступления жителей"
TITLE = rights.TITLES[ReportForm.PAYMENTS_REGISTER]
RECEIPT_COLUMNS = [
    Column("ordinal", "№ п/п", "count", width=50),
    Column("paid_on", "Дата приёма", "date", width=86),
    Column("credited_on", "Зачислено", "date", width=80, help="Дата зачисления"),
    Column("agent", "Агент / касса", width=126),
    Column("operation", "№ операции", width=80),
    Column("account_number", "ЛС", width=80),
    Column("holder_name", "ФИО", width=122),
    Column("address", "Адрес", "address", width=136),
    Column("period", "Период", width=66),
    Column("services", "Услуга", width=126),
    Column("amount", "Сумма", "money", width=80),
    Column("commission", "Комиссия", "money", width=70),
    Column("receipt_number", "Чек №", width=58),
    Column("state", "Статус разнесения", width=122),
]
REGISTER_ROW = 66
"""Three lines: the name of a person, of an agent, an address."""
REQUEST_COLUMNS = [
    Column("ordinal", "№ п/п", "count", width=52),
    Column("number", "Номер", width=80),
    Column("desired_on", "Желаемая дата", "date", width=100),
    Column("amount", "Сумма документа", "money", width=118),
    Column("counterparty", "Контрагент", width=140),
    Column("alternative_recipient", "Альтернативный получатель", width=170),
    Column("contract", "Договор контрагента", width=135),
    Column("purpose", "Назначение платежа", width=165),
    Column("responsibility_centre", "ЦФО", width=70),
    Column("settlement_account", "Расчетный счет", width=150),
    Column("initiator", "Инициатор", width=110),
]


def show() -> None:
    """Which register, for which days; its rows; what can be done with them."""
    with database.connection(session.token()) as connection:
        title_line(TITLE, connection)
        if not rights.may_use(connection, ReportForm.PAYMENTS_REGISTER):
            st.info("Эта форма вам не открыта. Доступ даёт администратор.")
            return
        filters.open_filters(PAGE, NAMES)
        customers = rights.organisations(connection, ReportForm.PAYMENTS_REGISTER)
        with st.container(horizontal=True, vertical_alignment="bottom", key="register_filters"):
            kind = filters.choice("Реестр", "kind", KINDS, nothing=RECEIPTS, width=270)
            today = datetime.now(MOSCOW).date()
            since = filters.day("С", "since_day", width=120) or today.replace(day=1)
            until = filters.day("По", "until_day", width=120) or today
            organisation_id = None
            if len(customers) > 1:
                organisation_id = filters.number_choice(
                    "Организация", "organisation", customers, width=230
                )
            channel, account = None, ""
            if kind is None:
                channel = filters.choice("Канал", "channel", CHANNELS, width=130)
                account = filters.words("Лицевой счёт", "account", width=130)
            st.button("Сбросить", key="register_reset", on_click=filters.reset, args=(CHOICES,))
        if until < since:
            st.warning("Конец периода раньше его начала. Поменяйте даты местами.")
            return
        if kind is None:
            asked = ReceiptsRequest(since, until, organisation_id, channel, None, account or None)
            _show_receipts(connection, asked)
        else:
            _show_requests(connection, since, until, organisation_id, customers)
        filters.keep_in_address(PAGE, NAMES)


def _show_receipts(connection: Connection, asked: ReceiptsRequest) -> None:
    filters.start_from_first_page(asked)
    totals = receipts_register.totals(connection, asked)
    pages = -(-totals["receipts"] // ROWS_ON_A_PAGE)
    if not pages:
        st.info("За эти дни платежей нет. Расширьте период или снимите фильтр «Канал».")
        return
    number = filters.current_page(pages)
    rows = receipts_register.page(
        connection, asked, limit=ROWS_ON_A_PAGE, offset=(number - 1) * ROWS_ON_A_PAGE
    )
    told = counted(totals["receipts"], "платёж", "платежа", "платежей")
    st.markdown(f"**{told}** на **{rubles(totals['amount'])}**{_told_awards(totals['to_awards'])}")
    sums = {
        "amount": totals["amount"],
        "commission": totals["commission"] if totals["with_commission"] else None,
    }
    chosen = show_table(
        [layouts.receipt(row) for row in rows],
        RECEIPT_COLUMNS,
        key="receipts_register",
        totals={"agent": "ИТОГО", **sums},
        is_selectable=True,
        height=560 if len(rows) > 6 else "content",
        row_height=REGISTER_ROW,
    )
    if chosen is not None:
        st.switch_page(menu.ACCOUNT, query_params={"account": str(chosen["account_id"])})
    filters.page_number(pages)
    forms.show_buttons(told)

    def read(opened: Connection) -> Any:
        found = map(layouts.receipt, receipts_register.everything(opened, asked))
        return layouts.plain_rows(found, {"agent": "ИТОГО", **sums})

    forms.offer(
        forms.FormFile(
            name="receipts_register",
            title=f"{TITLE} {forms.days_told(asked.since, asked.until)}",
            sheet_name="Платежи",
            lines=["Поступления жителей"],
            columns=layouts.RECEIPT_COLUMNS,
            template=FormTemplate.RECEIPTS,
            read=read,
            read_for_paper=read,
            asked=asked.described(),
        )
    )


def _told_awards(to_awards: Decimal) -> str:
    """By so much the register is more than «Оплата» of the turnover sheet."""
    if not to_awards:
        return ""
    return f"; в эти дни на присуждённые судом пошлину и пени ушло **{rubles(to_awards)}**"


def _show_requests(
    connection: Connection,
    since: date,
    until: date,
    organisation_id: int | None,
    customers: Mapping[int, str],
) -> None:
    totals = payment_requests.totals(connection, since, until, organisation_id=organisation_id)
    pages = -(-totals["requests"] // ROWS_ON_A_PAGE)
    chosen = None
    if pages:
        number = filters.current_page(pages)
        chosen = show_table(
            payment_requests.register(
                connection,
                since,
                until,
                organisation_id=organisation_id,
                limit=ROWS_ON_A_PAGE,
                offset=(number - 1) * ROWS_ON_A_PAGE,
            ),
            REQUEST_COLUMNS,
            key="requests_register",
            totals={"number": "ИТОГО:", "amount": totals["amount"]},
            is_selectable=True,
            height=560 if totals["requests"] > 8 else "content",
            row_height=WRAPPING,
        )
        filters.page_number(pages)
        forms.show_buttons(counted(totals["requests"], "заявка", "заявки", "заявок"))

        def read(opened: Connection) -> Any:
            found = payment_requests.register(opened, since, until, organisation_id=organisation_id)
            return layouts.plain_rows(found, {"number": "ИТОГО:", "amount": totals["amount"]})

        forms.offer(
            forms.FormFile(
                name="payment_requests",
                title=f"{TITLE} {forms.days_told(since, until)}",
                sheet_name="Заявки",
                lines=[forms.named("Организация", customers, organisation_id)],
                columns=layouts.PAYMENT_REQUEST_COLUMNS,
                template=FormTemplate.PAYMENT_REQUESTS,
                read=read,
                read_for_paper=read,
                asked={"since": str(since), "until": str(until)},
            )
        )
    else:
        st.info("Заявок на оплату на эти даты нет. Внесите первую ниже.")
    if session.user().has_any_role("accountant", "manager"):
        _edit(chosen, customers)


def _edit(chosen: Mapping[str, Any] | None, customers: Mapping[int, str]) -> None:
    """A form for a new request, or for what the chosen one should say."""
    was = chosen or {}
    # Keys differ by request, so that the fields of one do not stay when another is chosen.
    key = f"request_{was.get('payment_request_id', 'new')}"
    st.markdown("**Исправить заявку**" if chosen else "**Новая заявка**")
    with st.form(key, clear_on_submit=not chosen):
        first = st.columns(4)
        organisation_id = first[0].selectbox(
            "Организация",
            list(customers),
            format_func=customers.__getitem__,
            index=list(customers).index(was["organisation_id"]) if chosen else 0,
            disabled=chosen is not None,
            key=f"{key}_organisation",
        )
        number = first[1].text_input("Номер", was.get("number", ""), key=f"{key}_number")
        desired_on = days.field(
            "Желаемая дата",
            was.get("desired_on") or datetime.now(MOSCOW).date(),
            key=f"{key}_desired_on",
            place=first[2],
        )
        amount = first[3].text_input(
            "Сумма документа, ₽", str(was.get("amount", "")).replace(".", ","), key=f"{key}_amount"
        )
        second = st.columns(4)
        counterparty = second[0].text_input(
            "Контрагент", was.get("counterparty", ""), key=f"{key}_counterparty"
        )
        recipient = second[1].text_input(
            "Альтернативный получатель",
            was.get("alternative_recipient") or "",
            key=f"{key}_recipient",
        )
        contract = second[2].text_input(
            "Договор контрагента", was.get("contract") or "", key=f"{key}_contract"
        )
        account = second[3].text_input(
            "Расчетный счет", was.get("settlement_account", ""), key=f"{key}_account"
        )
        third = st.columns([2, 1, 1])
        purpose = third[0].text_input(
            "Назначение платежа", was.get("purpose", ""), key=f"{key}_purpose"
        )
        centre = third[1].text_input(
            "ЦФО", was.get("responsibility_centre") or "", key=f"{key}_centre"
        )
        initiator = third[2].text_input(
            "Инициатор", was.get("initiator") or session.user().full_name, key=f"{key}_initiator"
        )
        saved = st.form_submit_button(
            "Сохранить исправление" if chosen else "Внести заявку",
            type="primary",
            key=f"{key}_save",
        )
        withdrawn = chosen is not None and st.form_submit_button(
            "Отозвать заявку", key=f"{key}_withdraw"
        )
    if withdrawn:
        _record(
            lambda connection: payment_requests.withdraw(connection, was["payment_request_id"]),
            "Заявка отозвана.",
        )
    if not saved:
        return
    value = filters.parsed_sum(amount)
    if value is None:
        st.error(f"«{amount}» – не сумма. Напишите, например, 5000 или 5000,50.")
        return
    data = RequestData(
        number=number.strip(),
        desired_on=desired_on,
        amount=Decimal(value),
        counterparty=counterparty.strip(),
        purpose=purpose.strip(),
        settlement_account=account.strip(),
        initiator=initiator.strip(),
        alternative_recipient=recipient.strip() or None,
        contract=contract.strip() or None,
        responsibility_centre=centre.strip() or None,
    )
    if chosen:
        _record(
            lambda connection: payment_requests.correct(
                connection, was["payment_request_id"], data
            ),
            f"Заявка {data.number} исправлена.",
        )
    else:
        _record(
            lambda connection: payment_requests.add(connection, organisation_id, data),
            f"Заявка {data.number} внесена.",
        )


def _record(write: Any, told: str) -> None:
    try:
        with database.connection(session.token()) as connection:
            write(connection)
    except RequestRefusedError as refusal:
        st.error(str(refusal))
        return
    exports.close_dialog()
    say_later(told)
    st.rerun()


show()
