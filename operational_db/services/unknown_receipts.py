"""«Невыясненные»: receipts of bank statements that no account was found for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, text

from operational_db.imports.values import LARGEST_AMOUNT
from operational_db.locks import LockSpace
from operational_db.services.month_closing import (
    ClosedMeanwhileError,
    keep_months_from_closing,
    last_closed_month,
)

UNDECIDED = """
    from ops.bank_operation as b
    inner join ops.organisation as o on b.organisation_id = o.organisation_id
    left join lateral (
        select d.decision from ops.bank_operation_decision as d
        where d.bank_operation_id = b.bank_operation_id
        order by d.recorded_at desc
        limit 1
    ) as latest on true
    where b.direction = 'in'
        and coalesce(latest.decision, 'postponed') = 'postponed'
        and not exists (
            select 1 from ops.payment as p where p.bank_operation_id = b.bank_operation_id
        )
"""

QUEUE = text(
    f"""
    select
        b.bank_operation_id, b.organisation_id, o.short_name as organisation_name,
        b.operation_date, b.document_number, b.amount, b.payer_name, b.payer_inn, b.purpose,
        ops.as_of() - b.operation_date as age_days
    {UNDECIDED}
    order by b.operation_date, b.bank_operation_id
    limit :limit offset :offset
    """
)

QUEUE_TOTALS = text(
    f"""
    select count(*) as receipts, coalesce(sum(b.amount), 0) as amount
    {UNDECIDED}
    """
)

STILL_UNDECIDED = text(
    f"""
    select b.bank_operation_id, b.organisation_id, b.amount
    {UNDECIDED} and b.bank_operation_id = :bank_operation_id
    """
)

# Screens may not update operations, so a row lock is not theirs; an advisory lock serves.
LOCK_OPERATION = text(f"select pg_advisory_xact_lock({LockSpace.RECEIPT:d}, :low)")

ACCOUNT_BY_NUMBER = text(
    """
    select a.account_id from ops.account as a
    where a.organisation_id = :organisation_id and a.account_number = :account_number
    """
)

POST = text(
    """
    insert into ops.payment
        (account_id, paid_on, amount, channel, document, named_period, bank_operation_id, user_id)
    select
        :account_id, b.operation_date, b.amount, 'bank', nullif(b.document_number, ''),
        :named_period, b.bank_operation_id, ops.session_user_id()
    from ops.bank_operation as b
    where b.bank_operation_id = :bank_operation_id
    returning payment_id
    """
)

DECIDE = text(
    """
    insert into ops.bank_operation_decision
        (bank_operation_id, decision, account_id, comment, user_id)
    values (:bank_operation_id, :decision, :account_id, :comment, ops.session_user_id())
    """
)


OPERATION = text(
    """
    select b.organisation_id, b.operation_date from ops.bank_operation as b
    where b.bank_operation_id = :bank_operation_id
    """
)


class ReceiptError(Exception):
    """The receipt cannot be posted; the message is Russian and says why."""


@dataclass(frozen=True, slots=True)
class UnknownReceipt:
    """A receipt that waits for a decision."""

    bank_operation_id: int
    organisation_id: int
    organisation_name: str
    operation_date: date
    document_number: str
    amount: Decimal
    payer_name: str | None
    payer_inn: str | None
    purpose: str | None
    age_days: int


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """How many receipts wait, and how much money."""

    receipts: int
    amount: Decimal


def queue(connection: Connection, *, limit: int = 50, offset: int = 0) -> list[UnknownReceipt]:
    """Receipts without a decision, the oldest first: their time runs out first."""
    rows = connection.execute(QUEUE, {"limit": limit, "offset": offset}).mappings()
    return [UnknownReceipt(**row) for row in rows]


def queue_totals(connection: Connection) -> QueueTotals:
    """Number and sum of all receipts in the queue."""
    return QueueTotals(**connection.execute(QUEUE_TOTALS).mappings().one())


def post_to_account(
    connection: Connection,
    bank_operation_id: int,
    account_number: str,
    *,
    named_period: date | None = None,
    comment: str | None = None,
) -> int:
    """Make a payment of an unknown receipt; return the number of its account in the database.

    ``named_period`` is the month that the payer named. Raises ``ReceiptError`` when the
    organisation has no such account, somebody else was quicker or a month was closed meanwhile.
    """
    receipt = _undecided(connection, bank_operation_id)
    try:
        keep_months_from_closing(connection, receipt.organisation_id)
    except ClosedMeanwhileError as problem:
        raise ReceiptError(f"{problem} Нажмите кнопку ещё раз.") from problem
    if receipt.amount > LARGEST_AMOUNT:
        raise ReceiptError(
            "Сумма больше ста миллионов рублей: это не платёж одного лицевого счёта. Снимите "
            "поступление с пояснением."
        )
    number = account_number.strip()
    account_id = connection.scalar(
        ACCOUNT_BY_NUMBER,
        {"organisation_id": receipt.organisation_id, "account_number": number},
    )
    if account_id is None:
        raise ReceiptError(
            f"Лицевого счёта «{number}» у этой организации нет. Проверьте номер: нули в начале "
            "тоже пишутся."
        )
    connection.execute(
        POST,
        {
            "account_id": account_id,
            "named_period": named_period and named_period.replace(day=1),
            "bank_operation_id": bank_operation_id,
        },
    )
    _decide(connection, bank_operation_id, "posted", account_id, comment)
    return account_id


def closed_month_of(connection: Connection, bank_operation_id: int) -> date | None:
    """The closed month that the day of a receipt falls into, its first day; None: it is open.

    The payment keeps the day of the bank, so the sheet of the closed month stays as it was handed
    over, and the money shows as known later.
    """
    operation = connection.execute(
        OPERATION, {"bank_operation_id": bank_operation_id}
    ).one_or_none()
    if operation is None:
        return None
    closed = last_closed_month(connection, operation.organisation_id)
    month = operation.operation_date.replace(day=1)
    return month if closed is not None and month <= closed else None


def set_aside(connection: Connection, bank_operation_id: int, comment: str) -> None:
    """Take a receipt out of the queue: it is not a payment of a resident (rent, refund, loan)."""
    if not comment.strip():
        raise ReceiptError("Напишите, что это за поступление: без пояснения его не снять.")
    _undecided(connection, bank_operation_id)
    _decide(connection, bank_operation_id, "not_residents", None, comment.strip())


def _undecided(connection: Connection, bank_operation_id: int) -> UnknownReceipt:
    connection.execute(LOCK_OPERATION, {"low": bank_operation_id % 2**31})
    receipt = connection.execute(
        STILL_UNDECIDED, {"bank_operation_id": bank_operation_id}
    ).one_or_none()
    if receipt is None:
        raise ReceiptError("Это поступление уже разнесено или снято. Обновите страницу.")
    return receipt


def _decide(
    connection: Connection,
    bank_operation_id: int,
    decision: str,
    account_id: int | None,
    comment: str | None,
) -> None:
    connection.execute(
        DECIDE,
        {
            "bank_operation_id": bank_operation_id,
            "decision": decision,
            "account_id": account_id,
            "comment": comment,
        },
    )
