"""What «Соглашение о рассрочке» says, read for one agreement on the connection of a screen.

The document room knows nothing of tables, so the answer is plain mappings in its words:
``letters.agreement_from_rows(**…)``. Sums and days are those that were signed.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text


def paper_of_agreement(connection: Connection, agreement_id: int) -> dict[str, Any]:
    """The parts of the paper.

    Raises ``LookupError`` (Russian) when it is out of sight, or when it cannot be told whether
    those for whom somebody signs are of age (ГК 21).
    """
    values = {"agreement": agreement_id}
    head = connection.execute(HEAD, values).mappings().one_or_none()
    if head is None:
        raise LookupError("Соглашения нет, или оно чужое.")
    wards = list(connection.execute(WARDS, values).mappings())
    if any(ward["birth_date"] and not ward["of_age_on"] for ward in wards):
        raise LookupError(
            "В справочнике «Сроки и пределы по закону» (legal_term) нет включённой строки "
            "age_of_majority: не видно, кто из детей уже взрослый. Загрузите справочники заново."
        )
    return {
        "head": head,
        "organisation": _one(connection, ORGANISATION, values),
        "debtors": list(connection.execute(DEBTORS, values).mappings()),
        "wards": wards,
        "lines": list(connection.execute(LINES, values).mappings()),
    }


def _one(connection: Connection, query: Any, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return connection.execute(query, values).mappings().one()


HEAD = text(
    """
    select g.number, g.signed_on, g.place, g.account_id, a.account_number, placed.address,
        g.period_from, cast(g.period_to + interval '1 month' as date) - 1 as period_to,
        g.principal_amount as principal, g.penalty_amount as penalty, g.missed_limit,
        g.recorded_at as built_at
    from ops.instalment_agreement as g
    inner join ops.account as a on g.account_id = a.account_id
    left join screens.accounts as placed on g.account_id = placed.account_id
    where g.instalment_agreement_id = :agreement
    """
)
ORGANISATION = text(
    """
    select o.kind, o.name, o.inn, o.kpp, o.ogrn, o.address, o.phone, o.email, o.head_position,
        o.head_name, b.bank_name, b.bic, b.account_number as bank_account, b.correspondent_account
    from ops.instalment_agreement as g
    inner join ops.organisation as o on g.organisation_id = o.organisation_id
    left join lateral (
        select t.* from ops.bank_account as t
        where t.organisation_id = o.organisation_id and t.valid_from <= g.signed_on
            and (t.valid_to is null or t.valid_to >= g.signed_on)
        order by t.valid_from desc, t.bank_account_id
        limit 1
    ) as b on true
    where g.instalment_agreement_id = :agreement
    """
)
DEBTORS = text(
    """
    select d.person_id, v.last_name as last, v.first_name as first, v.middle_name as middle, v.sex,
        v.birth_date, v.full_name, coalesce(v.registered_address, placed.address) as residence,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('kind', n.kind, 'number', n.number)
                order by n.kind = 'passport', n.kind, n.number
            )
            from ops.person_identifier_visible as n
            where n.person_id = d.person_id
        ), '[]') as identifiers,
        coalesce(
            g.answering @> jsonb_build_array(
                jsonb_build_object('person_id', d.person_id, 'ward_id', null)
            ), false
        ) as is_for_self
    from ops.instalment_agreement as g
    inner join ops.instalment_debtor as d on g.instalment_agreement_id = d.instalment_agreement_id
    cross join lateral (
        select p.* from ops.person_visible as p where p.person_id = d.person_id offset 0
    ) as v
    left join screens.accounts as placed on g.account_id = placed.account_id
    where g.instalment_agreement_id = :agreement
    order by v.full_name, d.person_id
    """
)
# Whoever signs may stand for several children, and for herself besides.
WARDS = text(
    """
    select a.person_id, w.last_name as last, w.first_name as first, w.middle_name as middle, w.sex,
        w.birth_date, r.basis, came.of_age_on,
        case when came.of_age_on <= g.signed_on then came.of_age_on end as adult_since
    from ops.instalment_agreement as g
    cross join lateral jsonb_to_recordset(g.answering) as a (person_id bigint, ward_id bigint)
    inner join ops.instalment_debtor as d
        on g.instalment_agreement_id = d.instalment_agreement_id and a.person_id = d.person_id
    cross join lateral (
        select p.* from ops.person_visible as p where p.person_id = a.ward_id offset 0
    ) as w
    cross join lateral (
        select cast(w.birth_date + (select ops.age_of_majority()) as date) as of_age_on
    ) as came
    left join lateral (
        select t.basis from ops.representative_visible as t
        where t.person_id = a.ward_id and t.representative_id = a.person_id
        order by t.valid_from desc
        limit 1
    ) as r on true
    where g.instalment_agreement_id = :agreement
    order by a.person_id, w.birth_date, a.ward_id
    """
)
LINES = text(
    """
    select l.line_number, l.due_on, l.amount,
        g.principal_amount + g.penalty_amount - sum(l.amount) over (order by l.line_number)
            as balance
    from ops.instalment_agreement as g
    inner join ops.instalment_line as l on g.instalment_agreement_id = l.instalment_agreement_id
    where g.instalment_agreement_id = :agreement
    order by l.line_number
    """
)
