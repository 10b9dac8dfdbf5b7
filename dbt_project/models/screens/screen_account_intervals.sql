{{ config(
    alias='account_intervals',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Live: for one account, at any state of knowledge (dolgomer.known_at). Ask it with an account_id.
select
    {{ debt_interval_columns() }}
from {{ ref('int_debt_intervals') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
