{{ config(
    alias='account_turnover',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Live: for one account, at any state of knowledge (dolgomer.known_at). Ask it with an account_id.
select
    account_id,
    organisation_id,
    period,
    opening_balance,
    charged,
    recalculated,
    paid,
    to_awards,
    adjusted,
    written_off,
    closing_balance
from {{ ref('int_account_turnover') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
