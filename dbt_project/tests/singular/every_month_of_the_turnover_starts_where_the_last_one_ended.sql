{{ config(meta={'dagster': {'ref': {'name': 'account_turnover'}}}) }}

-- Start + charges + recalculation - payments + what of them repaid awarded duty and penalty
-- ± adjustment - write-off = end = the next start.
with turnover as (
    select * from {{ ref('account_turnover') }}
    where {{ is_settled() }}
),

with_previous as (
    select
        turnover.*,
        lag(closing_balance, 1, 0.00) over (partition by account_id order by period)
            as previous_balance
    from turnover
)

select *
from with_previous
where
    opening_balance <> previous_balance
    or closing_balance
    <> opening_balance + charged + recalculated - paid + to_awards + adjusted - written_off
