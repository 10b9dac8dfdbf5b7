"""Closing a month: its control totals agree with the ledger, and the sheet stands on them.

Law asks for no such thing; accounting does: a month whose sheet was handed over must not change
without a trace. A month is closed and re-opened by rows that are only added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from operational_db import clock
from operational_db.locks import LockSpace
from operational_db.services.month_comparison import Comparison, compare

COLUMNS = {
    "opening_balance": "на начало",
    "charged": "начислено",
    "recalculated": "перерасчёты",
    "paid": "оплачено",
    "to_awards": "в пошлину и пени по суду",
    "adjusted": "корректировки",
    "written_off": "списано",
    "closing_balance": "на конец",
}
"""Columns of the turnover sheet and their names for people."""


class MonthNotClosedError(Exception):
    """The month cannot be closed or re-opened; the message is Russian and says what to do.

    ``compared`` is set where the ledger and the marts were found to differ.
    """

    compared: Comparison | None = None


class ClosedMeanwhileError(Exception):
    """A month was closed after this transaction began; the message is Russian."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A closed month: its totals in roubles, and the protocol as lines of text.

    ``compared`` is what it was closed on, or None when it had been closed before.
    """

    organisation_id: int
    period: date
    recorded_at: datetime
    totals: Mapping[str, Decimal]
    protocol: tuple[str, ...]
    is_new: bool
    compared: Comparison | None = None


def close_month(
    connection: Connection,
    organisation_id: int,
    period: date,
    *,
    user_id: int | None = None,
    today: date | None = None,
) -> Closing:
    """Close a month of an organisation; the caller owns the transaction.

    A month that is closed already stays as it is. Raises :class:`MonthNotClosedError` when the
    month is not over, the one before it is open, figures are not built from all facts, or the
    turnover of the ledger differs from that of the marts: with the accounts where it does.
    """
    name = _organisation_name(connection, organisation_id, period)
    closed = _latest(connection, organisation_id, period)
    if closed is not None and closed.is_closed:
        return _as_closing(closed, is_new=False)
    _check_that_it_may(connection, organisation_id, period, today or clock.today())
    compared = compare(connection, organisation_id, period)
    _check_that_it_agrees(compared)
    protocol = [
        f"{name}: закрыт {_month(period)}",
        *(f"{COLUMNS[column]}: {_roubles(total)}" for column, total in compared.totals.items()),
        f"Счетов с оборотами или остатком: {compared.accounts}.",
        "Первичные записи и витрины сверены по каждому счёту, расхождений нет.",
    ]
    written = _write(
        connection,
        organisation_id,
        period,
        is_closed=True,
        user_id=user_id,
        control_totals={
            "totals": {column: str(total) for column, total in compared.totals.items()},
            "accounts": compared.accounts,
            "build_id": compared.build_id,
            "protocol": protocol,
        },
    )
    return _as_closing(written, is_new=True, compared=compared)


def keep_months_from_closing(connection: Connection, organisation_id: int) -> None:
    """Let no month of an organisation be closed before this transaction ends.

    Whoever writes charges or payments calls this first: facts are dated by the start of their
    transaction, so one that ends after a closing would slip into the closed sheet unseen. Waits
    for a closing under way. Raises :class:`ClosedMeanwhileError` when a month was closed since the
    transaction began: it must be begun anew.
    """
    connection.execute(SHARED_LOCK, {"space": LockSpace.CLOSING, "organisation": organisation_id})
    if connection.scalar(CLOSED_SINCE_THE_START, {"organisation_id": organisation_id}):
        raise ClosedMeanwhileError("В это же время закрывали месяц, и ничего не записано.")


def last_closed_month(connection: Connection, organisation_id: int) -> date | None:
    """The first day of the latest month that is closed now; all before it are closed with it.

    Months are closed in order and opened again from the latest, so one month tells of all.
    """
    return connection.scalar(LAST_CLOSED, {"organisation_id": organisation_id})


def reopen_month(
    connection: Connection,
    organisation_id: int,
    period: date,
    *,
    reason: str,
    user_id: int | None = None,
) -> None:
    """Open a closed month again, by a later row; the caller owns the transaction.

    Raises :class:`MonthNotClosedError` when it is not closed, when a later month is, or when no
    reason is given: an accountant will ask for it.
    """
    name = _organisation_name(connection, organisation_id, period)
    if not reason.strip():
        raise MonthNotClosedError("Напишите, почему месяц открывается снова.")
    closed = _latest(connection, organisation_id, period)
    if closed is None or not closed.is_closed:
        raise MonthNotClosedError(f"{month_name(period)} не закрыт: открывать нечего.")
    later = last_closed_month(connection, organisation_id)
    if later > period:
        raise MonthNotClosedError(
            f"{month_name(period)} не открыть: закрыт более поздний месяц ({_month(later)}). "
            "Сначала откройте его."
        )
    _write(
        connection,
        organisation_id,
        period,
        is_closed=False,
        user_id=user_id,
        control_totals={
            "reason": reason.strip(),
            "protocol": [f"{name}: {_month(period)} открыт снова", reason.strip()],
        },
    )


def _check_that_it_may(
    connection: Connection, organisation_id: int, period: date, today: date
) -> None:
    if _next_month(period) > today:
        raise MonthNotClosedError(
            f"{month_name(period)} ещё не кончился: закрыть его можно с "
            f"{_next_month(period):%d.%m.%Y}."
        )
    before = connection.execute(BEFORE, _key(organisation_id, period)).one()
    if before.ever_closed and not before.is_previous_closed:
        raise MonthNotClosedError(
            f"{month_name(period)} не закрыть: открыт предыдущий месяц "
            f"({_month(before.previous)}). Сначала закройте его."
        )
    require_figures(connection, organisation_id)


def require_figures(connection: Connection, organisation_id: int) -> None:
    """Raise :class:`MonthNotClosedError` unless the marts are built from all facts known now."""
    if not connection.scalar(MARTS_EXIST):
        raise MonthNotClosedError("Показатели ещё не посчитаны. Запустите пересчёт и повторите.")
    built = connection.execute(BUILT, {"organisation_id": organisation_id}).one_or_none()
    if built is None or not built.is_present_knowledge:
        raise MonthNotClosedError(
            "Последний пересчёт был на другую дату или прерван. Запустите пересчёт и повторите."
        )
    if built.accounts_changed:
        raise MonthNotClosedError(
            "После последнего пересчёта изменились счета организации: "
            f"{built.accounts_changed}. Запустите пересчёт и повторите."
        )


def _check_that_it_agrees(compared: Comparison) -> None:
    if not compared.differing:
        return
    lines = [
        f"{month_name(compared.period)} не закрыт: первичные записи и витрины расходятся "
        f"(счетов: {compared.differing}). Запустите полный пересчёт; если расхождение останется, "
        "сообщите администратору."
    ]
    for account in compared.differences:
        unequal = [
            f"{COLUMNS[column]} {_roubles(ledger)} против {_roubles(mart)}"
            for column, (ledger, mart) in account.unequal.items()
        ]
        lines.append(f"счёт {account.account_number}: " + "; ".join(unequal))
    if compared.differing > len(compared.differences):
        lines.append(f"… и ещё счетов: {compared.differing - len(compared.differences)}")
    refusal = MonthNotClosedError("\n".join(lines))
    refusal.compared = compared
    raise refusal


def _organisation_name(connection: Connection, organisation_id: int, period: date) -> str:
    if period.day != 1:
        raise ValueError("a period is the first day of a month")
    # Two closings at once would both find the month open; facts being written would come late.
    connection.execute(LOCK, {"space": LockSpace.CLOSING, "organisation": organisation_id})
    name = connection.scalar(NAME, {"organisation_id": organisation_id})
    if name is None:
        raise MonthNotClosedError("Такой организации нет.")
    return name


def _latest(connection: Connection, organisation_id: int, period: date) -> Any:
    return connection.execute(LATEST, _key(organisation_id, period)).one_or_none()


def _write(
    connection: Connection,
    organisation_id: int,
    period: date,
    *,
    is_closed: bool,
    user_id: int | None,
    control_totals: dict[str, Any],
) -> Any:
    values = _key(organisation_id, period) | {
        "is_closed": is_closed,
        "user_id": user_id,
        "control_totals": control_totals,
    }
    written = connection.execute(WRITE, values).one()
    connection.execute(
        AUDIT,
        {
            "organisation_id": organisation_id,
            "user_id": user_id,
            "action": "month_close" if is_closed else "month_reopen",
            "period": period.isoformat(),
            "details": {"protocol": control_totals["protocol"]},
        },
    )
    return written


def _as_closing(row: Any, *, is_new: bool, compared: Comparison | None = None) -> Closing:
    return Closing(
        organisation_id=row.organisation_id,
        period=row.period,
        recorded_at=row.recorded_at,
        totals={name: Decimal(value) for name, value in row.control_totals["totals"].items()},
        protocol=tuple(row.control_totals["protocol"]),
        is_new=is_new,
        compared=compared,
    )


def _key(organisation_id: int, period: date) -> dict[str, Any]:
    return {"organisation_id": organisation_id, "period": period}


def _next_month(period: date) -> date:
    year, month = divmod(period.year * 12 + period.month, 12)
    return date(year, month + 1, 1)


MONTHS = (
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
)


def _month(period: date) -> str:
    return f"{MONTHS[period.month - 1]} {period.year} г."


def month_name(period: date) -> str:
    """A month as a sentence begins with it: «Октябрь 2026 г.»."""
    return _month(period).capitalize()


def _roubles(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", "\u00a0").replace(".", ",") + "\u00a0руб."


LOCK = text("select pg_advisory_xact_lock(:space, :organisation)")
SHARED_LOCK = text("select pg_advisory_xact_lock_shared(:space, :organisation)")
# now() is the start of the transaction, and the moment its facts are dated by.
CLOSED_SINCE_THE_START = text(
    """
    select exists (
        select from ops.month_closing
        where organisation_id = :organisation_id and is_closed and recorded_at >= now()
    )
    """
)
NAME = text("select short_name from ops.organisation where organisation_id = :organisation_id")
LATEST = text(
    """
    select organisation_id, period, recorded_at, is_closed, control_totals
    from ops.month_closing
    where organisation_id = :organisation_id and period = :period
    order by recorded_at desc
    limit 1
    """
)
LAST_CLOSED = text(
    """
    select max(latest.period) from (
        select distinct on (period) period, is_closed
        from ops.month_closing
        where organisation_id = :organisation_id
        order by period, recorded_at desc
    ) as latest
    where latest.is_closed
    """
)
# The first closing may be of any month: what was before it was handed over in another program.
BEFORE = text(
    """
    select
        cast(cast(:period as date) - interval '1 month' as date) as previous,
        exists (
            select from ops.month_closing
            where organisation_id = :organisation_id and is_closed and period < :period
        ) as ever_closed,
        coalesce((
            select is_closed from ops.month_closing
            where organisation_id = :organisation_id
                and period = cast(:period as date) - interval '1 month'
            order by recorded_at desc
            limit 1
        ), false) as is_previous_closed
    """
)
MARTS_EXIST = text(
    """
    select to_regclass('marts.account_turnover') is not null
        and to_regclass('warehouse.build') is not null
    """
)
BUILT = text(
    """
    select
        last.is_as_of_today and last.known_at = 'infinity' and last.finished_at is not null
            as is_present_knowledge,
        (
            select count(*) from (
                select account_id from ops.account_change
                union
                select account_id from warehouse.account_to_rebuild
            ) as changed
            inner join ops.account as a on changed.account_id = a.account_id
            where a.organisation_id = :organisation_id
        ) as accounts_changed
    from warehouse.build as last
    order by last.build_id desc
    limit 1
    """
)
WRITE = text(
    """
    insert into ops.month_closing
        (organisation_id, period, recorded_at, is_closed, control_totals, user_id)
    -- Not now(): closing, opening and closing again in one transaction are three moments.
    values (:organisation_id, :period, clock_timestamp(), :is_closed, :control_totals, :user_id)
    returning organisation_id, period, recorded_at, is_closed, control_totals
    """
).bindparams(bindparam("control_totals", type_=JSONB))
AUDIT = text(
    """
    insert into ops.audit_event
        (organisation_id, user_id, action, object_kind, object_id, details)
    values (:organisation_id, :user_id, :action, 'month', :period, :details)
    """
).bindparams(bindparam("details", type_=JSONB))
