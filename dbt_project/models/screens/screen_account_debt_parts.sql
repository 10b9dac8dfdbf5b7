{{ config(
    alias='account_debt_parts',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- The same live: for one account, at any day and state of knowledge. Ask it with an account_id.
select
    account_id,
    liability,
    period,
    due_date,
    part_no,
    organisation_id,
    holder_kind,
    portion_person_id,
    holder_person_id,
    holder_organisation_id,
    holder_name,
    share_numerator,
    share_denominator,
    has_share_problem,
    debtors,
    family_ids,
    part_amount,
    claimed_amount,
    unclaimed_amount,
    claimable_amount,
    live_case_id,
    cancelled_case_id,
    limitation_date,
    is_due,
    is_time_barred,
    is_held
from {{ ref('int_debt_parts') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
