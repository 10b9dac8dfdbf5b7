"""Реестр заявок на оплату: requests to pay out money, in the columns of the source form.

A request is never changed: a correction is a new row for it and a withdrawal another one, so the
register of a day in the past can always be told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from operational_db.models.reporting import ReportForm
from operational_db.services.forms import rights

Row = Mapping[str, Any]

LARGEST = Decimal("999999999999.99")


class RequestRefusedError(ValueError):
    """The request cannot be recorded; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class RequestData:
    """What a request says; texts are trimmed and empty ones are None."""

    number: str
    desired_on: date
    amount: Decimal
    counterparty: str
    purpose: str
    settlement_account: str
    initiator: str
    alternative_recipient: str | None = None
    contract: str | None = None
    responsibility_centre: str | None = None


NEWEST = """
    select p.*
    from ops.payment_request as p
    where not exists (
        select 1 from ops.payment_request as later
        where later.replaces_request_id = p.payment_request_id
    )
    and not p.is_withdrawn
"""
REGISTER = text(
    f"""
    with newest as ({NEWEST})

    select p.payment_request_id, p.organisation_id, o.short_name as organisation_name, p.number,
        p.desired_on, p.amount, p.counterparty, p.alternative_recipient, p.contract, p.purpose,
        p.responsibility_centre, p.settlement_account, p.initiator
    from newest as p
    inner join ops.organisation as o on p.organisation_id = o.organisation_id
    where p.desired_on between :since and :until
        and (cast(:organisation_id as integer) is null or p.organisation_id = :organisation_id)
    order by p.desired_on, p.number, p.payment_request_id
    limit :limit offset :offset
    """  # noqa: S608 - constants of this module, here and below
)
TOTALS = text(
    f"""
    with newest as ({NEWEST})

    select count(*) as requests, coalesce(sum(p.amount), 0) as amount
    from newest as p
    where p.desired_on between :since and :until
        and (cast(:organisation_id as integer) is null or p.organisation_id = :organisation_id)
    """  # noqa: S608
)
ADD = text(
    """
    insert into ops.payment_request (
        organisation_id, number, desired_on, amount, counterparty, alternative_recipient,
        contract, purpose, responsibility_centre, settlement_account, initiator,
        replaces_request_id, is_withdrawn, user_id
    )
    select
        :organisation_id, :number, :desired_on, :amount, :counterparty, :alternative_recipient,
        :contract, :purpose, :responsibility_centre, :settlement_account, :initiator,
        cast(:replaces_request_id as bigint), :is_withdrawn, ops.session_user_id()
    returning payment_request_id
    """
)
ONE = text(
    """
    select organisation_id, number, desired_on, amount, counterparty, alternative_recipient,
        contract, purpose, responsibility_centre, settlement_account, initiator
    from ops.payment_request
    where payment_request_id = :payment_request_id
    """
)


def register(
    connection: Connection,
    since: date,
    until: date,
    *,
    organisation_id: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Row]:
    """Requests as they stand now by the day they are wanted on, numbered; all without ``limit``.

    Raises ``FormRefusedError`` without the right.
    """
    rights.require(connection, ReportForm.PAYMENTS_REGISTER)
    values = {
        "since": since,
        "until": until,
        "organisation_id": organisation_id,
        "limit": limit,
        "offset": offset,
    }
    found = connection.execute(REGISTER, values).mappings()
    return [{"ordinal": number, **row} for number, row in enumerate(found, offset + 1)]


def totals(
    connection: Connection, since: date, until: date, *, organisation_id: int | None = None
) -> Row:
    """How many requests and their sum: «ИТОГО»."""
    rights.require(connection, ReportForm.PAYMENTS_REGISTER)
    values = {"since": since, "until": until, "organisation_id": organisation_id}
    return connection.execute(TOTALS, values).mappings().one()


def add(connection: Connection, organisation_id: int, data: RequestData) -> int:
    """Record a request; return its number in the database.

    Raises ``RequestRefusedError`` for what cannot be paid and for a number that is taken.
    """
    _check(data)
    return _insert(connection, organisation_id, data, replaces=None, is_withdrawn=False)


def correct(connection: Connection, payment_request_id: int, data: RequestData) -> int:
    """Record what a request says now; the old row stays."""
    _check(data)
    old = _one(connection, payment_request_id)
    return _insert(
        connection, old["organisation_id"], data, replaces=payment_request_id, is_withdrawn=False
    )


def withdraw(connection: Connection, payment_request_id: int) -> int:
    """Take a request back: a last row that says so."""
    old = dict(_one(connection, payment_request_id))
    organisation_id = old.pop("organisation_id")
    return _insert(
        connection,
        organisation_id,
        RequestData(**old),
        replaces=payment_request_id,
        is_withdrawn=True,
    )


def _one(connection: Connection, payment_request_id: int) -> Row:
    found = connection.execute(ONE, {"payment_request_id": payment_request_id}).mappings().first()
    if found is None:
        raise RequestRefusedError("Такой заявки нет или она вам не видна. Обновите страницу.")
    return found


def _insert(
    connection: Connection,
    organisation_id: int,
    data: RequestData,
    *,
    replaces: int | None,
    is_withdrawn: bool,
) -> int:
    rights.require(connection, ReportForm.PAYMENTS_REGISTER)
    values = {
        "organisation_id": organisation_id,
        "replaces_request_id": replaces,
        "is_withdrawn": is_withdrawn,
        **{name: getattr(data, name) for name in RequestData.__dataclass_fields__},
    }
    try:
        with connection.begin_nested():
            return connection.execute(ADD, values).scalar_one()
    except IntegrityError as problem:
        if "uq_payment_request_number" in str(problem.orig):
            raise RequestRefusedError(
                f"Заявка с номером «{data.number}» уже есть. Укажите другой номер или исправьте "
                "прежнюю заявку."
            ) from problem
        if "uq_payment_request_replaced" in str(problem.orig):
            raise RequestRefusedError(
                "Эту заявку уже исправили или отозвали. Обновите страницу."
            ) from problem
        raise


def _check(data: RequestData) -> None:
    empty = [
        told
        for name, told in (
            ("number", "номер"),
            ("counterparty", "контрагента"),
            ("purpose", "назначение платежа"),
            ("initiator", "инициатора"),
        )
        if not getattr(data, name).strip()
    ]
    if empty:
        raise RequestRefusedError(f"Заполните {', '.join(empty)}.")
    if not 0 < data.amount <= LARGEST:
        raise RequestRefusedError("Сумма документа должна быть больше нуля.")
    account = data.settlement_account
    if not (account.isascii() and account.isdigit() and len(account) == 20):
        raise RequestRefusedError(
            f"Расчётный счёт «{account}» должен состоять из 20 цифр. Проверьте его по договору."
        )
