"""What a lawyer reads about one debtor: who answers for how much, cases, papers, what is claimed.

Read live, for the day and the state of knowledge that the connection states, as all of the card is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

Row = Mapping[str, Any]

HOLDER_KINDS = {
    "owner": "собственник",
    "joint_owners": "собственники, совместно",
    "tenants": "наниматели, солидарно",
    "organisation": "организация",
    "public_owner": "публичный собственник",
    "unknown": "не установлен",
}
LIABILITY_KINDS = {
    "share": "по доле",
    "joint": "солидарно",
    "family": "солидарно за коммунальные услуги",
    "representative": "за ребёнка",
}


def holders(connection: Connection, account_id: int) -> list[Row]:
    """Holders of the open months with their parts: owed, in cases, what may be claimed today."""
    return _rows(connection, HOLDERS, account_id=account_id)


def people(connection: Connection, account_id: int) -> list[Row]:
    """Whom to ask for each holder's part in which months, with what courts want to know of him.

    Empty for those who may not see personal data.
    """
    return _rows(connection, PEOPLE, account_id=account_id)


def months(connection: Connection, account_id: int) -> list[Row]:
    """Open months by holder: what is claimed, by which case, and until when it may be."""
    return _rows(connection, MONTHS, account_id=account_id)


def penalties(connection: Connection, account_id: int) -> list[Row]:
    """Penalty that no case asks for yet, by month and holder, as of the last build."""
    return _rows(connection, PENALTIES, account_id=account_id)


def cases(connection: Connection, account_id: int) -> list[Row]:
    """All cases of the account, the latest first, with sums, court and duty."""
    return _rows(connection, CASES, account_id=account_id)


def papers(connection: Connection, case_ids: list[int]) -> list[Row]:
    """Documents of the packages of cases, in the order of the pile; bytes are not among it."""
    return list(connection.execute(PAPERS, {"case_ids": case_ids}).mappings())


@dataclass(frozen=True, slots=True)
class Paper:
    """One document with its bytes."""

    document_id: int
    account_id: int
    file_name: str
    content: bytes


def paper(connection: Connection, document_id: int) -> Paper | None:
    """Read a document of a package; None when it is out of sight."""
    row = connection.execute(PAPER, {"document_id": document_id}).mappings().one_or_none()
    return None if row is None else Paper(**{**row, "content": bytes(row["content"])})


def _rows(connection: Connection, query: Any, **values: Any) -> list[Row]:
    return list(connection.execute(query, values).mappings())


# What the last build knows, to which its day belongs.
PENALTIES = text(
    """
    select
        p.period, p.liability, p.due_date, p.penalty_amount, p.penalty_from_date,
        p.penalty_to_date, p.is_open, p.is_verified,
        coalesce(person.full_name, o.short_name, p.holder_name) as holder_name
    from screens.part_penalties as p
    left join lateral (
        select v.full_name from ops.person_visible as v
        where v.person_id = p.holder_person_id
        offset 0
    ) as person on true
    left join ops.organisation as o on p.holder_organisation_id = o.organisation_id
    where p.account_id = :account_id
    order by p.period desc, p.liability, p.holder_person_id, p.run_no
    """
)
# The view weighs payments and schedules: it is read once, not for every part of the debt.
HOLDERS = text(
    """
    with holds as materialized (
        select agreed.number, agreed as hold
        from ops.instalment_hold as agreed
        where agreed.account_id = :account_id
    )

    select
        p.holder_kind, p.holder_person_id, p.share_numerator, p.share_denominator,
        coalesce(person.full_name, o.short_name, p.holder_name) as holder_name,
        sum(p.part_amount) as part_amount,
        sum(p.claimed_amount) as claimed_amount,
        sum(p.claimable_amount) as claimable_amount,
        count(distinct p.period) filter (where p.claimable_amount > 0) as claimable_months,
        min(p.limitation_date) filter (where p.claimable_amount > 0) as limitation_date,
        bool_or(p.has_share_problem) as has_share_problem,
        bool_or(p.is_held) as is_held,
        coalesce(sum(p.claimable_amount) filter (where agreed.numbers is not null), 0)
            as put_off_amount,
        string_agg(distinct agreed.numbers, ', ') as agreement_numbers
    from screens.account_debt_parts as p
    left join lateral (
        select string_agg(holds.number, ', ' order by holds.number) as numbers
        from holds
        where p.claimable_amount > 0
            and ops.is_put_off(holds.hold, p.period, p.holder_person_id, p.debtors, p.family_ids)
    ) as agreed on true
    -- One person at a time (offset 0): the view guards itself by masking everybody.
    left join lateral (
        select v.full_name from ops.person_visible as v
        where v.person_id = p.holder_person_id
        offset 0
    ) as person on true
    left join ops.organisation as o on p.holder_organisation_id = o.organisation_id
    where p.account_id = :account_id
    group by p.holder_kind, p.holder_person_id, p.holder_organisation_id, p.holder_name,
        p.share_numerator, p.share_denominator, person.full_name, o.short_name
    order by sum(p.part_amount) desc, p.holder_kind, p.holder_person_id
    """
)
PEOPLE = text(
    """
    select
        d.holder_kind, d.portion_person_id, d.person_id, d.liability_kind, d.share_numerator,
        d.share_denominator, d.is_minor_alone, d.is_dead, d.is_bankrupt, d.has_identifier,
        d.has_birth_date, d.asked_as, d.first_period, d.last_period, v.full_name, v.birth_date,
        v.birth_place, v.phone,
        child.full_name as represented_name, identifiers.told as identifiers
    from screens.account_portion_debtors as d
    cross join lateral (
        select x.* from ops.person_visible as x where x.person_id = d.person_id offset 0
    ) as v
    left join lateral (
        select x.full_name from ops.person_visible as x
        where x.person_id = d.represented_person_id
        offset 0
    ) as child on true
    left join lateral (
        select array_agg(i.kind || ' ' || i.number order by i.kind, i.number) as told
        from ops.person_identifier_visible as i
        where i.person_id = d.person_id
    ) as identifiers on true
    where d.account_id = :account_id
    order by d.holder_kind, d.first_period, d.portion_person_id, v.full_name
    """
)
MONTHS = text(
    """
    select
        p.period, p.liability, p.due_date, p.part_amount, p.claimed_amount, p.unclaimed_amount,
        p.claimable_amount, p.limitation_date, p.is_due, p.is_time_barred, p.is_held,
        coalesce(person.full_name, o.short_name, p.holder_name) as holder_name,
        live.number as live_number, cancelled.number as cancelled_number
    from screens.account_debt_parts as p
    left join lateral (
        select v.full_name from ops.person_visible as v
        where v.person_id = p.holder_person_id
        offset 0
    ) as person on true
    left join ops.organisation as o on p.holder_organisation_id = o.organisation_id
    left join ops.court_case as live on p.live_case_id = live.case_id
    left join ops.court_case as cancelled on p.cancelled_case_id = cancelled.case_id
    where p.account_id = :account_id
    order by p.period desc, p.liability, p.part_no
    """
)
CASES = text(
    """
    select
        s.case_id, s.number, s.court_number, s.kind, s.state, s.state_on, s.is_live, s.filed_on,
        s.issued_number, s.issued_on, s.principal_awarded, s.penalty_awarded,
        parent.number as parent_number, court.name as court_name,
        claimed.principal, claimed.penalty, claimed.period_from, claimed.period_to,
        debtors.names as debtors, duty.amount as duty_amount, duty.statuses as duty_statuses
    from ops.court_case_state as s
    left join ops.court_case as parent on s.parent_case_id = parent.case_id
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
            coalesce(v.full_name, o.short_name, d.holder_name), ', ' order by d.case_debtor_id
        ) as names
        from ops.case_debtor as d
        left join lateral (
            select x.full_name from ops.person_visible as x
            where x.person_id = d.person_id
            offset 0
        ) as v on true
        left join ops.organisation as o on d.holder_organisation_id = o.organisation_id
        where d.case_id = s.case_id
    ) as debtors on true
    left join lateral (
        select sum(d.amount) as amount, array_agg(distinct d.status order by d.status) as statuses
        from ops.state_duty_current as d
        where d.case_id = s.case_id
    ) as duty on true
    where s.account_id = :account_id
    order by s.case_id desc
    """
)
PAPERS = text(
    """
    select p.case_id, p.position, d.document_id, d.file_name, d.kind, d.recorded_at
    from ops.package_document as p
    inner join ops.document as d on p.document_id = d.document_id
    where p.case_id = any (:case_ids)
    order by p.case_id desc, p.position
    """
).bindparams(bindparam("case_ids", type_=ARRAY(BigInteger)))
PAPER = text(
    """
    select d.document_id, c.account_id, d.file_name, d.content
    from ops.package_document as p
    inner join ops.document as d on p.document_id = d.document_id
    inner join ops.court_case as c on p.case_id = c.case_id
    where p.document_id = :document_id
    """
)
