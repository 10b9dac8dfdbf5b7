"""Which applications the guard would stop before anybody proposes them: its red rules, set-based.

The guard itself (``guard.py``) holds a proposal against every rule. Here the red ones that can be
told from the tables of the last build are asked for all applications at once, so that an advice
never sends to the court what the court is bound to return.
"""

OBSTACLE_RULES: dict[str, str] = {
    "owner": "application.holder_kind = 'unknown'",
    "legal_person": "application.holder_kind in ('organisation', 'public_owner')",
    "dead": "who.is_dead",
    "bankruptcy": "who.is_bankrupt",
    "representative": "who.is_minor_alone",
    "shares": "application.has_share_problem",
    "identifier": "who.no_identifier",
    "birth": "who.no_birth_date",
    "section": "placed.magistrate_code is null",
    "kind": "application.claim_amount > limits.order_max",
    "instalment": "application.is_agreed",
}
"""Code of ``reference.filing_rule`` → what of an application breaks it."""

_BROKEN = ", ".join(f"('{code}', {condition})" for code, condition in OBSTACLE_RULES.items())

# One row an application that is stopped. An application asks one set of people; what bars a claim
# against them is read once for everybody, not asked one by one.
STOPPED_APPLICATIONS = f"""
    limits as materialized (
        select t.value as order_max from reference.legal_term as t
        where t.code = 'court_order_claim_max' and t.is_enabled and t.valid_from <= ops.as_of()
            and (t.valid_to is null or t.valid_to >= ops.as_of())
    ),

    asked as materialized (
        select a.application_no, who.person_id, who.asked_as, who.ward_id
        from application as a
        cross join lateral ops.people_asked(a.holder_person_id, a.debtors, a.family_ids) as who
    ),

    -- By an array, so that those who are asked are found by their numbers, and nobody else is read.
    people as materialized (
        select p.person_id, p.is_dead, p.is_bankrupt, p.has_identifier, p.has_birth_date
        from screens.debtor_people as p
        where p.person_id = any (array(
            select asked.person_id from asked
            union
            select asked.ward_id from asked
        ))
    ),

    who as materialized (
        select asked.application_no,
            -- A dead ward is not asked either, whoever stands for him.
            bool_or(p.is_dead or coalesce(ward.is_dead, false)) as is_dead,
            bool_or(p.is_bankrupt or coalesce(ward.is_bankrupt, false)) as is_bankrupt,
            bool_or(asked.asked_as = 'minor') as is_minor_alone,
            bool_or(not p.has_identifier) as no_identifier,
            bool_or(not p.has_birth_date) as no_birth_date
        from asked
        inner join people as p on asked.person_id = p.person_id
        left join people as ward on asked.ward_id = ward.person_id
        group by asked.application_no
    ),

    stopped as (
        select application.application_no,
            array_agg(rule.rule_code order by rule.sort_order) as rule_codes,
            (array_agg(rule.title order by rule.sort_order))[1] as stopped_because
        from application
        left join ops.house_court as placed on application.house_id = placed.house_id
        left join who on application.application_no = who.application_no
        left join limits on true
        cross join lateral (values {_BROKEN}) as found (rule_code, is_broken)
        inner join reference.filing_rule as rule
            on found.rule_code = rule.rule_code and rule.is_red and rule.is_enabled
        where found.is_broken
        group by application.application_no
    )
"""  # noqa: S608 - constants of this file
"""Fragment of a query that has a common table ``application``: rows of economics of filing, each
with a number of its own, ``application_no``."""
