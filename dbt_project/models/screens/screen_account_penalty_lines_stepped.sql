{{ config(
    alias='account_penalty_lines_stepped',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Live penalty of an account with the rate of each day, for comparison. Ask it with an account_id.
select
    account_id,
    organisation_id,
    {{ columns_of_penalty_lines() }}
from {{ ref('int_penalty_lines_stepped') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
