"""Lists of a lawyer's day: cases by stage, what happened to one, and what is due by when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

Row = Mapping[str, Any]

STAGES = {
    "drafted": ("подготовлены", "s.is_live and s.state = 'drafted'"),
    "filed": (
        "в суде, ответа нет",
        "s.is_live and s.filed_on is not null and s.issued_on is null and s.dismissed_on is null",
    ),
    "issued": (
        "приказ или решение есть",
        "s.is_live and s.issued_on is not null and s.sent_on is null and s.ended_on is null",
    ),
    "sent": (
        "на исполнении",
        "s.is_live and s.sent_on is not null and s.ended_on is null",
    ),
    "cancelled": (
        "приказ отменён, иска нет",
        "s.state = 'cancelled' and not exists (select 1 from ops.court_case as next "
        "where next.parent_case_id = s.case_id)",
    ),
    "returned": ("возвращены или отказано", "s.state in ('returned', 'refused', 'left_unheard')"),
    "ended": ("закончены", "s.ended_on is not null or s.dismissed_on is not null"),
}
"""Code of a stage → its name and its condition; the condition is a constant of this module."""

DEADLINES = {
    "filing": "подать, пока не прошла давность",
    "answer": "ждём решения суда",
    "objections": "возражения должника",
    "claim": "подать иск после отмены приказа",
    "presentation": "предъявить к исполнению",
}

# A case is chosen by its own state first: sums and names are looked up for the page alone.
_CHOSEN = """
    from ops.court_case_state as s
    where {stage}
        and (cast(:organisation_id as integer) is null or s.organisation_id = :organisation_id)
        and (cast(:words as text) is null
            or position(lower(:words) in lower(concat_ws(' ', s.number, s.court_number))) > 0
            or exists (
                select 1 from screens.accounts as a
                where a.account_id = s.account_id and position(
                    lower(:words) in lower(concat_ws(' ', a.account_number, a.address))) > 0
            )
            or exists (
                select 1 from ops.case_debtor as d
                -- One person at a time: the barrier of the view would read everybody.
                cross join lateral (
                    select v.full_name from ops.person_visible as v
                    where v.person_id = d.person_id
                    offset 0
                ) as p
                where d.case_id = s.case_id and position(lower(:words) in lower(p.full_name)) > 0
            ))
"""
_PAGE = """
    with chosen as materialized (
        select s.* {chosen}
        order by s.state_on desc, s.case_id desc
        limit :limit offset :offset
    )

    select
        s.case_id, s.account_id, s.organisation_id, s.number, s.court_number, s.kind, s.state,
        s.state_on, s.filed_on, s.issued_on, s.in_force_on, s.freed_reason_code,
        a.account_number, a.address, debtors.names as debtors, court.name as court_name,
        claimed.principal, claimed.penalty, claimed.period_from, claimed.period_to
    from chosen as s
    -- One account at a time (offset 0): behind its barrier the view would read the whole town.
    cross join lateral (
        select x.account_number, x.address from screens.accounts as x
        where x.account_id = s.account_id
        offset 0
    ) as a
    left join ops.court as court on s.court_code = court.court_code
    cross join lateral (
        select
            coalesce(sum(m.amount) filter (where m.part = 'principal'), 0) as principal,
            coalesce(sum(m.amount) filter (where m.part = 'penalty'), 0) as penalty,
            min(m.period) as period_from, max(m.period) as period_to
        from ops.claimed_month as m
        where m.case_id = s.case_id
    ) as claimed
    left join lateral (
        select string_agg(
            coalesce(p.full_name, o.short_name, d.holder_name), ', ' order by d.case_debtor_id
        ) as names
        from ops.case_debtor as d
        left join lateral (
            select v.full_name from ops.person_visible as v
            where v.person_id = d.person_id
            offset 0
        ) as p on true
        left join ops.organisation as o on d.holder_organisation_id = o.organisation_id
        where d.case_id = s.case_id
    ) as debtors on true
    order by s.state_on desc, s.case_id desc
"""
_TOTALS = """
    with chosen as materialized (
        select s.case_id {chosen}
    )

    select
        (select count(*) from chosen) as cases,
        coalesce(sum(m.amount) filter (where m.part = 'principal'), 0) as principal,
        coalesce(sum(m.amount) filter (where m.part = 'penalty'), 0) as penalty
    from chosen as s
    inner join ops.claimed_month as m on s.case_id = m.case_id
