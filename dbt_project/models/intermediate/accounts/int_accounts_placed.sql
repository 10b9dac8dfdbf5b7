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
    -- Looked up, not joined: for one account a join reads the premises of the whole town.
    (
        select premises.house_id
        from premises
        where premises.premises_id = accounts.premises_id
    ) as house_id
from accounts
