{{ config(meta={'dagster': {'ref': {'name': 'account_balances'}}}) }}

-- An account without a row is in no list and in no total, and nobody would miss it.
with accounts as (
    select account_id from {{ ref('stg_accounts') }}
    where
        {{ is_known_to_build('recorded_at') }}
        and account_id not in (select newer.account_id from ops.account_change as newer)
),

balances as (
    select account_id from {{ ref('account_balances') }}
)

select accounts.account_id
from accounts
left join balances on accounts.account_id = balances.account_id
where balances.account_id is null
