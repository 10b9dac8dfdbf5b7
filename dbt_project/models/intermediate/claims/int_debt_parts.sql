-- Live: who owes which part of an account's open months, and what of it is claimed. Ask it with an
-- account_id: it must come from outside, so that everything within is asked of that account alone.
select
    one.account_id,
    parts.organisation_id,
    parts.house_id,
    parts.liability,
    parts.period,
    parts.due_date,
    parts.part_no,
    parts.holder_kind,
    parts.portion_person_id,
    parts.holder_person_id,
    parts.holder_organisation_id,
    parts.holder_name,
    parts.share_numerator,
    parts.share_denominator,
    parts.has_share_problem,
    parts.debtors,
    parts.family_ids,
    {{ roubles('parts.part_kopecks') }} as part_amount,
    {{ roubles('parts.claimed_kopecks') }} as claimed_amount,
    {{ roubles('parts.unclaimed_kopecks') }} as unclaimed_amount,
    {{ claimable('parts.unclaimed_kopecks') }} as claimable_amount,
    parts.live_case_id,
    parts.cancelled_case_id,
    parts.limitation_date,
    parts.is_due,
    parts.is_time_barred,
    parts.is_held
from {{ ref('int_accounts_placed') }} as one
cross join lateral (
    {{ debt_parts(ref('int_debt_intervals'), 'interval_kopecks', account='one.account_id') }}
) as parts
