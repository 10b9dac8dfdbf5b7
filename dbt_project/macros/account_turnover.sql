{#-
The turnover sheet by account and month: start + charges + recalculation - payments + what of them
repaid awarded duty and penalty ± adjustment - write-off = end. A charge stands in its month, everything
else in the month of its document, so a closed month does not change when a later recalculation speaks
of it. What repaid awards is told by the walk, which knows all of that: a recalculation of claimed months
or an act of a court that is registered later may move it, and the closing of a month tells so. `kopecks` is the amount of a piece of `intervals`.
-#}
{% macro account_turnover(accounts, obligations, intervals, kopecks='interval_kopecks') -%}
with accounts as (
    select * from {{ accounts }}
),

obligations as (
    select * from {{ obligations }}
),

corrections as (
    select * from {{ ref('stg_charges') }}
    where charge_kind <> 'charge'
),

payments as (
    select * from {{ ref('stg_payments') }}
),

write_offs as (
    select * from {{ ref('stg_write_offs') }}
),

awards as (
    {{ awards(intervals, kopecks) }}
),

movements as (
    select
        account_id,
        period,
        charged_kopecks,
        cast(0 as bigint) as recalculated_kopecks,
        cast(0 as bigint) as paid_kopecks,
        cast(0 as bigint) as award_kopecks,
        cast(0 as bigint) as adjusted_kopecks,
        cast(0 as bigint) as written_off_kopecks
    from obligations
    union all
    select
        account_id,
        cast(date_trunc('month', booked_date) as date) as period,
        0 as charged_kopecks,
        case when charge_kind = 'recalculation' then charge_kopecks else 0 end
            as recalculated_kopecks,
        0 as paid_kopecks,
        0 as award_kopecks,
        case when charge_kind = 'adjustment' then charge_kopecks else 0 end as adjusted_kopecks,
        0 as written_off_kopecks
    from corrections
    union all
    select
        account_id,
        cast(date_trunc('month', paid_date) as date) as period,
        0 as charged_kopecks,
        0 as recalculated_kopecks,
        payment_kopecks as paid_kopecks,
        0 as award_kopecks,
        0 as adjusted_kopecks,
        0 as written_off_kopecks
    from payments
    union all
    select
        account_id,
        cast(date_trunc('month', award_date) as date) as period,
        0 as charged_kopecks,
        0 as recalculated_kopecks,
        0 as paid_kopecks,
        award_kopecks,
        0 as adjusted_kopecks,
        0 as written_off_kopecks
    from awards
    union all
    select
        account_id,
        cast(date_trunc('month', written_off_date) as date) as period,
        0 as charged_kopecks,
        0 as recalculated_kopecks,
        0 as paid_kopecks,
        0 as award_kopecks,
        0 as adjusted_kopecks,
        write_off_kopecks as written_off_kopecks
    from write_offs
),

by_month as (
    select
        account_id,
        period,
        sum(charged_kopecks) as charged_kopecks,
        sum(recalculated_kopecks) as recalculated_kopecks,
        sum(paid_kopecks) as paid_kopecks,
        sum(award_kopecks) as award_kopecks,
        sum(adjusted_kopecks) as adjusted_kopecks,
        sum(written_off_kopecks) as written_off_kopecks
    from movements
    group by account_id, period
),

carried as (
    select
        by_month.*,
        sum(
            charged_kopecks + recalculated_kopecks - paid_kopecks + award_kopecks
            + adjusted_kopecks - written_off_kopecks
        ) over (partition by account_id order by period) as closing_kopecks
    from by_month
)

select
    carried.account_id,
    carried.period,
    accounts.organisation_id,
    accounts.house_id,
    {{ roubles('carried.closing_kopecks - carried.charged_kopecks - carried.recalculated_kopecks
        + carried.paid_kopecks - carried.award_kopecks - carried.adjusted_kopecks
        + carried.written_off_kopecks') }}
        as opening_balance,
    {{ roubles('carried.charged_kopecks') }} as charged,
    {{ roubles('carried.recalculated_kopecks') }} as recalculated,
    {{ roubles('carried.paid_kopecks') }} as paid,
    {{ roubles('carried.award_kopecks') }} as to_awards,
    {{ roubles('carried.adjusted_kopecks') }} as adjusted,
    {{ roubles('carried.written_off_kopecks') }} as written_off,
    {{ roubles('carried.closing_kopecks') }} as closing_balance
from carried
inner join accounts on carried.account_id = accounts.account_id
{%- endmacro %}
