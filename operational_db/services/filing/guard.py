"""The guard before filing: every application of a proposal against every rule that is switched on.

Which rules there are, which of them stop and which warn, stands in ``reference.filing_rule``; what
each of them looks at stands here, one query a rule over the whole batch. Courts return papers for
these reasons, so a rule names the article it rests on and what to do about it.

Findings are written by whoever proposes, for people to read and mend. What they rest on is not
trusted: the run of an approved batch holds every application against the red rules once more.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Connection, text

DoubtfulName = Callable[[str, str, str | None, str | None], str | None]
"""Of a last, first, middle name and sex: why its cases are to be checked, or None."""

# What the rules read: a screen, the views that show it what it may see; the run, which works as the
# owner and has no session, the tables behind them.
FOR_SCREENS = {
    "people": "screens.debtor_people",
    "accounts": "screens.accounts",
    "mixed_limitation": "screens.mixed_limitation",
}
FOR_THE_RUN = {
    "people": "intermediate.int_debtor_people",
    "accounts": "marts.accounts",
    "mixed_limitation": "intermediate.int_mixed_limitation",
}

# Each selects item_number and details (what exactly, without names) of the applications of
# :batch_id that break the rule. `item`, `batch` and `debtor` are given to all of them.
CHECKS: dict[str, str] = {
    "owner": "select item_number, null as details from item where holder_kind = 'unknown'",
    "legal_person": """
        select i.item_number, concat_ws(
            ', ', coalesce(o.name, i.holder_name),
            'ИНН ' || coalesce(o.inn, named.holder_inn), 'ОГРН ' || o.ogrn, o.address
        ) as details
        from item as i
        inner join ops.account as a on i.account_id = a.account_id
        left join ops.organisation as o on i.holder_organisation_id = o.organisation_id
        left join lateral (
            select w.holder_inn from ops.ownership as w
            where w.premises_id = a.premises_id and w.organisation_id = a.organisation_id
                and w.holder_name = i.holder_name and w.holder_inn is not null
            order by w.valid_from desc, w.ownership_id desc
            limit 1
        ) as named on true
        where i.holder_kind in ('organisation', 'public_owner')
    """,
    "dead": """
        select item_number, null as details from debtor where is_dead group by item_number
        union
        select d.item_number, null
        from debtor as d
        cross join lateral (
            select x.is_dead from {people} as x where x.person_id = d.ward_id offset 0
        ) as ward
        where ward.is_dead
    """,
    "bankruptcy": """
        select item_number, null as details from debtor where is_bankrupt group by item_number
    """,
    "representative": """
        select item_number, null as details from debtor where is_minor_alone group by item_number
    """,
    "shares": """
        select i.item_number, to_char(min(p.period), 'MM.YYYY') || '–'
            || to_char(max(p.period), 'MM.YYYY') as details
        from item as i
        inner join ops.filing_month as m
            on m.batch_id = :batch_id and i.item_number = m.item_number
        inner join marts.debt_parts as p
            on i.account_id = p.account_id and m.liability = p.liability
                and m.period = p.period and m.due_date = p.due_date
        where p.has_share_problem
        group by i.item_number
    """,
    "identifier": """
        select item_number,
            case when count(*) > 1 then 'у должников: ' || count(*) end as details
        from debtor where not has_identifier group by item_number
    """,
    "birth": """
        select item_number,
            case when count(*) > 1 then 'у должников: ' || count(*) end as details
        from debtor where not has_birth_date group by item_number
    """,
    "birth_place": """
        select d.item_number, null as details
        from debtor as d
        -- One person at a time: the barrier of the view would read everybody.
        cross join lateral (
            select v.birth_place from ops.person_visible as v
            where v.person_id = d.person_id
            offset 0
        ) as p
        where p.birth_place is null
        group by d.item_number
    """,
    "address": """
        select i.item_number, null as details
        from item as i
        left join {accounts} as a on i.account_id = a.account_id
        where a.address is null
    """,
    "section": """
        select i.item_number,
            case c.magistrate_state when 'several' then 'подходят участки: '
                || array_to_string(c.magistrate_candidates, ', ') end as details
        from item as i
        left join {accounts} as a on i.account_id = a.account_id
        left join ops.house_court as c on a.house_id = c.house_id
        where i.court_code is null
    """,
    "court_details": """
        select i.item_number, null as details
        from item as i
        cross join batch as b
        where i.court_code is not null and not exists (
            select 1 from ops.court_payment_details as d
            where d.court_code = i.court_code and d.valid_from <= b.sent_on
                and (d.valid_to is null or d.valid_to >= b.sent_on)
        )
    """,
    "kind": """
        -- Spaces are written out: what the server groups thousands by is its own affair.
        select i.item_number, 'предел ' || ltrim(to_char(t.value, '999 999 990')) || ' ₽' as details
        from item as i
        cross join batch as b
        inner join reference.legal_term as t
            on t.code = 'court_order_claim_max' and t.is_enabled and t.valid_from <= b.sent_on
                and (t.valid_to is null or t.valid_to >= b.sent_on)
        where i.principal_amount + i.penalty_amount > t.value
    """,
    "live_case": """
        select i.item_number, string_agg(distinct c.number, ', ') as details
        from item as i
        inner join ops.court_case_state as c on i.account_id = c.account_id and c.is_live
        inner join ops.case_debtor as d on c.case_id = d.case_id
        where d.person_id in (
            select x.person_id from debtor as x where x.item_number = i.item_number
        )
        group by i.item_number
    """,
    "instalment": """
        select i.item_number, string_agg(distinct hold.number, ', ') as details
        from item as i
        inner join ops.instalment_hold as hold on i.account_id = hold.account_id
        inner join ops.filing_month as m
            on m.batch_id = :batch_id and i.item_number = m.item_number
        where ops.is_put_off(hold, m.period, i.holder_person_id, i.debtors, i.family_ids)
        group by i.item_number
    """,
    "limitation": """
        select i.item_number, to_char(min(p.period), 'MM.YYYY') || '–'
            || to_char(max(p.period), 'MM.YYYY') as details
        from item as i
        inner join marts.debt_parts as p
            on i.account_id = p.account_id and i.holder_kind = p.holder_kind
                and i.debtors is not distinct from p.debtors
                and (i.debtors is not null
                    or i.holder_person_id is not distinct from p.holder_person_id)
        where p.is_time_barred and p.unclaimed_amount > 0
        group by i.item_number
    """,
    # The court hears of limitation from each debtor for himself, and a filing against one of them
    # stops it for him alone; unnamed payments are laid to months by the term of the whole month.
    "limitation_of_some": """
        select i.item_number, to_char(min(m.period), 'MM.YYYY') || '–'
            || to_char(max(m.period), 'MM.YYYY') as details
        from item as i
        inner join ops.filing_month as m
            on m.batch_id = :batch_id and i.item_number = m.item_number
        cross join lateral (
            select x.liability, x.period, x.due_date from {mixed_limitation} as x
            where x.account_id = i.account_id
            offset 0
        ) as mixed
        where m.liability = mixed.liability and m.period = mixed.period
            and m.due_date = mixed.due_date
        group by i.item_number
    """,
    "limitation_on_sending": """
        select i.item_number, to_char(min(p.period), 'MM.YYYY') || '–'
            || to_char(max(p.period), 'MM.YYYY') || ', последний день '
            || to_char(min(p.limitation_date), 'DD.MM.YYYY') as details
        from item as i
        cross join batch as b
        inner join ops.filing_month as m
            on m.batch_id = :batch_id and i.item_number = m.item_number
        inner join marts.debt_parts as p
            on i.account_id = p.account_id and m.liability = p.liability
                and m.period = p.period and m.due_date = p.due_date
                and i.holder_kind = p.holder_kind
                and i.debtors is not distinct from p.debtors
                and (i.debtors is not null
                    or i.holder_person_id is not distinct from p.holder_person_id)
        where m.principal_amount > 0 and p.limitation_date < b.sent_on
        group by i.item_number
    """,
    "small": """
        select i.item_number,
            'пошлина ' || ltrim(to_char(i.duty_amount, '999 999 990')) || ' ₽' as details
        from item as i
        inner join reference.filing_rule as r on r.rule_code = 'small'
        where i.duty_amount * 100 > r.threshold * (i.principal_amount + i.penalty_amount)
    """,
    "moratorium": """
        select i.item_number, null as details
        from item as i
        where exists (
            select 1 from ops.debt_hold as h
            where h.account_id = i.account_id and h.kind = 'exempt_person'
                and (h.valid_to is null or h.valid_to >= i.period_from)
        )
    """,
    "requisites": """
        select i.item_number, null as details
        from item as i
        cross join batch as b
        inner join ops.organisation as o on b.organisation_id = o.organisation_id
        where num_nulls(o.inn, o.ogrn, o.address, o.head_position, o.head_name) > 0
            or not exists (
                select 1 from ops.bank_account as k
                where k.organisation_id = o.organisation_id and k.valid_from <= b.sent_on
                    and (k.valid_to is null or k.valid_to >= b.sent_on)
            )
    """,
}
RULES_OF_PEOPLE: Mapping[str, str] = {
    "dead": "is_dead",
    "bankruptcy": "is_bankrupt",
    "representative": "is_minor_alone",
    "identifier": "no_identifier",
    "birth": "no_birth_date",
}
"""Rules that look at one person alone → what of him breaks them; for an application by itself."""
GIVEN = """
    batch as (
        select b.* from ops.filing_batch as b where b.batch_id = :batch_id
    ),

    item as materialized (
        select i.* from ops.filing_item as i where i.batch_id = :batch_id
    ),

    debtor as materialized (
        select i.item_number, asked.asked_as, asked.ward_id, people.*,
            asked.asked_as = 'minor' as is_minor_alone
        from item as i
        cross join lateral ops.people_asked(i.holder_person_id, i.debtors, i.family_ids) as asked
        cross join lateral (
            select x.* from {people} as x
            where x.person_id = asked.person_id
            offset 0
        ) as people
    )