"""
_EVENTS = text("""
    select e.case_event_id, e.kind, e.happened_on, e.court_number, e.document_number,
        e.principal_amount, e.penalty_amount, e.duty_amount, r.title as reason, e.destination,
        e.comment, e.is_annulled, e.registered_by, e.recorded_at
    from ops.case_event_visible as e
    left join reference.court_reason as r on e.reason_code = r.reason_code
    where e.case_id = :case_id
    order by e.kind <> 'drafted', e.happened_on, e.case_event_id
""")
_LEDGER = text("""
    select c.liability, c.period, c.claimed_part, c.claimed_amount, c.awarded_amount,
        c.recovered_amount, c.rest_amount
    from screens.account_claims as c
    where c.account_id = :account_id and c.case_id = :case_id
    order by c.period, c.liability, c.claimed_part desc
""")
_DEADLINES = """
    select d.case_id, d.account_id, d.case_number, d.case_kind, d.case_state, d.court_number,
        court.name as court_name, a.account_number, d.deadline_kind, d.start_date,
        d.deadline_date, d.days_left, d.act, d.is_verified
    from screens.case_deadlines as d
    inner join screens.accounts as a on d.account_id = a.account_id
    left join ops.court as court on d.court_code = court.court_code
    where d.days_left <= :days
        and (cast(:kind as text) is null or d.deadline_kind = :kind)
        and (cast(:organisation_id as integer) is null or d.organisation_id = :organisation_id)
    order by d.deadline_date, d.case_number, d.deadline_kind
"""
_DEADLINE_PAGE = text(_DEADLINES + " limit :limit offset :offset")
_ALL_DEADLINES = text(_DEADLINES)
_DEADLINE_FIGURES = text("""
    select d.deadline_kind, count(*) as count,
        count(*) filter (where d.days_left < 0) as late,
        count(*) filter (where d.days_left between 0 and 7) as soon
    from screens.case_deadlines as d
    where d.days_left <= :days
        and (cast(:kind as text) is null or d.deadline_kind = :kind)
        and (cast(:organisation_id as integer) is null or d.organisation_id = :organisation_id)
    group by d.deadline_kind
""")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases: of a stage (see ``STAGES``), by words (numbers, debtor, address), of whom."""

    stage: str | None = None
    words: str = ""
    organisation_id: int | None = None

    def values(self) -> dict[str, Any]:
        return {"words": self.words or None, "organisation_id": self.organisation_id}

    def condition(self) -> str:
        """The condition of the stage; an unknown stage asks for all cases."""
        return STAGES[self.stage][1] if self.stage in STAGES else "true"


@dataclass(frozen=True, slots=True)
class DeadlineFilter:
    """Which deadlines: within how many days, of which kind (see ``DEADLINES``), of whom."""

    days: int = 30
    kind: str | None = None
    organisation_id: int | None = None

    def values(self) -> dict[str, Any]:
        return {"days": self.days, "kind": self.kind, "organisation_id": self.organisation_id}


def cases(
    connection: Connection, asked: CaseFilter, *, limit: int = 50, offset: int = 0
) -> list[Row]:
    """A page of cases, the latest deed first."""
    query = text(_PAGE.format(chosen=_CHOSEN.format(stage=asked.condition())))
    values = {**asked.values(), "limit": limit, "offset": offset}
    return list(connection.execute(query, values).mappings())


def totals(connection: Connection, asked: CaseFilter) -> Row:
    """How many cases, and what they ask for."""
    query = text(_TOTALS.format(chosen=_CHOSEN.format(stage=asked.condition())))
    return connection.execute(query, asked.values()).mappings().one()


def events(connection: Connection, case_id: int) -> list[Row]:
    """All that was registered about a case, mistakes that were annulled among it."""
    return list(connection.execute(_EVENTS, {"case_id": case_id}).mappings())


def ledger(connection: Connection, account_id: int, case_id: int) -> list[Row]:
    """What a case asks for month by month, what was awarded and recovered, and what is left."""
    values = {"account_id": account_id, "case_id": case_id}
    return list(connection.execute(_LEDGER, values).mappings())


def deadlines(
    connection: Connection, asked: DeadlineFilter, *, limit: int = 50, offset: int = 0
) -> list[Row]:
    """A page of deadlines, the earliest first; what is late stays until it is done."""
    values = {**asked.values(), "limit": limit, "offset": offset}
    return list(connection.execute(_DEADLINE_PAGE, values).mappings())


def all_deadlines(connection: Connection, asked: DeadlineFilter) -> Iterator[Row]:
    """All of them in the same order, for a workbook."""
    yield from connection.execute(_ALL_DEADLINES, asked.values()).mappings()


def deadline_figures(connection: Connection, asked: DeadlineFilter) -> list[Row]:
    """Deadlines by kind: all, late, due within a week."""
    return list(connection.execute(_DEADLINE_FIGURES, asked.values()).mappings())
