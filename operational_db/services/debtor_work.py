"""What is known of debtors besides their debt: contacts, writs, extracts, restrictions, notes.

Conditions and columns of the registry of debtors that the tables of the build do not hold. A column
costs one query for all rows that are shown, and nothing while nobody shows it. The connection is
that of a screen.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from operational_db.services.standing import stands

Row = Mapping[str, Any]

RECENT_DAYS = 30

EXTRACTS = {
    "has": "загружена",
    "none": "нет",
}
_HAS_EXTRACT = """exists (
    select 1 from ops.egrn_extract as e
    inner join ops.account as a on e.premises_id = a.premises_id
    where a.account_id = listed.account_id
)"""
EXTRACT_CONDITIONS = {"has": _HAS_EXTRACT, "none": f"not {_HAS_EXTRACT}"}

WRITS = {
    "has": "есть",
    "bailiff": "у приставов",
    "none": "нет",
}
_HAS_WRIT = (
    "exists (select 1 from ops.execution_document as w where w.account_id = listed.account_id)"
)
_AT_BAILIFF = """exists (
    select 1 from ops.court_case_state as s
    where s.account_id = listed.account_id and s.is_live and s.ended_on is null
        and s.sent_to = 'sent_to_bailiff'
        and (s.document_returned_on is null or s.document_returned_on < s.sent_on)
)"""
WRIT_CONDITIONS = {"has": _HAS_WRIT, "bailiff": _AT_BAILIFF, "none": f"not {_HAS_WRIT}"}

CONTACTS = {
    "sms": "было SMS",
    "call": "был разговор",
    "any": "связывались",
    "none": "не связывались",
}
_CONTACT = f"""exists (
    select 1 from ops.contact_event as e
    where e.account_id = listed.account_id and e.happened_at >= ops.as_of() - {RECENT_DAYS}
        {{kind}}
        and {stands("contact_event")}
)"""  # noqa: S608 - a constant of this file
CONTACT_CONDITIONS = {
    "sms": _CONTACT.format(kind="and e.kind = 'sms' and e.result <> 'failed'"),
    "call": _CONTACT.format(kind="and e.kind in ('live_call', 'visit') and e.result = 'talked'"),
    "any": _CONTACT.format(kind=""),
    "none": "not " + _CONTACT.format(kind=""),
}

RESTRICTIONS = {
    "on": "введено",
    "noticed": "предупреждён",
    "none": "нет",
}
# The latest step that stands tells how things are.
_RESTRICTING = f"""
    e.kind in ('restriction_notice', 'restriction', 'restriction_lifted')
    and {stands("account_event")}
