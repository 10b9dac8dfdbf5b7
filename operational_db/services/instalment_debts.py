"""Debts that may be put off: by sets of people who answer together, live, for one account.

Co-owners by share answer each for his own part, a parent for the share of a child apart from his
own, joint owners and tenants together; family joins the set that it lives with.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

Row = Mapping[str, Any]


def parties(connection: Connection, account_id: int) -> list[Row]:
    """Who answers together for open months that may be put off: one row a set, the largest first.

    ``answering`` names the set wherever one is asked for; ``months`` are those it owes for,
    ``claimable_amount`` roubles in all; ``people`` are those who may sign, with ``is_family`` of
    who answers beside the set. What organisations or nobody known owes is no row. Empty for those
    who may not see personal data.
    """
    return list(connection.execute(PARTIES, {"account_id": account_id}).mappings())


def debt_of(
    connection: Connection,
    account_id: int,
    answering: Sequence[Mapping[str, Any]],
    period_from: date,
    period_to: date,
) -> Row | None:
    """What a set owes for months that are due and in no case, with penalty; None without any.

    Debts of all sets and of whoever cannot sign make up the debt of the account to the kopeck.
    """
    values = {
        "account_id": account_id,
        "answering": as_json(answering),
        "period_from": period_from,
        "period_to": period_to,
    }
    row = connection.execute(DEBT, values).mappings().one()
    return row if row["principal"] else None


def as_json(answering: Sequence[Mapping[str, Any]]) -> str:
    """Name a set as the database keeps it."""
    return json.dumps([dict(each) for each in answering])


PARTIES = text(
    """
    with parts as (
        select p.*, ops.who_answers(p.holder_person_id, p.debtors) as answering
        from screens.account_debt_parts as p
        where p.account_id = :account_id and p.claimable_amount > 0
            and p.holder_person_id is not null
    ),

    asked as (
        select p.answering, w.person_id, w.ward_id,
            bool_and(w.asked_as = 'family') as is_family,
            bool_or(w.asked_as = 'minor') as is_child
        from parts as p
        cross join lateral ops.people_asked(p.holder_person_id, p.debtors, p.family_ids) as w
        group by p.answering, w.person_id, w.ward_id
    ),

    named as (
        select a.answering, a.is_family, a.person_id, v.full_name, ward.full_name as ward_name,
            a.is_child or v.death_date is not null as cannot_sign
        from asked as a
        cross join lateral (
            select x.full_name, x.death_date from ops.person_visible as x
            where x.person_id = a.person_id
            offset 0
        ) as v
        left join lateral (
            select x.full_name from ops.person_visible as x
            where x.person_id = a.ward_id
            offset 0
        ) as ward on true
    ),

    sets as (
        select p.answering, sum(p.claimable_amount) as claimable_amount,
            array_agg(distinct p.period order by p.period) as months
        from parts as p
        group by p.answering
    )

    select s.answering, s.claimable_amount, s.months, who.names, who.people
    from sets as s
    cross join lateral (
        select
            string_agg(
                n.full_name || coalesce(' (за ребёнка: ' || n.ward_name || ')', ''), ', '
                order by n.full_name, n.ward_name
            ) filter (where not n.is_family) as names,
            coalesce(jsonb_agg(
                distinct jsonb_build_object(
                    'person_id', n.person_id, 'full_name', n.full_name, 'is_family', n.is_family
                )
            ) filter (where not n.cannot_sign), '[]') as people
        from named as n
        where n.answering = s.answering
    ) as who
    order by s.claimable_amount desc, who.names
    """
)
# Of a month that a case claims nothing is put off: the court decides of it.
DEBT = text(
    """
    select coalesce(sum(p.claimable_amount), 0) as principal,
        coalesce(sum(told.penalty_amount) filter (where p.claimable_amount > 0), 0) as penalty,
        min(p.period) filter (where p.claimable_amount > 0) as period_from,
        max(p.period) filter (where p.claimable_amount > 0) as period_to
    from screens.account_debt_parts as p
    left join (
        select m.liability, m.period, m.due_date, m.holder_kind, m.holder_person_id,
            sum(m.penalty_amount) as penalty_amount
        from screens.part_penalties as m
        where m.account_id = :account_id and m.holder_person_id is not null
        group by m.liability, m.period, m.due_date, m.holder_kind, m.holder_person_id
    ) as told
        on p.liability = told.liability and p.period = told.period
            and p.due_date = told.due_date and p.holder_kind = told.holder_kind
            and p.holder_person_id = told.holder_person_id
    where p.account_id = :account_id and p.period between :period_from and :period_to
        and ops.who_answers(p.holder_person_id, p.debtors) = cast(:answering as jsonb)
    """
)
