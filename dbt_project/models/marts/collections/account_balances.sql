{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    indexes=[{'columns': ['organisation_id', 'debt']}, {'columns': ['house_id']}],
    meta={'ages': true},
) }}

-- On the day of the last build only changed accounts differ; on another day every debt has aged.
with accounts as (
    select * from {{ ref('int_accounts_placed') }}
    {% if is_built_today() -%}
    where account_id in (select changed.account_id from warehouse.account_to_rebuild as changed)
    {%- endif %}
),

-- What counts in the balance of the day that the build answers for.
open_intervals as (
    select
        intervals.account_id,
        intervals.interval_kind,
        intervals.interval_amount,
        intervals.period,
        intervals.due_date,
        (select ops.as_of()) - intervals.due_date as days_overdue
    from {{ ref('debt_intervals') }} as intervals
    where
        intervals.opened_date <= (select ops.as_of())
        and (intervals.closed_date is null or intervals.closed_date > (select ops.as_of()))
        {% if is_built_today() -%}
        and intervals.account_id in (select accounts.account_id from accounts)
        {%- endif %}
),

buckets as (
    select * from {{ source('reference', 'ageing_bucket') }}
),

aged as (
    select
        open_intervals.account_id,
        open_intervals.interval_amount,
        open_intervals.period,
        open_intervals.due_date,
        open_intervals.days_overdue,
        case
            when open_intervals.interval_kind = 'advance' then 'advance'
            else buckets.bucket_code
        end as bucket_code
    from open_intervals
    -- A plain column (offset 0): only then is the function taken apart into its comparisons.
    cross join (select ops.as_of() as day offset 0) as today
    left join buckets
        on
            open_intervals.interval_kind <> 'advance'
            and buckets.bucket_code <> 'advance'
            and warehouse.is_of_age(
                open_intervals.due_date,
                today.day,
                buckets.days_from,
                buckets.days_to,
                buckets.years_from,
                buckets.years_to
            )
),

balances as (
    select
        account_id,
        sum(interval_amount) as balance,
        sum(interval_amount) filter (where bucket_code <> 'advance') as debt,
        sum(interval_amount) filter (where days_overdue > 0 and bucket_code <> 'advance')
            as overdue_debt,
        {% for bucket in ageing_buckets() -%}
        sum(interval_amount) filter (where bucket_code = '{{ bucket }}') as {{ bucket }},
        {% endfor -%}
        count(distinct period) filter (where days_overdue > 0 and bucket_code <> 'advance')
            as overdue_months,
        min(due_date) filter (where days_overdue > 0 and bucket_code <> 'advance')
            as oldest_due_date
    from aged
    group by account_id
),

last_payments as (
    select
        accounts.account_id,
        payment.paid_date as last_payment_date,
        payment.payment_amount as last_payment_amount
    from accounts
    -- An account has a few dozen payments in one place: cheaper than sorting those of all.
    cross join lateral (
        select
            payments.paid_date,
            payments.payment_amount
        from {{ ref('stg_payments') }} as payments
        where
            payments.account_id = accounts.account_id
            and payments.payment_amount > 0
            and payments.paid_date <= (select ops.as_of())
        order by payments.paid_date desc, payments.payment_id desc
        limit 1
    ) as payment
),

-- The average of the last twelve whole months that were charged.
average_charges as (
    select
        account_id,
        avg(charged) as average_charge
    from {{ ref('account_turnover') }}
    where
        charged <> 0
        and period < date_trunc('month', (select ops.as_of()))
        and period >= date_trunc('month', (select ops.as_of())) - interval '12 months'
        {% if is_built_today() -%}
        and account_id in (select accounts.account_id from accounts)
        {%- endif %}
    group by account_id
)

select
    accounts.account_id,
    accounts.organisation_id,
    accounts.house_id,
    (select ops.as_of()) as as_of_date,
    {% for amount in ['balance', 'debt', 'overdue_debt'] + ageing_buckets() -%}
    cast(coalesce(balances.{{ amount }}, 0) as numeric(14, 2)) as {{ amount }},
    {% endfor -%}
    cast(coalesce(balances.overdue_months, 0) as integer) as overdue_months,
    balances.oldest_due_date,
    last_payments.last_payment_date,
    last_payments.last_payment_amount,
    cast(coalesce(round(average_charges.average_charge, 2), 0) as numeric(14, 2)) as average_charge
from accounts
left join balances on accounts.account_id = balances.account_id
left join last_payments on accounts.account_id = last_payments.account_id
left join average_charges on accounts.account_id = average_charges.account_id
