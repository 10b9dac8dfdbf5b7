"""Debt of a municipality by organisation, band and house, on any day, without names.

The day of the last build is answered from balances; another day is added up from the pieces of debt
themselves, which takes seconds on a large town, so screens keep the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

Row = Mapping[str, Any]

BANDS_OF_ACCOUNTS = """
    left join reference.debt_band as band
        on (
            accounts.overdue_debt > band.amount_from
            or (band.is_from_inclusive and accounts.overdue_debt = band.amount_from)
        )
        and (
            band.amount_to is null or accounts.overdue_debt < band.amount_to
            or (band.is_to_inclusive and accounts.overdue_debt = band.amount_to)
        )
"""
ON_BUILT_DAY = """
    select b.account_id, b.organisation_id, b.house_id, b.debt, b.overdue_debt,
        b.d091_180 + b.d181_365 + b.y1_3 + b.y3_plus as older
    from marts.account_balances as b
    where b.debt > 0 and b.as_of_date = :day
        and (cast(:organisation_id as integer) is null or b.organisation_id = :organisation_id)
"""
ON_ANY_DAY = """
    select i.account_id, i.organisation_id, i.house_id, sum(i.interval_amount) as debt,
        coalesce(sum(i.interval_amount) filter (where i.due_date < :day), 0) as overdue_debt,
        coalesce(sum(i.interval_amount) filter (where i.due_date < cast(:day as date) - 90), 0)
            as older
    from marts.debt_intervals as i
    where i.interval_kind <> 'advance' and i.opened_date <= :day
        and (i.closed_date is null or i.closed_date > :day)
        and (cast(:organisation_id as integer) is null or i.organisation_id = :organisation_id)
    group by i.account_id, i.organisation_id, i.house_id
    having sum(i.interval_amount) > 0
"""
# What stood at the beginning of the month (of the month before, on a first day) to compare with.
BEFORE = """
    select m.organisation_id, m.house_id, m.account_id, m.overdue_debt, m.band_code
    from marts.account_month_debts as m
    where m.month_start = cast(date_trunc('month', cast(:day as date) - 1) as date)
        and (cast(:organisation_id as integer) is null or m.organisation_id = :organisation_id)
"""
BY_ORGANISATION = """
    with accounts as ({accounts}),

    before as ({before}),

    banded as (
        select accounts.*, band.band_code from accounts
        {bands}
    ),

    now_owed as (
        select organisation_id, sum(debt) as debt, sum(overdue_debt) as overdue_debt,
            sum(older) as older,
            count(*) filter (where overdue_debt > 0) as debtors,
            count(*) filter (where band_code = 'A') as band_a,
            count(*) filter (where band_code = 'B') as band_b,
            count(*) filter (where band_code = 'C') as band_c,
            count(*) filter (where band_code = 'D') as band_d
        from banded
        group by organisation_id
    ),

    owed_before as (
        select organisation_id, sum(overdue_debt) as overdue_debt
        from before
        group by organisation_id
    ),

    last_month as (
        select c.organisation_id,
            sum(c.paid_amount) filter (where c.period = months.last)
                / nullif(sum(c.charged_amount) filter (where c.period = months.last), 0)
                as share_of_month,
            sum(c.paid_amount) / nullif(sum(c.charged_amount), 0) as share_of_year
        from marts.organisation_collection as c
        cross join (
            select cast(date_trunc('month', cast(:day as date)) - interval '1 month' as date)
                    as last,
                cast(date_trunc('month', cast(:day as date)) - interval '12 months' as date)
                    as first
        ) as months
        where c.period between months.first and months.last
        group by c.organisation_id
    )

    select o.organisation_id, o.short_name as organisation_name, now_owed.debt,
        now_owed.overdue_debt, now_owed.debtors, now_owed.band_a, now_owed.band_b,
        now_owed.band_c, now_owed.band_d,
        now_owed.older / nullif(now_owed.overdue_debt, 0) as older_share,
        last_month.share_of_month, last_month.share_of_year,
        now_owed.overdue_debt - coalesce(owed_before.overdue_debt, 0) as change
    from now_owed
    inner join ops.organisation as o on now_owed.organisation_id = o.organisation_id
    left join owed_before on now_owed.organisation_id = owed_before.organisation_id
    left join last_month on now_owed.organisation_id = last_month.organisation_id
    order by now_owed.overdue_debt desc, o.organisation_id
"""
BY_BAND = """
    with accounts as ({accounts}),

    before as ({before}),

    banded as (
        select accounts.*, coalesce(band.band_code, '-') as band_code from accounts
        {bands}
        where accounts.overdue_debt > 0
    ),

    now_owed as (
        select band_code, count(*) as debtors, sum(overdue_debt) as overdue_debt
        from banded
        group by band_code
    ),

    owed_before as (
        select coalesce(band_code, '-') as band_code, count(*) as debtors,
            sum(overdue_debt) as overdue_debt
        from before
        group by coalesce(band_code, '-')
    ),

    named as (
        select band_code, label, sort_order from reference.debt_band
        union all
        select '-' as band_code, 'меньше 5 000 ₽' as label, 99 as sort_order
    )

    select named.band_code, named.label as band_name, coalesce(now_owed.debtors, 0) as debtors,
        coalesce(now_owed.overdue_debt, 0) as overdue_debt,
        coalesce(now_owed.debtors, 0) - coalesce(owed_before.debtors, 0) as debtors_change,
        coalesce(now_owed.overdue_debt, 0) - coalesce(owed_before.overdue_debt, 0) as change
    from named
    left join now_owed on named.band_code = now_owed.band_code
    left join owed_before on named.band_code = owed_before.band_code
    order by named.sort_order
