{{ config(
    alias='mixed_limitation',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Open months whose debtors have different terms of limitation. Ask it with an account_id.
select
    account_id,
    organisation_id,
    liability,
    period,
    due_date
from {{ ref('int_mixed_limitation') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
