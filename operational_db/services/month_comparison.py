"""The turnover of a month, from the ledger and from the marts, account by account.

The ledger's side is added up from primary facts alone, with SQL that shares nothing with the
models: a fault of a model cannot hide itself. What receipts repaid of awarded duty and penalty is
known to the walk through the debt alone: it is taken from there, up to what courts awarded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

DIFFERENCES_SHOWN = 20
COLUMNS = (
    *("opening_balance", "charged", "recalculated", "paid", "to_awards", "adjusted"),
    *("written_off", "closing_balance"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose turnover differs: by column, the ledger's sum and the marts'.

    ``closing`` are both balances at the end of the month, be they equal or not.
    """

    account_id: int
    account_number: str
    closing: tuple[Decimal, Decimal]
    unequal: Mapping[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Totals of the ledger and of the marts in roubles, and the accounts that differ most."""

    period: date
    totals: Mapping[str, Decimal]
    mart_totals: Mapping[str, Decimal]
    accounts: int
    differing: int
    differences: tuple[Difference, ...]
    build_id: int


def compare(connection: Connection, organisation_id: int, period: date) -> Comparison:
    """Compare the month of an organisation, in the caller's transaction."""
    connection.execute(DROP)
    connection.execute(FILL, {"organisation_id": organisation_id, "period": period})
    totals = connection.execute(TOTALS).mappings().one()
    worst = connection.execute(DIFFERENCES, {"limit": DIFFERENCES_SHOWN}).mappings()
    return Comparison(
        period=period,
        totals={column: totals[column] for column in COLUMNS},
        mart_totals={column: totals[f"mart_{column}"] for column in COLUMNS},
        accounts=totals["accounts"],
        differing=totals["differing"],
        differences=tuple(_difference(row) for row in worst),
        build_id=totals["build_id"],
    )


def _difference(row: Mapping[str, Any]) -> Difference:
    both = {column: (row[f"ledger_{column}"], row[f"mart_{column}"]) for column in COLUMNS}
    unequal = {column: sums for column, sums in both.items() if sums[0] != sums[1]}
    return Difference(row["account_id"], row["account_number"], both["closing_balance"], unequal)


DROP = text("drop table if exists pg_temp.month_compared")
# Both sides are brought to account and month by themselves: the ledger from primary facts only.
FILL = text(
    """
    create temporary table month_compared on commit drop as
    with month as (
        select
            cast(:period as date) as starts,
            cast(cast(:period as date) + interval '1 month' as date) as next_starts
    ),

    -- A court that named no penalty of its own gave what was asked for.
    awarded as (
        select
            k.account_id,
            sum(coalesce(k.duty_awarded, 0) + coalesce(k.penalty_awarded, (
                select sum(m.amount) from ops.claimed_month as m
                where m.case_id = k.case_id and m.part = 'penalty'
            ), 0)) as awarded
        from ops.court_case_state as k
        where k.organisation_id = :organisation_id
        group by k.account_id
    ),

    movements as (
        select
            c.account_id,
            case when c.kind = 'charge' then c.period else c.booked_on end as counted_on,
            case when c.kind = 'charge' then c.amount else 0 end as charged,
            case when c.kind = 'recalculation' then c.amount else 0 end as recalculated,
            cast(0 as numeric(14, 2)) as paid,
            cast(0 as numeric(14, 2)) as to_awards,
            case when c.kind = 'adjustment' then c.amount else 0 end as adjusted,
            cast(0 as numeric(14, 2)) as written_off
        from ops.charge as c
        inner join ops.account as a on c.account_id = a.account_id
        where a.organisation_id = :organisation_id
        union all
        select p.account_id, p.paid_on, 0, 0, p.amount, 0, 0, 0
        from ops.payment as p
        inner join ops.account as a on p.account_id = a.account_id
        where a.organisation_id = :organisation_id
        union all
        select w.account_id, w.written_off_on, 0, 0, 0, 0, 0, w.amount
        from ops.write_off as w
        inner join ops.account as a on w.account_id = a.account_id
        where a.organisation_id = :organisation_id
        union all
        select r.account_id, r.period, 0, 0, 0,
            least(r.until, coalesce(w.awarded, 0))
                - least(r.until - r.to_awards, coalesce(w.awarded, 0)),
            0, 0
        from (
            select t.account_id, t.period, t.to_awards,
                sum(t.to_awards) over (partition by t.account_id order by t.period) as until
            from marts.account_turnover as t
            where t.organisation_id = :organisation_id and t.to_awards <> 0
        ) as r
        left join awarded as w on r.account_id = w.account_id
    ),

    ledger as (
        select
            m.account_id,
            coalesce(sum(m.charged + m.recalculated - m.paid + m.to_awards + m.adjusted
                - m.written_off)
                filter (where m.counted_on < month.starts), 0) as opening_balance,
            coalesce(sum(m.charged) filter (where m.counted_on >= month.starts), 0) as charged,
            coalesce(sum(m.recalculated) filter (where m.counted_on >= month.starts), 0)
                as recalculated,
            coalesce(sum(m.paid) filter (where m.counted_on >= month.starts), 0) as paid,
            coalesce(sum(m.to_awards) filter (where m.counted_on >= month.starts), 0) as to_awards,
            coalesce(sum(m.adjusted) filter (where m.counted_on >= month.starts), 0) as adjusted,
            coalesce(sum(m.written_off) filter (where m.counted_on >= month.starts), 0)
                as written_off,
            sum(m.charged + m.recalculated - m.paid + m.to_awards + m.adjusted
                - m.written_off)
                as closing_balance
        from movements as m
        cross join month
        where m.counted_on < month.next_starts
        group by m.account_id
    ),

    -- The last line up to the month: its end is the start of the next one, or of this.
    marts as (
        select distinct on (t.account_id)
            t.account_id,
            case when t.period = month.starts then t.opening_balance else t.closing_balance end
                as opening_balance,
            case when t.period = month.starts then t.charged else 0 end as charged,
            case when t.period = month.starts then t.recalculated else 0 end as recalculated,
            case when t.period = month.starts then t.paid else 0 end as paid,
            case when t.period = month.starts then t.to_awards else 0 end as to_awards,
            case when t.period = month.starts then t.adjusted else 0 end as adjusted,
            case when t.period = month.starts then t.written_off else 0 end as written_off,
            t.closing_balance
        from marts.account_turnover as t
        cross join month
        where t.organisation_id = :organisation_id and t.period <= month.starts
        order by t.account_id, t.period desc
    )

    select
        coalesce(ledger.account_id, marts.account_id) as account_id,
        coalesce(ledger.opening_balance, 0) as ledger_opening_balance,
        coalesce(ledger.charged, 0) as ledger_charged,
        coalesce(ledger.recalculated, 0) as ledger_recalculated,
        coalesce(ledger.paid, 0) as ledger_paid,
        coalesce(ledger.to_awards, 0) as ledger_to_awards,
        coalesce(ledger.adjusted, 0) as ledger_adjusted,
        coalesce(ledger.written_off, 0) as ledger_written_off,
        coalesce(ledger.closing_balance, 0) as ledger_closing_balance,
        coalesce(marts.opening_balance, 0) as mart_opening_balance,
        coalesce(marts.charged, 0) as mart_charged,
        coalesce(marts.recalculated, 0) as mart_recalculated,
        coalesce(marts.paid, 0) as mart_paid,
        coalesce(marts.to_awards, 0) as mart_to_awards,
        coalesce(marts.adjusted, 0) as mart_adjusted,
        coalesce(marts.written_off, 0) as mart_written_off,
        coalesce(marts.closing_balance, 0) as mart_closing_balance,
        (
            coalesce(ledger.opening_balance, 0), coalesce(ledger.charged, 0),
            coalesce(ledger.recalculated, 0),
            coalesce(ledger.paid, 0), coalesce(ledger.to_awards, 0),
            coalesce(ledger.adjusted, 0), coalesce(ledger.written_off, 0),
            coalesce(ledger.closing_balance, 0)
        ) is distinct from (
            coalesce(marts.opening_balance, 0), coalesce(marts.charged, 0),
            coalesce(marts.recalculated, 0),
            coalesce(marts.paid, 0), coalesce(marts.to_awards, 0),
            coalesce(marts.adjusted, 0), coalesce(marts.written_off, 0),
            coalesce(marts.closing_balance, 0)
        ) as is_different
    from ledger
    full join marts on ledger.account_id = marts.account_id
    """
)
MART_TOTALS = ",\n".join(
    f"cast(coalesce(sum(mart_{column}), 0) as numeric(14, 2)) as mart_{column}"
    for column in COLUMNS
)
TOTALS = text(
    f"""
    select
        cast(coalesce(sum(ledger_opening_balance), 0) as numeric(14, 2)) as opening_balance,
        cast(coalesce(sum(ledger_charged), 0) as numeric(14, 2)) as charged,
        cast(coalesce(sum(ledger_recalculated), 0) as numeric(14, 2)) as recalculated,
        cast(coalesce(sum(ledger_paid), 0) as numeric(14, 2)) as paid,
        cast(coalesce(sum(ledger_to_awards), 0) as numeric(14, 2)) as to_awards,
        cast(coalesce(sum(ledger_adjusted), 0) as numeric(14, 2)) as adjusted,
        cast(coalesce(sum(ledger_written_off), 0) as numeric(14, 2)) as written_off,
        cast(coalesce(sum(ledger_closing_balance), 0) as numeric(14, 2)) as closing_balance,
{MART_TOTALS},
        count(*) as accounts,
        count(*) filter (where is_different) as differing,
        (select max(build_id) from warehouse.build) as build_id
    from pg_temp.month_compared
    """  # noqa: S608 - a constant of this module
)
DIFFERENCES = text(
    """
    select a.account_number, c.*
    from pg_temp.month_compared as c
    inner join ops.account as a on c.account_id = a.account_id
    where c.is_different
    order by abs(c.ledger_closing_balance - c.mart_closing_balance) desc, a.account_number
    limit :limit
    """
)
