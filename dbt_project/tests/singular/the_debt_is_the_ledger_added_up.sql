{{ config(meta={'dagster': {'ref': {'name': 'debt_intervals'}}}) }}

-- Straight from the facts: when all has happened, charges, recalculations and adjustments less
-- payments (but for what repaid awarded duty and penalty) and write-offs are what is open. A line that no model reads (a month outside the
-- calendar of due dates) shows here and nowhere else.
with charges as (
    {{ settled_facts(ref('stg_charges')) }}
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

facts as (
    select
        account_id,
        charge_amount as amount
    from charges
    union all
    select
        account_id,
        -payment_amount as amount
    from payments
    union all
    select
        account_id,
        -write_off_amount as amount
    from write_offs
    union all
    select
        account_id,
        award_kopecks / 100.0 as amount
    from awards
    where {{ is_settled() }}
),

ledger as (
    select
        account_id,
        sum(amount) as amount
    from facts
    group by account_id
),

open_pieces as (
    select
        account_id,
        sum(interval_amount) as amount
    from {{ ref('debt_intervals') }}
    where closed_date is null and {{ is_settled() }}
    group by account_id
)

select
    coalesce(ledger.account_id, open_pieces.account_id) as account_id,
    ledger.amount as ledger_amount,
    open_pieces.amount as open_amount
from ledger
full outer join open_pieces on ledger.account_id = open_pieces.account_id
where coalesce(ledger.amount, 0) <> coalesce(open_pieces.amount, 0)
