{{ config(meta={'dagster': {'ref': {'name': 'account_turnover'}}}) }}

-- The sheet and the debt by law are counted apart; at the end of the last month they must meet.
with turnover as (
    select * from {{ ref('account_turnover') }}
    where {{ is_settled() }}
),

last_months as (
    -- distinct on: the last month of each account
    select distinct on (account_id)
        account_id,
        closing_balance
    from turnover
    order by account_id asc, period desc
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
    coalesce(last_months.account_id, open_pieces.account_id) as account_id,
    last_months.closing_balance,
    open_pieces.amount as open_amount
from last_months
full outer join open_pieces on last_months.account_id = open_pieces.account_id
where coalesce(last_months.closing_balance, 0) <> coalesce(open_pieces.amount, 0)
