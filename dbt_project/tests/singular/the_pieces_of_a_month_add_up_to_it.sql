{{ config(meta={'dagster': {'ref': {'name': 'debt_intervals'}}}) }}

-- What refunds opened again is owed twice and closed twice, so it does not count here.
with obligations as (
    select
        account_id,
        liability,
        period,
        due_date,
        obligation_amount as amount
    from {{ ref('obligations') }}
    where obligation_amount <> 0 and {{ is_settled() }}
),

pieces as (
    select
        account_id,
        liability,
        period,
        due_date,
        sum(interval_amount) as amount
    from {{ ref('debt_intervals') }}
    where
        interval_kind = 'debt'
        and reopened_by_id is null
        and {{ is_settled() }}
    group by account_id, liability, period, due_date
)

select
    coalesce(obligations.account_id, pieces.account_id) as account_id,
    coalesce(obligations.period, pieces.period) as period,
    coalesce(obligations.due_date, pieces.due_date) as due_date,
    obligations.amount as obligation_amount,
    pieces.amount as pieces_amount
from obligations
full outer join pieces
    on
        obligations.account_id = pieces.account_id
        and obligations.liability = pieces.liability
        and obligations.period = pieces.period
        and obligations.due_date = pieces.due_date
where coalesce(obligations.amount, 0) <> coalesce(pieces.amount, 0)