"""
_LAST_RESTRICTION = f"""(
    select e.kind from ops.account_event as e
    where e.account_id = listed.account_id and {_RESTRICTING}
    order by e.happened_on desc, e.account_event_id desc
    limit 1
)"""  # noqa: S608 - a constant of this file
RESTRICTION_CONDITIONS = {
    "on": f"{_LAST_RESTRICTION} = 'restriction'",
    "noticed": f"{_LAST_RESTRICTION} = 'restriction_notice'",
    "none": f"coalesce({_LAST_RESTRICTION}, 'restriction_lifted') = 'restriction_lifted'",
}
RESTRICTION_NAMES = {
    "restriction": "введено",
    "restriction_notice": "предупреждён",
    "restriction_lifted": "снято",
}

# One month has to be within both ends: a debt before and after is none of those between.
DEBT_OF_MONTHS = """exists (
    select 1 from marts.debt_parts as p
    where p.account_id = listed.account_id and p.part_amount > 0
        and p.period between coalesce(cast(:period_from as date), date '-infinity')
            and coalesce(cast(:period_to as date), date 'infinity')
)"""
BY_VALUE = {
    "phone": """account_id in (
        select a.account_id
        from ops.person_visible as v
        inner join ops.ownership as o on v.person_id = o.person_id
        inner join ops.account as a
            on o.premises_id = a.premises_id and o.organisation_id = a.organisation_id
        where regexp_replace(v.phone, '[^0-9]', '', 'g') like '%' || :phone || '%'
        union
        select r.account_id
        from ops.person_visible as v
        inner join ops.residency as r on v.person_id = r.person_id
        where regexp_replace(v.phone, '[^0-9]', '', 'g') like '%' || :phone || '%'
    )""",
    "district_code": """house_id in (
        select placed.house_id from ops.house_court as placed
        where placed.district_code = :district_code
    )""",
    "case_state": """last_case_id in (
        select s.case_id from ops.court_case_state as s where s.state = :case_state
    )""",
    "bailiff": """account_id in (
        select e.account_id from ops.account_event as e
        where position(lower(:bailiff) in lower(e.bailiff_office)) > 0
        union
        select e.account_id from ops.case_event as e
        where e.kind = 'sent_to_bailiff' and position(lower(:bailiff) in lower(e.destination)) > 0
    )""",
    "assignee_id": """:assignee_id = (
        select w.assignee_id from ops.work_assignment as w
        where w.account_id = listed.account_id
        order by w.recorded_at desc, w.work_assignment_id desc
        limit 1
    )""",
}
"""Name of a field of the filter → its condition on a row ``listed`` of the registry."""

BY_CHOICE = {
    "extract": EXTRACT_CONDITIONS,
    "writ": WRIT_CONDITIONS,
    "contact": CONTACT_CONDITIONS,
    "restriction": RESTRICTION_CONDITIONS,
}
"""Name of a field of the filter → condition of each of its values."""


def add_columns(
    connection: Connection, rows: Sequence[dict[str, Any]], columns: Sequence[str]
) -> None:
    """Write the asked ``columns`` of ``COLUMNS_OF`` into rows of the registry, in place."""
    ids = [row["account_id"] for row in rows]
    for query, names in COLUMNS_OF:
        if not ids or not set(names) & set(columns):
            continue
        found = {
            each["account_id"]: each
            for each in connection.execute(query, {"account_ids": ids}).mappings()
        }
        for row in rows:
            row.update({name: found.get(row["account_id"], {}).get(name) for name in names})


def _of_accounts(query: str) -> TextClause:
    return text(query).bindparams(bindparam("account_ids", type_=ARRAY(BigInteger)))


_PHONES = _of_accounts(
    """
    select d.account_id, string_agg(distinct v.phone, ', ') as phones
    from (
        select distinct x.account_id, x.person_id from screens.portion_debtors as x
        where x.account_id = any (:account_ids)
    ) as d
    cross join lateral (
        select p.phone from ops.person_visible as p where p.person_id = d.person_id offset 0
    ) as v
    group by d.account_id
    """
)
_TURNOVER = _of_accounts(
    """
    select t.account_id, sum(t.charged + t.recalculated) as charged_year,
        sum(t.paid - t.to_awards) as paid_year
    from marts.account_turnover as t
    where t.account_id = any (:account_ids)
        and t.period >= date_trunc('month', ops.as_of()) - interval '12 months'
    group by t.account_id
    """
)
_PENALTY = _of_accounts(
    """
    select d.account_id, p.penalty_amount, d.due_amount + p.penalty_amount as whole_amount
    from unnest(:account_ids) as a (account_id)
    inner join marts.debtors as d on a.account_id = d.account_id
    cross join lateral (
        select coalesce(sum(m.penalty_amount), 0) as penalty_amount
        from screens.part_penalties as m
        where m.account_id = a.account_id
    ) as p
    """
)
_CONTACTED = _of_accounts(
    f"""
    select distinct on (e.account_id) e.account_id, e.happened_at as contact_at,
        e.kind as contact_kind, e.result as contact_result, e.promise_date
    from ops.contact_event as e
    where e.account_id = any (:account_ids) and {stands("contact_event")}
    order by e.account_id, e.happened_at desc, e.contact_event_id desc
    """  # noqa: S608 - constants of this file
)
_ASSIGNED = _of_accounts(
    """
    select distinct on (w.account_id) w.account_id, who.full_name as assignee_name, w.next_action,
        w.due_on as action_due_on
    from ops.work_assignment as w
    left join ops.colleague as who on w.assignee_id = who.user_id
    where w.account_id = any (:account_ids)
    order by w.account_id, w.recorded_at desc, w.work_assignment_id desc
    """
)
_NOTED = _of_accounts(
    """
    select distinct on (n.account_id) n.account_id, n.note as last_note
    from ops.account_note as n
    where n.account_id = any (:account_ids) and n.note is not null
        and not exists (
            select 1 from ops.account_note as c where c.cancels_note_id = n.account_note_id
        )
    order by n.account_id, n.account_note_id desc
    """
)
_EXECUTED = _of_accounts(
    """
    select distinct on (d.account_id) d.account_id, d.number as writ_number,
        d.issued_on as writ_issued_on, s.destination as bailiff_told, s.sent_on as writ_sent_on
    from ops.execution_document_current as d
    left join ops.court_case_state as s on d.case_id = s.case_id
    where d.account_id = any (:account_ids)
    order by d.account_id, d.issued_on desc, d.execution_document_id desc
    """
)
_RESTRICTED = _of_accounts(
    f"""
    select distinct on (e.account_id) e.account_id, e.kind as restriction_kind,
        e.happened_on as restriction_on
    from ops.account_event as e
    where e.account_id = any (:account_ids) and {_RESTRICTING}
    order by e.account_id, e.happened_on desc, e.account_event_id desc
    """  # noqa: S608 - constants of this file
)
_EXTRACTED = _of_accounts(
    """
    select a.account_id, max(e.formed_on) as extract_on
    from ops.account as a
    inner join ops.egrn_extract as e on a.premises_id = e.premises_id
    where a.account_id = any (:account_ids)
    group by a.account_id
    """
)
COLUMNS_OF = (
    (_PHONES, ("phones",)),
    (_TURNOVER, ("charged_year", "paid_year")),
    (_PENALTY, ("penalty_amount", "whole_amount")),
    (_CONTACTED, ("contact_at", "contact_kind", "contact_result", "promise_date")),
    (_ASSIGNED, ("assignee_name", "next_action", "action_due_on")),
    (_NOTED, ("last_note",)),
    (_EXECUTED, ("writ_number", "writ_issued_on", "bailiff_told", "writ_sent_on")),
    (_RESTRICTED, ("restriction_kind", "restriction_on")),
    (_EXTRACTED, ("extract_on",)),
)
"""Queries by account and the columns that each of them gives."""
