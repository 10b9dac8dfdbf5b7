"""Debt, ageing, penalty and turnover as rows, for one account or for all, on any day.

One account is read live, with every fact recorded until now (or until ``known_at``). All accounts
are read from the tables of the last build, unless a state of knowledge is asked for: then all is
walked anew, which takes as long as a build.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from operational_db.database import travel_in_time
from operational_db.imports.case import CaseLine
from operational_db.services import ageing
from operational_db.services.penalty_case import case_lines, state_case


class ReportKind(StrEnum):
    """What is asked for."""

    DEBT = "debt"
    AGEING = "ageing"
    PENALTY = "penalty"
    TURNOVER = "turnover"
    CLAIMS = "claims"
    LIMITATION = "limitation"
    SPLITTING = "splitting"
    TURNOVER_SHEET = "osv"
    PAYMENTS_REGISTER = "payments-register"
    DEBT_INFORMATION = "debt-info"
    RESOURCE_REPORT = "resource"


class RateMode(StrEnum):
    """Which rate a day of delay bears: the law's, or that of the day, as other programs have it."""

    PAYMENT_DAY = "payment-day"
    STEPPED = "stepped"


class ReportRefusedError(ValueError):
    """The report cannot be made as asked; the message is Russian."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Which report, of which account (all when None), on which day, as known at which moment."""

    kind: ReportKind
    account_number: str | None = None
    organisation_code: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    rate_mode: RateMode = RateMode.PAYMENT_DAY


def report_rows(connection: Connection, asked: ReportRequest) -> Iterator[Mapping[str, Any]]:
    """Return the rows of a report in the order of account, month and day, read as they are taken.

    Raises :class:`ReportRefusedError` for an unknown or an ambiguous account number, and does so
    at once: before anybody opens a file to write to.
    """
    accounts = _accounts(connection, asked)
    travel_in_time(connection, as_of=asked.as_of, known_at=asked.known_at)
    return _rows(connection, asked, accounts)


def case_rows(
    connection: Connection,
    lines: Sequence[CaseLine],
    asked: ReportRequest,
    *,
    debtor_kind: str = "citizen",
) -> Iterator[Mapping[str, Any]]:
    """Return the rows of the penalty report of a typed case, which is no account of anybody."""
    travel_in_time(connection, as_of=asked.as_of)
    state_case(connection, lines, debtor_kind=debtor_kind)
    for row in case_lines(connection, is_stepped=asked.rate_mode is RateMode.STEPPED):
        yield {**row, "organisation": None, "account": None}


def _rows(
    connection: Connection, asked: ReportRequest, accounts: list[int] | None
) -> Iterator[Mapping[str, Any]]:
    if accounts is None:
        query, values = BUILT[_key(asked)], {"organisation": asked.organisation_code}
        # A cursor is read by one process of the server; one row per account can come at once, and
        # then the pieces of a whole town are read by several.
        if asked.kind is not ReportKind.AGEING:
            connection = connection.execution_options(stream_results=True, yield_per=5000)
        yield from connection.execute(query, values).mappings()
        return
    for account_id in accounts:
        yield from connection.execute(LIVE[_key(asked)], {"account_id": account_id}).mappings()


def _key(asked: ReportRequest) -> tuple[ReportKind, RateMode]:
    return asked.kind, asked.rate_mode


def _accounts(connection: Connection, asked: ReportRequest) -> list[int] | None:
    if asked.account_number is None:
        if asked.known_at is None and not _needs_another_day(connection, asked):
            return None
        values = {"organisation": asked.organisation_code}
        return list(connection.scalars(ALL_ACCOUNTS, values))
    found = connection.execute(
        FIND_ACCOUNT,
        {"number": asked.account_number.strip(), "organisation": asked.organisation_code},
    ).all()
    if not found:
        raise ReportRefusedError(f"Лицевого счёта «{asked.account_number}» нет.")
    if len(found) > 1:
        codes = ", ".join(row.code for row in found)
        raise ReportRefusedError(
            f"Счёт «{asked.account_number}» есть у нескольких организаций ({codes}): "
            "укажите --organisation КОД."
        )
    return [found[0].account_id]


def _needs_another_day(connection: Connection, asked: ReportRequest) -> bool:
    """Tell whether the built parts of debt, which are those of one day, do not answer."""
    if asked.kind not in {ReportKind.CLAIMS, ReportKind.LIMITATION} or asked.as_of is None:
        return False
    return connection.scalar(BUILT_FOR) != asked.as_of


