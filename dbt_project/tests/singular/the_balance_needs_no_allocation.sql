{{ config(meta={'dagster': {'ref': {'name': 'account_balances'}}}) }}

-- Whichever month a receipt closed, the balance is what months came to less what was received, but for
-- what repaid awarded duty and penalty. An allocation that loses a kopeck, or uses one twice, shows here.
with balances as (
    select
        account_id,
        as_of_date,
        balance
    from {{ ref('account_balances') }}
    where {{ is_settled() }}
),

obligations as (
    select * from {{ ref('obligations') }}
    where {{ only_rebuilt() }}
),

payments as (
    {{ settled_facts(ref('stg_payments')) }}
),

write_offs as (
    {{ settled_facts(ref('stg_write_offs')) }}
),

awards as (
    {{ awards(ref('debt_intervals'), kopecks('pieces.interval_amount')) }}
),

movements as (
    select
        obligations.account_id,
        obligations.opened_date as movement_date,
        obligations.obligation_amount as amount
    from obligations
    union all
    select
        obligations.account_id,
        surplus.movement_date,
        -surplus.kopecks / 100.0 as amount
    from obligations
    cross join lateral unnest(obligations.surplus_dates, obligations.surplus_kopecks)
        as surplus (movement_date, kopecks)
    where obligations.surplus_dates is not null
    union all
    select
        payments.account_id,
        payments.paid_date as movement_date,
        -payments.payment_amount as amount
    from payments
    union all
    select
        write_offs.account_id,
        write_offs.written_off_date as movement_date,
        -write_offs.write_off_amount as amount
    from write_offs
    union all
    select
        awards.account_id,
        awards.award_date as movement_date,
        awards.award_kopecks / 100.0 as amount
    from awards
),

expected as (
    select
        balances.account_id,
        sum(movements.amount) as balance
    from balances
    inner join movements
        on
            balances.account_id = movements.account_id
            and balances.as_of_date >= movements.movement_date
    group by balances.account_id
)

select
    balances.account_id,
    balances.balance,
    expected.balance as expected_balance
from balances
left join expected on balances.account_id = expected.account_id
where balances.balance <> coalesce(expected.balance, 0)
