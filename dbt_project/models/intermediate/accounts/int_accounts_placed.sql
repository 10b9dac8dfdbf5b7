with accounts as (
    select * from {{ ref('stg_accounts') }}
),

premises as (
    select * from {{ ref('stg_premises') }}
)

select
    accounts.account_id,
    accounts.organisation_id,
    accounts.premises_id,
    premises.house_id
from accounts
left join premises on accounts.premises_id = premises.premises_id
