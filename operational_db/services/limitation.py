"""The limitation radar: roubles in no live case that pass three years soon, and whose they are.

Read from the parts of debt of the last build; days are counted from the day of that build. A filing
stops the term (ГК 204), so a month in a live case is not here, and one whose order was cancelled is
here with the term that is left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from operational_db.services import debt_bands

Row = Mapping[str, Any]

WINDOWS = (30, 60, 90)
"""Ends of the windows of the radar, in days from today."""

# The date is null where a live case has stopped the term: such months do not pass.
SOON = """
    -- A value and not a column for the day, so that the index by date is read no further; and by
    -- itself (offset 0), for the planner takes the passing months for many.
    from (
        select m.*
        from marts.debt_parts as m
        where m.unclaimed_amount > 0 and m.liability <> 'refund' and not m.is_time_barred
            and m.live_case_id is null
            and m.limitation_date
            <= (select s.as_of_date from screens.build_state as s) + cast(:days as integer)
            and (cast(:organisation_id as integer) is null or m.organisation_id = :organisation_id)
            and (cast(:house_id as integer) is null or m.house_id = :house_id)
        offset 0
    ) as p
    cross join screens.build_state as built
    inner join marts.account_balances as b on p.account_id = b.account_id
    {more}
    left join reference.debt_band as d
        on (b.debt > d.amount_from or d.is_from_inclusive and b.debt = d.amount_from)
        and (d.amount_to is null or b.debt < d.amount_to
            or d.is_to_inclusive and b.debt = d.amount_to)
    where cast(:band as text) is null or coalesce(d.band_code, 'rest') = :band
"""
WINDOW_SUMS = """
    coalesce(sum(p.unclaimed_amount) filter (
        where p.limitation_date <= built.as_of_date + 30), 0) as d30,
    coalesce(sum(p.unclaimed_amount) filter (
        where p.limitation_date > built.as_of_date + 30
        and p.limitation_date <= built.as_of_date + 60), 0) as d60,
    coalesce(sum(p.unclaimed_amount) filter (
        where p.limitation_date > built.as_of_date + 60
        and p.limitation_date <= built.as_of_date + 90), 0) as d90,
    coalesce(sum(p.unclaimed_amount), 0) as total
"""
FIGURES = text(
    f"""
    select {WINDOW_SUMS}, count(distinct p.account_id) as accounts
    {SOON.format(more="")}
    """
)
LOST = text(
    """
    select coalesce(sum(p.unclaimed_amount), 0) as lost,
        count(distinct p.account_id) as accounts
    from marts.debt_parts as p
    where p.unclaimed_amount > 0 and p.liability <> 'refund' and p.is_time_barred
        and (cast(:organisation_id as integer) is null or p.organisation_id = :organisation_id)
        and (cast(:house_id as integer) is null or p.house_id = :house_id)
    """
)
# The filing stopped the term of what it asked for and of nothing else.
GROWTH = text(
    """
    select
        coalesce(sum(p.unclaimed_amount), 0) as growth,
        coalesce(sum(p.unclaimed_amount) filter (
            where term.last_day between built.as_of_date and built.as_of_date + :days
        ), 0) as passing,
        count(distinct p.account_id) as accounts
    from marts.debt_parts as p
    cross join screens.build_state as built
    cross join lateral (
        select cast(p.due_date + make_interval(years => cast(min(t.value) as integer)) as date)
            as last_day
        from reference.legal_term as t
        where t.code = 'limitation' and t.is_enabled
    ) as term
    where p.unclaimed_amount > 0 and p.liability <> 'refund' and p.live_case_id is not null
        and (cast(:organisation_id as integer) is null or p.organisation_id = :organisation_id)
        and (cast(:house_id as integer) is null or p.house_id = :house_id)
    """
)
PASSED_BEFORE = text(
    """
    select c.case_id, c.number, min(p.period) as period_from, max(p.period) as period_to,
        count(distinct p.period) as months, min(p.limitation_date) as last_day
    from ops.claimed_month as m
    inner join ops.court_case as c on m.case_id = c.case_id
    inner join marts.debt_parts as p
        on m.account_id = p.account_id and m.liability = p.liability and m.period = p.period
            and (m.portion_person_id is null or m.portion_person_id = p.holder_person_id)
    where m.case_id = any (:case_ids) and m.part = 'principal' and p.limitation_date < :day
    group by c.case_id, c.number
    order by c.number
    """
)
BY_WEEK = text(
    f"""
    select cast(date_trunc('week', p.limitation_date) as date) as week,
        coalesce(d.band_code, 'rest') as band, sum(p.unclaimed_amount) as amount
    {SOON.format(more="")}
    group by 1, 2
    order by 1, 2
    """
)
BY_ORGANISATION = text(
    f"""
    select p.organisation_id, o.short_name as organisation_name,
        coalesce(d.band_code, 'rest') as band, {WINDOW_SUMS},
        count(distinct p.account_id) as accounts
    {SOON.format(more="inner join ops.organisation as o on p.organisation_id = o.organisation_id")}
    group by p.organisation_id, o.short_name, coalesce(d.band_code, 'rest')
    order by o.short_name, band
    """
)
# Names and addresses are read for the accounts that are shown.
ACCOUNTS = f"""
    with passing as (
        select p.account_id, {WINDOW_SUMS},
            min(p.limitation_date) as first_date,
            min(p.limitation_date) - min(built.as_of_date) as days_left,
            count(distinct p.period) as months, min(p.period) as first_period,
            bool_or(p.cancelled_case_id is not null) as is_after_order,
            bool_or(p.is_held) as is_held, max(b.debt) as debt
        {SOON.format(more="")}
        group by p.account_id
        order by min(p.limitation_date), sum(p.unclaimed_amount) desc, p.account_id
        limit :limit offset :offset
    )

    select passing.*, a.account_number, a.address, a.holder_name, exists(
            select 1 from screens.mixed_limitation as mixed
            where mixed.account_id = passing.account_id
        ) as is_mixed
    from passing
    cross join lateral (
        select s.account_number, s.address, s.holder_name
        from screens.accounts as s
        where s.account_id = passing.account_id
        offset 0
    ) as a
    order by passing.first_date, passing.total desc, passing.account_id
