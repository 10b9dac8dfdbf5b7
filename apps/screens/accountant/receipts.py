"""Невыясненные: receipts of the bank that no account was found for, and what to do with each."""

from datetime import date, datetime

import streamlit as st

from apps import menu
from apps.shared import database, session
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, period_ru, rubles
from operational_db.services import unknown_receipts
from operational_db.services.import_ledger import late_payment
from operational_db.services.unknown_receipts import ReceiptError, UnknownReceipt

ROWS_ON_A_PAGE = 50
MONTHS_TO_NAME = 36


def show() -> None:
    """The queue, oldest first; a chosen receipt is decided below it."""
    with database.connection(session.token()) as connection:
        title_line("Невыясненные поступления", connection)
        totals = unknown_receipts.queue_totals(connection)
        pages = max(1, -(-totals.receipts // ROWS_ON_A_PAGE))
        number = min(int(st.session_state.get("receipts_page", 1)), pages)
        queue = unknown_receipts.queue(
            connection, limit=ROWS_ON_A_PAGE, offset=(number - 1) * ROWS_ON_A_PAGE
        )
    if not queue:
        st.success("Все поступления разнесены. Новые появятся после загрузки выписки банка.")
        st.page_link(menu.IMPORTS, label="Загрузить выписку →")
        return
    chosen = show_table(
        [{name: getattr(row, name) for name in row.__dataclass_fields__} for row in queue],
        [
            Column("operation_date", "Дата", "date", width=95),
            Column("amount", "Сумма, ₽", "money", width=115, has_total=True),
            Column("age_days", "Дней", "count", width=60, help="Сколько дней ждёт решения"),
            Column("payer_name", "Плательщик", width=230),
            Column("purpose", "Назначение платежа", width=430),
            Column("document_number", "Документ", width=90),
            Column("organisation_name", "Организация", width=180),
        ],
        key="receipts_table",
        totals={"amount": totals.amount, "payer_name": _told(totals.receipts)},
        is_selectable=True,
        height=420 if len(queue) > 12 else "content",
    )
    if pages > 1:
        st.pagination(pages, key="receipts_page")
    if chosen is None:
        st.caption("Выберите поступление щелчком слева от строки.")
        return
    _decide(UnknownReceipt(**chosen))


def _told(count: int) -> str:
    return counted(count, "поступление", "поступления", "поступлений")


def _decide(receipt: UnknownReceipt) -> None:
    st.markdown(
        f"**{rubles(receipt.amount)} от {date_ru(receipt.operation_date)}**, "
        f"{receipt.payer_name or 'плательщик не назван'}"
    )
    st.text(receipt.purpose or "Назначение платежа не указано")
    post, aside = st.columns(2)
    with post, st.form("receipt_post"):
        account = st.text_input("Лицевой счёт", key="receipt_account")
        month = st.selectbox(
            "Месяц, который назвал плательщик",
            _months(),
            format_func=lambda value: "не назван" if value is None else period_ru(value),
            key="receipt_month",
        )
        comment = st.text_input("Пояснение", key="receipt_comment")
        if st.form_submit_button(
            f"Разнести на счёт: {rubles(receipt.amount)}", type="primary", key="receipt_post"
        ):
            _post(receipt, account, month, comment)
    with aside, st.form("receipt_aside"):
        reason = st.text_input("Что это за поступление", key="receipt_reason")
        if st.form_submit_button("Не от жителей: снять с очереди", key="receipt_aside"):
            _set_aside(receipt, reason)


def _months() -> list[date | None]:
    month = datetime.now(MOSCOW).date().replace(day=1)
    months: list[date | None] = [None]
    for _ in range(MONTHS_TO_NAME):
        months.append(month)
        month = (
            month.replace(year=month.year - 1, month=12)
            if month.month == 1
            else (month.replace(month=month.month - 1))
        )
    return months


def _post(receipt: UnknownReceipt, account: str, month: date | None, comment: str) -> None:
    if not account.strip():
        st.error("Напишите номер лицевого счёта.")
        return
    try:
        with database.connection(session.token()) as connection:
            closed = unknown_receipts.closed_month_of(connection, receipt.bank_operation_id)
            unknown_receipts.post_to_account(
                connection,
                receipt.bank_operation_id,
                account,
                named_period=month,
                comment=comment.strip() or None,
            )
    except ReceiptError as problem:
        st.error(str(problem))
        return
    told = f"{rubles(receipt.amount)} разнесено на счёт {account.strip()}."
    if closed is not None:
        told += f" Обратите внимание: {late_payment(receipt.operation_date)}."
    say_later(told)
    st.rerun()


def _set_aside(receipt: UnknownReceipt, reason: str) -> None:
    try:
        with database.connection(session.token()) as connection:
            unknown_receipts.set_aside(connection, receipt.bank_operation_id, reason)
    except ReceiptError as problem:
        st.error(str(problem))
        return
    say_later("Поступление снято с очереди.")
    st.rerun()


show()
