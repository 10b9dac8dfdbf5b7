{{ config(
    alias='account_penalty_lines',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Live penalty of an account by the law. Ask it with an account_id.
select
    account_id,
    organisation_id,
    {{ columns_of_penalty_lines() }}
from {{ ref('int_penalty_lines') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
