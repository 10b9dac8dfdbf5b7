{{ config(meta={'dagster': {'ref': {'name': 'account_balances'}}}) }}

-- A debt of an age that no row of reference.ageing_bucket covers would be in no column.
with balances as (
    select
        account_id,
        balance,
        debt,
        overdue_debt,
        advance,
        not_due,
        d001_030 + d031_060 + d061_090 + d091_180 + d181_365 + y1_3 + y3_plus as overdue_buckets
    from {{ ref('account_balances') }}
    where {{ is_settled() }}
)

select *
from balances
where
    balance <> advance + not_due + overdue_buckets
    or debt <> not_due + overdue_buckets
    or overdue_debt <> overdue_buckets
