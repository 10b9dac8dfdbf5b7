"""Figures of the manager's dashboard, added up by the database from the marts.

Every query is bound by the session's organisations and narrowed by ``Scope``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

Row = Mapping[str, Any]

IN_SCOPE = """
    (cast(:organisation_id as integer) is null or {table}.organisation_id = :organisation_id)
    and (cast(:house_id as integer) is null or {table}.house_id = :house_id)
"""

# Whole organisations have a mart of their own, sixty times smaller; one of the two is read.
COLLECTED = """(
    select organisation_id, house_id, service_id, period, origin_period, charged_amount,
        paid_amount
    from marts.collection
    where cast(:house_id as integer) is not null
    union all
    select organisation_id, null, service_id, period, origin_period, charged_amount, paid_amount
    from marts.organisation_collection
    where cast(:house_id as integer) is null
)"""

BUILD_STATE = text(
    """
    select built_at, as_of_date as as_of, is_full, accounts_rebuilt, duration_seconds
    from screens.build_state
    """
)

DEBT_FIGURES = text(
    f"""
    select
        count(*) as accounts,
        count(*) filter (where b.debt > 0) as debtors,
        count(*) filter (where b.overdue_debt > 0) as overdue_accounts,
        count(*) filter (where b.advance < 0) as advance_accounts,
        coalesce(sum(b.balance), 0) as balance,
        coalesce(sum(b.debt), 0) as debt,
        coalesce(sum(b.overdue_debt), 0) as overdue_debt,
        coalesce(sum(b.advance), 0) as advance,
        coalesce(sum(b.not_due), 0) as not_due,
        coalesce(sum(b.d001_030), 0) as d001_030,
        coalesce(sum(b.d031_060), 0) as d031_060,
        coalesce(sum(b.d061_090), 0) as d061_090,
        coalesce(sum(b.d091_180), 0) as d091_180,
        coalesce(sum(b.d181_365), 0) as d181_365,
        coalesce(sum(b.y1_3), 0) as y1_3,
        coalesce(sum(b.y3_plus), 0) as y3_plus
    from marts.account_balances as b
    where {IN_SCOPE.format(table="b")}
    """  # noqa: S608 - constants of this module, here and below
)

# A month's collection is what came in it against what was charged for it. Months without charges
# (the current one before its bill) have none, and the twelve months are the last twelve with them.
COLLECTION = text(
    f"""
    with months as (
        select c.period,
            coalesce(sum(c.charged_amount), 0) as charged,
            coalesce(sum(c.paid_amount), 0) as paid
        from {COLLECTED} as c
        where {IN_SCOPE.format(table="c")}
        group by c.period
    )

    select period, charged, paid,
        paid / nullif(charged, 0) as share,
        sum(paid) over year / nullif(sum(charged) over year, 0) as share_of_year,
        count(*) over year as months_in_year
    from months
    where charged > 0
    window year as (order by period rows between 11 preceding and current row)
    order by period
    """  # noqa: S608
)

RECEIVED_THIS_MONTH = text(
    f"""
    select coalesce(sum(c.paid_amount), 0) as paid, cast(:month as date) as period
    from {COLLECTED} as c
    where c.period = :month and {IN_SCOPE.format(table="c")}
    """  # noqa: S608
)

# How much of what was charged for a month has come by now, whenever it came.
COLLECTION_BY_ORIGIN = text(
    f"""
    select c.origin_period as period,
        coalesce(sum(c.charged_amount), 0) as charged,
        coalesce(sum(c.paid_amount), 0) as paid,
        coalesce(sum(c.charged_amount), 0) - coalesce(sum(c.paid_amount), 0) as unpaid,
        sum(c.paid_amount) / nullif(sum(c.charged_amount), 0) as share
    from {COLLECTED} as c
    where c.origin_period is not null and {IN_SCOPE.format(table="c")}
    group by c.origin_period
    having sum(c.charged_amount) > 0
    order by c.origin_period desc
    limit :months
    """  # noqa: S608
)

# Debt rises on the day of the bill and falls when people pay, so only equal days of months can be
# compared. Debt on a day is the sum of its changes until then.
DEBT_BY_MONTH = text(
    f"""
    with days as (
        select cast(cast(:until as date) - day.months_ago * interval '1 month' as date) as day
        from generate_series(0, :months - 1) as day (months_ago)
    ),

    in_order as (
        select array_agg(days.day order by days.day) as days from days
    ),

    -- Days are few and houses are many: changes are added up by day before anything else.
    by_day as (
        select f.flow_date, sum(f.debt_change) as amount
        from marts.debt_flow as f
        where f.flow_date <= :until and {IN_SCOPE.format(table="f")}
        group by f.flow_date
    ),

    moves as (
        select width_bucket(by_day.flow_date - 1, in_order.days) + 1 as position,
            sum(by_day.amount) as amount
        from in_order
        cross join by_day
        group by 1
    )

    select point.day, sum(coalesce(moves.amount, 0)) over (order by point.position) as debt
    from in_order
    cross join lateral unnest(in_order.days) with ordinality as point (day, position)
    left join moves on point.position = moves.position
    order by point.position
    """  # noqa: S608
)

TOP_HOUSES = text(
    f"""
    select h.house_id, h.house_address, sum(h.accounts) as accounts, sum(h.debtors) as debtors,
        sum(h.debt) as debt, sum(h.overdue_debt) as overdue_debt
    from marts.house_debts as h
    where h.overdue_debt > 0 and h.house_id is not null and {IN_SCOPE.format(table="h")}
    group by h.house_id, h.house_address
    order by sum(h.overdue_debt) desc, h.house_id
    limit :limit
    """  # noqa: S608
)

BY_ORGANISATION = text(
    f"""
    with balances as (
        select b.organisation_id,
            count(*) as accounts,
            count(*) filter (where b.debt > 0) as debtors,
            sum(b.debt) as debt, sum(b.overdue_debt) as overdue_debt
        from marts.account_balances as b
        where {IN_SCOPE.format(table="b")}
        group by b.organisation_id
    ),

    year as (
        select c.organisation_id,
            sum(c.paid_amount) / nullif(sum(c.charged_amount), 0) as share
        from {COLLECTED} as c
        where c.period between :since and :until and {IN_SCOPE.format(table="c")}
        group by c.organisation_id
    )

    select o.organisation_id, o.short_name as organisation_name,
        balances.accounts, balances.debtors, balances.debt, balances.overdue_debt,
        year.share as share_of_year
    from balances
    inner join ops.organisation as o on balances.organisation_id = o.organisation_id
    left join year on balances.organisation_id = year.organisation_id
    order by balances.debt desc
    """  # noqa: S608
)

BY_SERVICE = text(
    f"""
    select s.service_id, s.name as service_name,
        coalesce(sum(c.charged_amount), 0) as charged,
        coalesce(sum(c.paid_amount), 0) as paid,
        sum(c.paid_amount) / nullif(sum(c.charged_amount), 0) as share
    from {COLLECTED} as c
    inner join reference.service as s on c.service_id = s.service_id
    where c.period between :since and :until and {IN_SCOPE.format(table="c")}
    group by s.service_id, s.name
    order by charged desc, s.service_id
    """  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which accounts the figures are of; None means all that the session sees."""

    organisation_id: int | None = None
    house_id: int | None = None

    def values(self) -> dict[str, int | None]:
        return {"organisation_id": self.organisation_id, "house_id": self.house_id}