"""
ENABLED = text("select rule_code from reference.filing_rule where is_enabled")
RED = text("select rule_code from reference.filing_rule where is_enabled and is_red")
NAMES = text(
    f"""
    with {GIVEN.format(**FOR_SCREENS)}
    select distinct d.item_number, p.last_name, p.first_name, p.middle_name, p.sex
    from debtor as d
    cross join lateral (
        select v.* from ops.person_visible as v where v.person_id = d.person_id offset 0
    ) as p
    where p.last_name is not null
    order by d.item_number
    """  # noqa: S608 - constants of this file
)
ADD = text(
    """
    insert into ops.filing_finding (batch_id, item_number, rule_code, is_red, details)
    select :batch_id, f.item_number, r.rule_code, r.is_red, f.details
    from jsonb_to_recordset(cast(:rows as jsonb)) as f (item_number integer, details text)
    inner join reference.filing_rule as r on r.rule_code = :rule_code and r.is_enabled
    """
)


def write_findings(
    connection: Connection,
    batch_id: int,
    doubtful_name: DoubtfulName,
    *,
    unverified: Collection[int] = (),
) -> None:
    """Hold every application of a new batch against every rule, and write what is found.

    ``doubtful_name`` says of a last, first, middle name and sex why its cases are to be checked,
    or None: the grammar of names lives with the documents. ``unverified`` are the applications
    whose penalty rests on a rate that nobody has verified: whoever has just reckoned it knows.
    """
    enabled = set(connection.scalars(ENABLED))
    connection.execute(
        text(
            f"""
            insert into ops.filing_finding (batch_id, item_number, rule_code, is_red, details)
            {_found_by(enabled, FOR_SCREENS)}
            select :batch_id, found.item_number, r.rule_code, r.is_red, found.details
            from found
            inner join reference.filing_rule as r on found.rule_code = r.rule_code
            """  # noqa: S608 - constants of this file; rules are names of its own dictionary
        ),
        {"batch_id": batch_id},
    )
    if "name_cases" in enabled:
        _write(connection, batch_id, "name_cases", _doubtful(connection, batch_id, doubtful_name))
    found = [{"item_number": number, "details": None} for number in sorted(unverified)]
    _write(connection, batch_id, "penalty_unverified", found)


def red_findings(connection: Connection, batch_id: int) -> dict[int, str]:
    """Tell which applications of a batch a red rule stops today, and why (Russian).

    For the run, as the owner. The caller turns the views to the day that the batch is counted on.
    Nothing that the proposal found is read, so a finding that is not there stops nobody less.
    """
    red = set(connection.scalars(RED)) & CHECKS.keys()
    if not red:
        return {}
    rows = connection.execute(
        text(
            f"""
            {_found_by(red, FOR_THE_RUN)}
            select found.item_number, string_agg(
                r.title || coalesce(' (' || found.details || ')', '') || '. ' || r.what_to_do, '; '
                order by r.sort_order
            ) as told
            from found
            inner join reference.filing_rule as r on found.rule_code = r.rule_code
            group by found.item_number
            """  # noqa: S608 - constants of this file; rules are names of its own dictionary
        ),
        {"batch_id": batch_id},
    )
    return {row.item_number: f"Остановлено проверкой перед печатью: {row.told}." for row in rows}


def _found_by(rules: Collection[str], views: Mapping[str, str]) -> str:
    """The beginning of a statement: ``found`` has item_number, details, rule_code by rule."""
    checks = " union all ".join(
        f"select it.item_number, it.details, '{rule}' as rule_code from ({check}) as it"  # noqa: S608
        for rule, check in CHECKS.items()
        if rule in rules
    )
    return f"with {GIVEN}, found as ({checks})".format(**views)


def _doubtful(
    connection: Connection,
    batch_id: int,
    doubtful_name: DoubtfulName,
) -> list[dict[str, Any]]:
    reasons: dict[int, str] = {}
    for row in connection.execute(NAMES, {"batch_id": batch_id}):
        if reason := doubtful_name(row.last_name, row.first_name, row.middle_name, row.sex):
            reasons.setdefault(row.item_number, reason)
    return [{"item_number": number, "details": reason} for number, reason in reasons.items()]


def _write(
    connection: Connection, batch_id: int, rule_code: str, found: list[dict[str, Any]]
) -> None:
    if found:
        connection.execute(
            ADD, {"batch_id": batch_id, "rule_code": rule_code, "rows": json.dumps(found)}
        )
