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
    "shares": "account.has_share_problem",
    "identifier": "who.no_identifier",
    "birth": "who.no_birth_date",
    "section": "placed.magistrate_code is null",
    "kind": "application.claim_amount > limits.order_max",
    "instalment": "who.has_agreement",
}
"""Code of ``reference.filing_rule`` → what of an application breaks it."""

_BROKEN = ", ".join(f"('{code}', {condition})" for code, condition in OBSTACLE_RULES.items())

# One row an application that is stopped. People are grouped once over everybody who answers, not
# asked one by one.
STOPPED_APPLICATIONS = f"""
    limits as materialized (
        select t.value as order_max from reference.legal_term as t
        where t.code = 'court_order_claim_max' and t.is_enabled and t.valid_from <= ops.as_of()
            and (t.valid_to is null or t.valid_to >= ops.as_of())
    ),

    agreed as materialized (
        select s.account_id, x.person_id
        from ops.instalment_state as s
        inner join ops.instalment_debtor as x
            on s.instalment_agreement_id = x.instalment_agreement_id
        where s.holds_filing
    ),

    who as materialized (
        select d.account_id, d.holder_kind, d.portion_person_id,
            bool_or(d.is_dead) as is_dead, bool_or(d.is_bankrupt) as is_bankrupt,
            bool_or(d.is_minor_alone) as is_minor_alone,
            bool_or(not d.has_identifier) as no_identifier,
            bool_or(not d.has_birth_date) as no_birth_date,
            bool_or(agreed.person_id is not null) as has_agreement
        from screens.portion_debtors as d
        left join agreed on d.account_id = agreed.account_id and d.person_id = agreed.person_id
        where d.account_id in (select a.account_id from application as a)
        group by d.account_id, d.holder_kind, d.portion_person_id
    ),

    stopped as (
        select application.account_id, application.holder_kind, application.holder_person_id,
            application.holder_organisation_id, application.holder_name,
            array_agg(rule.rule_code order by rule.sort_order) as rule_codes,
            (array_agg(rule.title order by rule.sort_order))[1] as stopped_because
        from application
        inner join marts.debtors as account on application.account_id = account.account_id
        left join ops.house_court as placed on application.house_id = placed.house_id
        left join who
            on application.account_id = who.account_id
                and application.holder_kind = who.holder_kind
                and application.holder_person_id = who.portion_person_id
        left join limits on true
        cross join lateral (values {_BROKEN}) as found (rule_code, is_broken)
        inner join reference.filing_rule as rule
            on found.rule_code = rule.rule_code and rule.is_red and rule.is_enabled
        where found.is_broken
        group by application.account_id, application.holder_kind, application.holder_person_id,
            application.holder_organisation_id, application.holder_name
    )
"""  # noqa: S608 - constants of this file
"""Fragment of a query that has a common table ``application`` (rows of economics of filing)."""
