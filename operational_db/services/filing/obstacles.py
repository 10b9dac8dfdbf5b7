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

# One row an application that is stopped. An application asks one set of people, so those of its own
# set are looked at, and nobody else of the account; they are grouped once over everybody who
# answers, not asked one by one.
STOPPED_APPLICATIONS = f"""
    limits as materialized (
        select t.value as order_max from reference.legal_term as t
        where t.code = 'court_order_claim_max' and t.is_enabled and t.valid_from <= ops.as_of()
            and (t.valid_to is null or t.valid_to >= ops.as_of())
    ),

    who as materialized (
        select a.application_no,
            bool_or(d.is_dead) as is_dead, bool_or(d.is_bankrupt) as is_bankrupt,
            bool_or(d.is_minor_alone) as is_minor_alone,
            bool_or(not d.has_identifier) as no_identifier,
            bool_or(not d.has_birth_date) as no_birth_date
        from application as a
        inner join screens.portion_debtors as d
            on a.account_id = d.account_id and a.holder_kind = d.holder_kind
                and a.debtors is not distinct from d.debtors
                and (a.debtors is not null or a.holder_person_id = d.portion_person_id)
                -- Family of other months stands in another application.
                and (d.asked_as <> 'family' or d.family_ids is null
                    or d.person_id = any (a.family_ids))
        where d.account_id in (select b.account_id from application as b)
        group by a.application_no
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
