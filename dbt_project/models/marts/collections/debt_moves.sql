{{ config(
    materialized='incremental',
    incremental_strategy='made_anew',
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_computed_whole': true},
) }}

-- What stood at the end of a month, and where it was a month later: one pass over the pieces here,
-- so that screens need none. The last two ends of months move with the day: all is counted anew.
with days as materialized (
    select
        last_end.day as second_day,
        cast(date_trunc('month', last_end.day) as date) - 1 as first_day,
        -- Who paid in the ninety days before is «recent» for the queue of work as well.
        cast(date_trunc('month', last_end.day) as date) - 1 - 90 as recent_day
    from (select cast(date_trunc('month', ops.as_of()) as date) - 1 as day) as last_end
),

pieces as (
    select
        intervals.account_id,
        intervals.organisation_id,
        intervals.house_id,
        intervals.due_date,
        intervals.interval_amount,
        intervals.opened_date <= days.first_day
        and intervals.due_date < days.first_day
        and (intervals.closed_date is null or intervals.closed_date > days.first_day)
            as is_overdue_first,
        intervals.due_date < days.second_day
        and (intervals.closed_date is null or intervals.closed_date > days.second_day)
            as is_overdue_second,
        coalesce(
            intervals.credit_kind = 'payment' and intervals.closed_date <= days.second_day, false
        ) as is_paid,
        intervals.opened_date <= days.first_day
        and coalesce(
            intervals.credit_kind = 'payment' and intervals.closed_date <= days.first_day, false
        ) as is_paid_recently
    from {{ ref('debt_intervals') }} as intervals
    inner join days
        on
            intervals.opened_date <= days.second_day
            and (intervals.closed_date is null or intervals.closed_date >= days.recent_day)
    where intervals.interval_kind <> 'advance'
),

accounts as materialized (
    select
        account_id,
        organisation_id,
        house_id,
        min(due_date) filter (where is_overdue_first) as first_due_date,
        min(due_date) filter (where is_overdue_second) as second_due_date,
        coalesce(sum(interval_amount) filter (where is_overdue_first), 0) as first_debt,
        coalesce(sum(interval_amount) filter (where is_overdue_second), 0) as second_debt,
        coalesce(sum(interval_amount) filter (where is_overdue_first and is_paid), 0)
            as paid_amount,
        bool_or(is_paid_recently) as has_paid_recently
    from pieces
    group by account_id, organisation_id, house_id
    having bool_or(is_overdue_first) or bool_or(is_overdue_second)
),

buckets as (
    select * from {{ source('reference', 'ageing_bucket') }}
    where bucket_code not in ('advance', 'not_due')
),

-- Debts fall due on few days: the age of a day is looked up once, not of every account.
first_ages as materialized (
    select
        due.due_date,
        buckets.bucket_code
    from (select distinct accounts.first_due_date as due_date from accounts) as due
    cross join days
    inner join buckets
        on warehouse.is_of_age(
            due.due_date, days.first_day, buckets.days_from, buckets.days_to,
            buckets.years_from, buckets.years_to
        )
),

second_ages as materialized (
    select
        due.due_date,
        buckets.bucket_code
    from (select distinct accounts.second_due_date as due_date from accounts) as due
    cross join days
    inner join buckets
        on warehouse.is_of_age(
            due.due_date, days.second_day, buckets.days_from, buckets.days_to,
            buckets.years_from, buckets.years_to
        )
)

select
    accounts.organisation_id,
    accounts.house_id,
    coalesce(first_ages.bucket_code, 'none') as from_bucket,
    coalesce(second_ages.bucket_code, 'none') as to_bucket,
    accounts.has_paid_recently,
    cast(count(*) as integer) as accounts,
    cast(sum(accounts.first_debt) as numeric(14, 2)) as first_debt,
    cast(sum(accounts.second_debt) as numeric(14, 2)) as second_debt,
    cast(sum(accounts.paid_amount) as numeric(14, 2)) as paid_amount
from accounts
left join first_ages on accounts.first_due_date = first_ages.due_date
left join second_ages on accounts.second_due_date = second_ages.due_date
group by
    accounts.organisation_id, accounts.house_id, first_ages.bucket_code, second_ages.bucket_code,
    accounts.has_paid_recently
