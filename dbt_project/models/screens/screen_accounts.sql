{{ config(
    alias='accounts',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

with accounts as (
    select * from {{ ref('accounts') }}
),

balances as (
    select * from {{ ref('account_balances') }}
),

holders as (
    select * from {{ ref('account_holders') }}
)

select
    accounts.account_id,
    accounts.organisation_id,
    accounts.organisation_name,
    accounts.house_id,
    accounts.account_number,
    accounts.unified_number,
    accounts.payer_code,
    accounts.address,
    accounts.address_sort_key,
    accounts.house_address,
    accounts.premises_number,
    accounts.area,
    accounts.residents,
    accounts.is_open,
    case
        when (select ops.may_see_personal_data()) then holders.holder_name
        else holders.masked_holder_name
    end as holder_name,
    -- Masked readers may neither search by name nor learn the alphabet of names by sorting.
    case when (select ops.may_see_personal_data()) then holders.holder_sort_key end
        as holder_sort_key,
    balances.as_of_date,
    balances.balance,
    balances.debt,
    balances.overdue_debt,
    {% for bucket in ageing_buckets() -%}
    balances.{{ bucket }},
    {% endfor -%}
    balances.overdue_months,
    balances.oldest_due_date,
    balances.last_payment_date,
    balances.last_payment_amount,
    balances.average_charge
from accounts
inner join balances on accounts.account_id = balances.account_id
left join holders on accounts.account_id = holders.account_id
where accounts.organisation_id = any((select ops.visible_organisations())::integer[])
