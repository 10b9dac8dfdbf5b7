{{ config(
    alias='debtors',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- The registry of debtors; names masked by role. The state of the case and of its duty is read
-- from the registers themselves, by the caller, for the rows that he shows.
with debtors as (
    select * from {{ ref('debtors') }}
),

accounts as (
    select * from {{ ref('accounts') }}
),

holders as (
    select * from {{ ref('account_holders') }}
),

balances as (
    select * from {{ ref('account_balances') }}
)

select
    debtors.*,
    accounts.organisation_name,
    accounts.account_number,
    accounts.unified_number,
    accounts.address,
    accounts.address_sort_key,
    accounts.is_open,
    case
        when (select ops.may_see_personal_data()) then holders.holder_name
        else holders.masked_holder_name
    end as holder_name,
    -- Masked readers may neither search by name nor learn the alphabet of names by sorting.
    case when (select ops.may_see_personal_data()) then holders.holder_sort_key end
        as holder_sort_key,
    balances.as_of_date,
    balances.debt,
    balances.overdue_debt,
    balances.overdue_months,
    balances.last_payment_date,
    balances.average_charge
from debtors
inner join accounts on debtors.account_id = accounts.account_id
inner join balances on debtors.account_id = balances.account_id
left join holders on debtors.account_id = holders.account_id
where debtors.organisation_id = any((select ops.visible_organisations())::integer[])