"""  # noqa: S608 - constants of this module
PAGE = text(ACCOUNTS)


@dataclass(frozen=True, slots=True)
class RadarScope:
    """Which months the radar shows: of whom, of which band of debt, and how many days ahead."""

    organisation_id: int | None = None
    house_id: int | None = None
    band: str | None = None
    days: int = WINDOWS[-1]

    def values(self) -> dict[str, Any]:
        return {
            "organisation_id": self.organisation_id,
            "house_id": self.house_id,
            "band": self.band,
            "days": self.days,
        }


def bands(connection: Connection) -> dict[str, str]:
    """Codes of the bands of debt and their names, the largest debt first, then what is below."""
    return debt_bands.names(connection) | {"rest": "меньше"}


def figures(connection: Connection, scope: RadarScope) -> Row:
    """Roubles that pass within 30, 31-60 and 61-90 days, all of them, and accounts."""
    return connection.execute(FIGURES, scope.values()).mappings().one()


def lost(connection: Connection, scope: RadarScope) -> Row:
    """What has passed already, in no live case."""
    values = {"organisation_id": scope.organisation_id, "house_id": scope.house_id}
    return connection.execute(LOST, values).mappings().one()


def growth(connection: Connection, scope: RadarScope) -> Row:
    """What grew in months that live cases claim: ``growth`` roubles of ``accounts``.

    It waits for the end of the case, because a month is in one live case only; ``passing`` of it
    passes the limitation within the days of the scope.
    """
    values = scope.values()
    del values["band"]
    return connection.execute(GROWTH, values).mappings().one()


def passed_before(connection: Connection, case_ids: Sequence[int], day: date) -> list[Row]:
    """Cases some of whose months pass the limitation before a day of sending, with those months.

    Ask before the sending is registered: it is the filing that stops the term (ГК 204).
    """
    asked = {"case_ids": list(case_ids), "day": day}
    return list(connection.execute(PASSED_BEFORE, asked).mappings())


def by_week(connection: Connection, scope: RadarScope) -> list[Row]:
    """Roubles by the week (its Monday) in which they pass, and by band."""
    return list(connection.execute(BY_WEEK, scope.values()).mappings())


def by_organisation(connection: Connection, scope: RadarScope) -> list[Row]:
    """Roubles by organisation and band."""
    return list(connection.execute(BY_ORGANISATION, scope.values()).mappings())


def accounts(
    connection: Connection, scope: RadarScope, *, limit: int = 50, offset: int = 0
) -> list[Row]:
    """A page of accounts, the first to pass first."""
    values = {**scope.values(), "limit": limit, "offset": offset}
    return list(connection.execute(PAGE, values).mappings())


def all_accounts(connection: Connection, scope: RadarScope) -> Iterator[Row]:
    """All accounts in the same order, read as they are taken, for a workbook."""
    portions = connection.execution_options(stream_results=True, yield_per=2000)
    values = {**scope.values(), "limit": None, "offset": 0}
    yield from portions.execute(PAGE, values).mappings()
