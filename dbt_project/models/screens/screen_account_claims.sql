{{ config(
    alias='account_claims',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What the cases of an account claim, month by month: asked for, awarded, recovered, left. Live.
-- Ask it with an account_id.
select ledger.*
from {{ ref('int_claimed_ledger') }} as ledger
inner join {{ ref('stg_accounts') }} as accounts on ledger.account_id = accounts.account_id
where accounts.organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
