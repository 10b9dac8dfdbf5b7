{{ config(meta={'dagster': {'ref': {'name': 'debt_intervals'}}}) }}

-- A supplier would be paid too much or too little: what falls to services, with what waits and what
-- was given back, is the payment itself.
with pieces as (
    select
        built.*,
        {{ kopecks('built.interval_amount') }} as interval_kopecks
    from {{ ref('debt_intervals') }} as built
    where {{ is_settled('built.account_id') }}
),

falling as (
    {{ payment_services('pieces') }}
),

split as (
    select
        account_id,
        payment_id,
        sum(kopecks) as kopecks
    from falling
    group by account_id, payment_id
),

paid as (
    {{ settled_facts(ref('stg_payments')) }}
)

select
    coalesce(paid.account_id, split.account_id) as account_id,
    coalesce(paid.payment_id, split.payment_id) as payment_id,
    paid.payment_kopecks as paid_kopecks,
    split.kopecks as split_kopecks
from paid
full join split on paid.account_id = split.account_id and paid.payment_id = split.payment_id
where paid.payment_kopecks is distinct from split.kopecks
