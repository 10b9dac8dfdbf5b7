{{ config(
    alias='part_penalties',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Penalty that may be claimed, over the holders who owe it: of open months, of months that were
-- paid late, and what has grown since an earlier claim. Ask it with an account_id.
select
    account_id,
    liability,
    period,
    due_date,
    holder_kind,
    holder_person_id,
    holder_organisation_id,
    holder_name,
    debtors,
    portion_person_id,
    run_no,
    penalty_from_date,
    penalty_to_date,
    penalty_amount,
    is_verified,
    is_open,
    is_held
from {{ ref('int_penalty_parts') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