"""
BY_HOUSE = """
    with accounts as ({accounts}),

    before as (
        select house_id, sum(overdue_debt) as overdue_debt from ({before}) as then_owed
        group by house_id
    ),

    banded as (
        select accounts.*, band.band_code from accounts
        {bands}
        where cast(:band_code as text) is null or band.band_code = :band_code
    ),

    houses as (
        select house_id, house_address, house_sort_key, sum(accounts) as accounts
        from marts.house_debts
        group by house_id, house_address, house_sort_key
    ),

    owed as (
        select house_id, sum(debt) as debt, sum(overdue_debt) as overdue_debt,
            sum(older) as older, count(*) filter (where overdue_debt > 0) as debtors
        from banded
        where house_id is not null
        group by house_id
    )

    select houses.house_id, houses.house_address, houses.accounts, owed.debtors, owed.debt,
        owed.overdue_debt, owed.older / nullif(owed.overdue_debt, 0) as older_share,
        case when cast(:band_code as text) is null
            then owed.overdue_debt - coalesce(before.overdue_debt, 0) end as change,
        count(*) over () as houses_in_all
    from owed
    inner join houses on owed.house_id = houses.house_id
    left join before on owed.house_id = before.house_id
    where owed.overdue_debt > 0
    order by owed.overdue_debt desc, houses.house_sort_key
    limit :limit offset :offset
"""
RATING = text(
    """
    with money as (
        select c.organisation_id, sum(c.charged_amount) as charged, sum(c.paid_amount) as paid
        from marts.organisation_collection as c
        where c.period between :since and :until
        group by c.organisation_id
    ),

    filings as (
        select e.organisation_id, count(*) as filed, coalesce(sum(e.event_amount), 0) as filed_sum
        from marts.account_events as e
        where e.event_kind in ('order_filed', 'claim_filed') and not e.is_cancelled
            and not e.is_doubled and e.event_date between :since and :last_day
        group by e.organisation_id
    ),

    recovered as (
        select a.organisation_id, coalesce(sum(p.amount), 0) as recovered
        from ops.payment as p
        inner join ops.account as a on p.account_id = a.account_id
        where p.execution_document_id is not null and p.paid_on between :since and :last_day
        group by a.organisation_id
    ),

    kept as (
        select e.organisation_id,
            count(*) filter (where e.fact >= e.target) as kept,
            count(*) filter (where e.target is not null and e.fact is not null) as judged,
            avg(least(e.execution_share, 1)) filter (where e.execution_share is not null)
                as execution
        from marts.plan_execution as e
        inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id
        inner join ops.plan_measure as m on i.plan_measure_id = m.plan_measure_id
        where i.position = 1 and e.period_kind = 'month'
            and e.period_start between :since and :until
            and m.plan_id in (
                select max(p.plan_id) from ops.plan as p group by p.organisation_id, p.code
            )
        group by e.organisation_id
    )

    select o.organisation_id, o.short_name as organisation_name, money.charged, money.paid,
        money.paid / nullif(money.charged, 0) as share, coalesce(filings.filed, 0) as filed,
        coalesce(filings.filed_sum, 0) as filed_sum,
        coalesce(recovered.recovered, 0) as recovered, kept.kept, kept.judged, kept.execution
    from money
    inner join ops.organisation as o on money.organisation_id = o.organisation_id
    left join filings on money.organisation_id = filings.organisation_id
    left join recovered on money.organisation_id = recovered.organisation_id
    left join kept on money.organisation_id = kept.organisation_id
    order by money.paid / nullif(money.charged, 0) desc nulls last, o.organisation_id
    """
)


@dataclass(frozen=True, slots=True)
class DebtQuestion:
    """On which day, and of whom; None means all that the session sees."""

    day: date
    is_built_day: bool
    organisation_id: int | None = None

    def values(self) -> dict[str, Any]:
        return {"day": self.day, "organisation_id": self.organisation_id}


def by_organisation(connection: Connection, asked: DebtQuestion) -> list[Row]:
    """Debt, debtors by band, collection, and the change since the beginning of the month."""
    return _rows(connection, BY_ORGANISATION, asked)


def by_band(connection: Connection, asked: DebtQuestion) -> list[Row]:
    """Debtors and overdue debt of each band, and what changed in it since then."""
    return _rows(connection, BY_BAND, asked)


def by_house(
    connection: Connection,
    asked: DebtQuestion,
    band_code: str | None = None,
    *,
    limit: int | None = 50,
    offset: int = 0,
) -> list[Row]:
    """Houses with overdue debt, the largest first; ``houses_in_all`` counts all of them."""
    return _rows(connection, BY_HOUSE, asked, band_code=band_code, limit=limit, offset=offset)


def rating(connection: Connection, since: date, until: date, last_day: date) -> list[Row]:
    """Organisations by collection, with filings, recovery and plans of the months in a range.

    ``since`` and ``until`` are first days of months, ``last_day`` the last day of the range.
    """
    values = {"since": since, "until": until, "last_day": last_day}
    return list(connection.execute(RATING, values).mappings())


def _rows(connection: Connection, query: str, asked: DebtQuestion, **more: Any) -> list[Row]:
    filled = query.format(
        accounts=ON_BUILT_DAY if asked.is_built_day else ON_ANY_DAY,
        before=BEFORE,
        bands=BANDS_OF_ACCOUNTS,
    )
    return list(connection.execute(text(filled), {**asked.values(), **more}).mappings())
