{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['house_id', 'organisation_id'],
    on_schema_change='append_new_columns',
    meta={'is_computed_whole': true},
) }}

with balances as (
    select * from {{ ref('account_balances') }}
),

houses as (
    select * from {{ ref('int_house_addresses') }}
)

select
    balances.house_id,
    balances.organisation_id,
    houses.house_address,
    houses.house_sort_key,
    cast(count(*) as integer) as accounts,
    cast(count(*) filter (where balances.overdue_debt > 0) as integer) as debtors,
    cast(sum(balances.balance) as numeric(14, 2)) as balance,
    cast(sum(balances.debt) as numeric(14, 2)) as debt,
    cast(sum(balances.overdue_debt) as numeric(14, 2)) as overdue_debt,
    cast(sum(balances.advance) as numeric(14, 2)) as advance
from balances
inner join houses on balances.house_id = houses.house_id
group by balances.house_id, balances.organisation_id, houses.house_address, houses.house_sort_key
