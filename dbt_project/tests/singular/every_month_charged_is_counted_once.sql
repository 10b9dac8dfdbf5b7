{{ config(meta={'dagster': {'ref': {'name': 'charged_services'}}}) }}

-- The runs of months of an account are its months with charges: a gap would leave the account out of
-- the resource report, months counted twice would hide another gap.
with charged_days as (
    select
        account_id,
        count(*) as months
    from {{ ref('charge_days') }}
    where line_kind = 'charge' and {{ only_rebuilt() }}
    group by account_id
),

runs as (
    select
        account_id,
        sum(
            extract(year from last_date) * 12 + extract(month from last_date)
            - extract(year from first_date) * 12 - extract(month from first_date) + 1
        ) as months
    from {{ ref('charged_services') }}
    where line_kind = 'charge' and {{ only_rebuilt() }}
    group by account_id
)

select
    coalesce(charged_days.account_id, runs.account_id) as account_id,
    charged_days.months,
    runs.months as months_of_runs
from charged_days
full outer join runs on charged_days.account_id = runs.account_id
where coalesce(charged_days.months, 0) <> coalesce(runs.months, 0)