BUILT_FOR = text("""
    select as_of from warehouse.build where finished_at is not null order by build_id desc limit 1
""")
FIND_ACCOUNT = text("""
    select a.account_id, o.code
    from ops.account as a
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
    where a.account_number = :number
        and (cast(:organisation as text) is null or o.code = :organisation)
""")
ALL_ACCOUNTS = text("""
    select a.account_id
    from ops.account as a
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
    where cast(:organisation as text) is null or o.code = :organisation
    order by o.code, a.account_number
""")

_HEAD = """
    select o.code as organisation, a.account_number as account
"""
_JOIN = """
    inner join ops.account as a on r.account_id = a.account_id
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
"""
_ONE = "r.account_id = :account_id"
_ALL = "(cast(:organisation as text) is null or o.code = :organisation)"
# The day is asked once: a setting read for each of millions of pieces costs more than they do.
_OPEN = (
    "r.opened_date <= (select ops.as_of()) "
    "and (r.closed_date is null or r.closed_date > (select ops.as_of()))"
)

_DEBT = (
    _HEAD  # noqa: S608 - constants of this module
    + """
    , r.interval_kind as kind, r.liability, r.period, r.due_date,
    greatest((select ops.as_of()) - r.due_date, 0) as days_overdue,
    sum(r.interval_amount) as amount
    from {intervals} as r
"""
    + _JOIN
    + """
    where {which} and """
    + _OPEN
    + """
    group by o.code, a.account_number, r.interval_kind, r.liability, r.period, r.due_date
    order by o.code, a.account_number, r.due_date nulls last, r.period, r.liability
"""
)
_AGEING = (
    _HEAD
    + ", sum(r.interval_amount) as balance"
    + "".join(
        f", {ageing.sum_of('sum(r.interval_amount)', 'b.bucket_code', code, told)}"
        for code, told in ageing.COLUMNS.items()
    )
    + """
    from {intervals} as r
    -- A plain column (offset 0): only then is the function taken apart into its comparisons.
    cross join (select ops.as_of() as day offset 0) as asked
    inner join reference.ageing_bucket as b on case
        when r.interval_kind = 'advance' then b.bucket_code = 'advance'
        else b.bucket_code <> 'advance'
            and warehouse.is_of_age(r.due_date, asked.day,
                b.days_from, b.days_to, b.years_from, b.years_to)
        end
"""
    + _JOIN
    + """
    where {which} and """
    + _OPEN
    + """
    group by o.code, a.account_number
    order by o.code, a.account_number
"""
)
_PENALTY = (
    _HEAD
    + """
    , r.liability, r.period, r.due_date, r.delay_from_date, r.bill_delivered_date, r.base_amount
    , r.date_from, r.date_to, r.day_count, r.first_delay_day, r.rate_pct, r.denominator
    , r.penalty_amount, r.begins_because, r.ends_because, r.closed_by_kind, r.closed_by_id
    , r.closed_by_date, r.key_rate_pct, r.key_rate_start_date, r.cap_id, r.step_id, r.step_act
    , r.is_verified
    from {lines} as r
"""
    + _JOIN
    + """
    where {which}
    order by o.code, a.account_number, r.due_date, r.liability, r.date_from, r.date_to,
        r.base_amount, r.interval_no
"""
)
_TURNOVER = (
    _HEAD
    + """
    , r.period, r.opening_balance, r.charged, r.recalculated, r.paid, r.to_awards, r.adjusted
    , r.written_off, r.closing_balance
    from {turnover} as r
"""
    + _JOIN
    + """
    where {which} and r.period <= (select ops.as_of())
    order by o.code, a.account_number, r.period
"""
)
_CLAIMS = (
    _HEAD
    + """
    , r.liability, r.period, r.due_date, r.holder_kind
    , coalesce(nullif(concat_ws(' ', p.last_name, p.first_name, p.middle_name), ''),
        h.short_name, r.holder_name) as holder
    , r.share_numerator || '/' || r.share_denominator as share
    , r.part_amount as part, r.claimed_amount as claimed, r.unclaimed_amount as unclaimed
    , r.claimable_amount as claimable, r.limitation_date, c.number as case_number
    , c.state as case_state, before.number as cancelled_case
    from {parts} as r
"""
    + _JOIN
    + """
    left join ops.person as p on r.holder_person_id = p.person_id
    left join ops.organisation as h on r.holder_organisation_id = h.organisation_id
    left join ops.court_case_state as c on r.live_case_id = c.case_id
    left join ops.court_case as before on r.cancelled_case_id = before.case_id
    where {which}
    order by o.code, a.account_number, r.period, r.liability, r.due_date, r.part_no
"""
)
_LIMITATION = (
    _HEAD  # noqa: S608 - constants of this module
    + """
    , r.liability, r.period, r.due_date, r.limitation_date
    , r.limitation_date - (select ops.as_of()) as days_left
    , r.unclaimed_amount as unclaimed, d.band_code as band
    from {parts} as r
"""
    + _JOIN
    + """
    inner join lateral (
        select sum(own.part_amount) as debt from {parts} as own
        where own.account_id = r.account_id
    ) as whole on true
    left join reference.debt_band as d
        on (whole.debt > d.amount_from or d.is_from_inclusive and whole.debt = d.amount_from)
        and (d.amount_to is null or whole.debt < d.amount_to
            or d.is_to_inclusive and whole.debt = d.amount_to)
    where {which} and r.unclaimed_amount > 0 and r.liability <> 'refund' and not r.is_time_barred
        and r.limitation_date <= (select ops.as_of()) + 90
    order by o.code, r.limitation_date, a.account_number, r.period, r.liability, r.part_no
"""
)
# Of several contracts for a service the latest that held on the day counts, as on the screens;
# without one the organisation is owed itself. What waits for a month to come is nobody's yet.
_SPLITTING = (
    _HEAD  # noqa: S608 - constants of this module
    + """
    , r.payment_id, r.paid_date as paid_on, r.falls_date as falls_on, r.period
    , case when r.is_award then 'присуждённые пошлина и пени' else s.name end as service
    , owed.short_name as recipient, k.number as contract
    , cast(r.kopecks / 100.0 as numeric(14, 2)) as amount
    , case when owed.organisation_id <> a.organisation_id then (
        select d.day from reference.calendar_day as d
        where d.is_working and d.day > r.paid_date
        order by d.day
        offset term.days - 1 limit 1
    ) end as pass_on_by
    from {services} as r
"""
    + _JOIN
    + """
    cross join (
        select cast(min(t.value) as integer) as days from reference.legal_term as t
        where t.code = 'split_transfer_term' and t.is_enabled
    ) as term
    left join reference.service as s on r.service_id = s.service_id
    left join lateral (
        select c.number, c.recipient_id from ops.contract as c
        where c.organisation_id = r.organisation_id and c.service_id = r.service_id
            and c.valid_from <= r.falls_date
            and (c.valid_to is null or c.valid_to >= r.falls_date)
            and c.recorded_at <= ops.known_at()
        order by c.valid_from desc, c.contract_id desc
        limit 1
    ) as k on true
    left join ops.organisation as owed
        on case when r.service_id is not null or r.is_award
            then coalesce(k.recipient_id, r.organisation_id) end = owed.organisation_id
    where {which} and r.paid_date <= (select ops.as_of())
    order by o.code, a.account_number, r.paid_date, r.payment_id, r.falls_date, r.period,
        s.service_id
"""
)
_TEXTS = {
    ReportKind.SPLITTING: _SPLITTING,
    ReportKind.CLAIMS: _CLAIMS,
    ReportKind.LIMITATION: _LIMITATION,
    ReportKind.DEBT: _DEBT,
    ReportKind.AGEING: _AGEING,
    ReportKind.PENALTY: _PENALTY,
    ReportKind.TURNOVER: _TURNOVER,
}
_LIVE_NAMES = {
    "intervals": "intermediate.int_live_intervals",
    "lines": "intermediate.int_penalty_lines",
    "turnover": "intermediate.int_account_turnover",
    "parts": "intermediate.int_debt_parts",
    "services": "intermediate.int_payment_services",
    "which": _ONE,
}
_BUILT_NAMES = {
    "intervals": "marts.debt_intervals",
    "lines": "intermediate.int_penalty_lines_built",
    "turnover": "marts.account_turnover",
    "parts": "marts.debt_parts",
    "services": "intermediate.int_payment_services_built",
    "which": _ALL,
}
_STEPPED = {"lines": "intermediate.int_penalty_lines_stepped"}
_STEPPED_BUILT = {"lines": "intermediate.int_penalty_lines_stepped_built"}


def _queries(names: Mapping[str, str], stepped: Mapping[str, str]) -> dict:
    by_law = {
        (kind, RateMode.PAYMENT_DAY): text(query.format(**names)) for kind, query in _TEXTS.items()
    }
    by_day = {
        (kind, RateMode.STEPPED): text(query.format(**{**names, **stepped}))
        for kind, query in _TEXTS.items()
    }
    return by_law | by_day


LIVE = _queries(_LIVE_NAMES, _STEPPED)
BUILT = _queries(_BUILT_NAMES, _STEPPED_BUILT)
