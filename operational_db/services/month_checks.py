"""Months of an organisation for the screen of closings: their state, the ledger and the marts.

Comparing a month reads all its facts, which is work for a run; what it found is kept as a row, so
a screen shows it at once and says of which build it speaks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from operational_db.services.month_closing import require_figures
from operational_db.services.month_comparison import COLUMNS, Comparison, compare

MONTHS_SHOWN = 36


@dataclass(frozen=True, slots=True)
class Month:
    """A month and what was last done to it; ``totals`` in roubles are those it was closed with.

    A month before the first that was ever closed does not change either (``is_before_closed``).
    """

    period: date
    is_over: bool
    is_closed: bool
    changed_at: datetime | None
    reason: str | None
    protocol: Sequence[str]
    totals: Mapping[str, Decimal]
    is_before_closed: bool = False

    @property
    def state(self) -> str:
        """In a word, as a list shows it."""
        if self.is_closed:
            return "закрыт"
        if self.is_before_closed:
            return "раньше закрытых"
        if self.changed_at is not None:
            return "открыт снова"
        return "открыт" if self.is_over else "ещё идёт"


@dataclass(frozen=True, slots=True)
class Check:
    """The ledger of a month beside the marts, in roubles by column, and the accounts that differ.

    Each of ``differences`` has ``account_id``, ``account_number``, ``ledger`` and ``marts``: the
    closing balances of both; there may be more accounts than are listed.
    """

    recorded_at: datetime
    accounts: int
    differing: int
    ledger: Mapping[str, Decimal]
    marts: Mapping[str, Decimal]
    differences: Sequence[Mapping[str, Any]]


def months(connection: Connection) -> list[Month]:
    """The latest months of the user's own organisation, newest first."""
    rows = connection.execute(MONTHS, {"limit": MONTHS_SHOWN}).mappings().all()
    last_closed = max((row["period"] for row in rows if row["is_closed"]), default=date.min)
    return [_month(row, last_closed) for row in rows]


def latest_check(connection: Connection, period: date) -> Check | None:
    """What the last comparison of a month of the user's own organisation found."""
    row = connection.execute(LATEST, {"period": period}).mappings().one_or_none()
    if row is None:
        return None
    return Check(
        recorded_at=row["recorded_at"],
        accounts=row["accounts"],
        differing=row["differing"],
        ledger=_sums(row["ledger"]),
        marts=_sums(row["marts"]),
        differences=[
            {
                **difference,
                "ledger": Decimal(difference["ledger"]),
                "marts": Decimal(difference["marts"]),
            }
            for difference in row["differences"]
        ],
    )


def check_month(
    connection: Connection,
    organisation_id: int,
    period: date,
    *,
    run_request_id: int | None = None,
) -> Comparison:
    """Compare a month and keep what was found; the caller owns the transaction.

    Raises :class:`MonthNotClosedError` when figures are not built from all facts: the difference
    would be of what is still to be counted.
    """
    require_figures(connection, organisation_id)
    compared = compare(connection, organisation_id, period)
    record_check(connection, organisation_id, compared, run_request_id=run_request_id)
    return compared


def record_check(
    connection: Connection,
    organisation_id: int,
    compared: Comparison,
    *,
    run_request_id: int | None = None,
) -> None:
    """Keep what a comparison found."""
    connection.execute(
        RECORD,
        {
            "organisation_id": organisation_id,
            "period": compared.period,
            "run_request_id": run_request_id,
            "build_id": compared.build_id,
            "accounts": compared.accounts,
            "differing": compared.differing,
            "ledger": _told(compared.totals),
            "marts": _told(compared.mart_totals),
            "differences": [
                {
                    "account_id": difference.account_id,
                    "account_number": difference.account_number,
                    "ledger": str(difference.closing[0]),
                    "marts": str(difference.closing[1]),
                    "columns": list(difference.unequal),
                }
                for difference in compared.differences
            ],
        },
    )


def _month(row: Mapping[str, Any], last_closed: date) -> Month:
    said = row["control_totals"] or {}
    return Month(
        period=row["period"],
        is_over=row["is_over"],
        is_closed=bool(row["is_closed"]),
        changed_at=row["recorded_at"],
        reason=said.get("reason"),
        protocol=tuple(said.get("protocol", ())),
        totals=_sums(said.get("totals", {})),
        is_before_closed=row["period"] < last_closed,
    )


def _sums(told: Mapping[str, str]) -> dict[str, Decimal]:
    return {column: Decimal(told[column]) for column in COLUMNS if column in told}


def _told(sums: Mapping[str, Decimal]) -> dict[str, str]:
    return {column: str(value) for column, value in sums.items()}


OWN = "(select w.organisation_id from ops.who_am_i() as w)"
MONTHS = text(
    f"""
    select
        cast(month as date) as period, month + interval '1 month' <= ops.as_of() as is_over,
        latest.is_closed, latest.recorded_at, latest.control_totals
    from generate_series(
        date_trunc('month', ops.as_of()) - (:limit - 1) * interval '1 month',
        date_trunc('month', ops.as_of()),
        interval '1 month'
    ) as month
    left join lateral (
        select c.is_closed, c.recorded_at, c.control_totals
        from ops.month_closing as c
        where c.organisation_id = {OWN} and c.period = cast(month as date)
        order by c.recorded_at desc
        limit 1
    ) as latest on true
    order by month desc
    """  # noqa: S608 - a constant of this module
)
LATEST = text(
    f"""
    select
        c.recorded_at, c.accounts, c.differing, c.ledger, c.marts, c.differences
    from ops.month_check as c
    where c.organisation_id = {OWN} and c.period = :period
    order by c.month_check_id desc
    limit 1
    """  # noqa: S608 - a constant of this module
)
RECORD = text(
    """
    insert into ops.month_check (
        organisation_id, period, run_request_id, build_id, accounts, differing, ledger, marts,
        differences
    )
    values (
        :organisation_id, :period, :run_request_id, :build_id, :accounts, :differing, :ledger,
        :marts, :differences
    )
    """
).bindparams(
    bindparam("ledger", type_=JSONB),
    bindparam("marts", type_=JSONB),
    bindparam("differences", type_=JSONB),
)