@dataclass(frozen=True, slots=True)
class BuildState:
    """The last build of the marts that succeeded: when, and for which day."""

    built_at: datetime
    as_of: date
    is_full: bool
    accounts_rebuilt: int | None
    duration_seconds: Any


def build_state(connection: Connection) -> BuildState | None:
    """The last build; None before the first one."""
    row = connection.execute(BUILD_STATE).mappings().one_or_none()
    return None if row is None else BuildState(**row)


def debt_figures(connection: Connection, scope: Scope) -> Row:
    """Counts of accounts and sums of balance, debt, overdue debt and its parts by age."""
    return connection.execute(DEBT_FIGURES, scope.values()).mappings().one()


def collection_by_month(connection: Connection, scope: Scope) -> list[Row]:
    """Charged, paid and their ratio, of a month and of twelve, oldest first."""
    return list(connection.execute(COLLECTION, scope.values()).mappings())


def received_in_month(connection: Connection, scope: Scope, month: date) -> Row:
    """Money that came in the month that ``month`` lies in."""
    values = {**scope.values(), "month": month.replace(day=1)}
    return connection.execute(RECEIVED_THIS_MONTH, values).mappings().one()


def collection_by_origin(connection: Connection, scope: Scope, months: int = 12) -> list[Row]:
    """Of each of the last months: charged, paid by now, not paid, share; newest first."""
    values = {**scope.values(), "months": months}
    return list(connection.execute(COLLECTION_BY_ORIGIN, values).mappings())


def debt_by_month(connection: Connection, scope: Scope, until: date, months: int) -> list[Row]:
    """Debt on ``until`` and on the same day of the months before it, oldest first."""
    values = {**scope.values(), "until": until, "months": months}
    return list(connection.execute(DEBT_BY_MONTH, values).mappings())


def top_houses(connection: Connection, scope: Scope, limit: int = 10) -> list[Row]:
    """Houses with the largest overdue debt."""
    return list(connection.execute(TOP_HOUSES, {**scope.values(), "limit": limit}).mappings())


def by_organisation(connection: Connection, scope: Scope, since: date, until: date) -> list[Row]:
    """Debt now and collection of the months from ``since`` to ``until``, by organisation."""
    values = {**scope.values(), "since": since, "until": until}
    return list(connection.execute(BY_ORGANISATION, values).mappings())


def by_service(connection: Connection, scope: Scope, since: date, until: date) -> list[Row]:
    """Charged, paid and collection of the months from ``since`` to ``until``, by service."""
    values = {**scope.values(), "since": since, "until": until}
    return list(connection.execute(BY_SERVICE, values).mappings())
