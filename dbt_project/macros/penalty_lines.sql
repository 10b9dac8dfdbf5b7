{#-
Penalty line by line (ЖК 155 ч. 14, 14.1): one row per piece of a month's debt, step of the law and
run of days that no moratorium or hold takes out.

* Day k of the delay is the due date + k. The steps, their fractions and their dates are rows of
  reference.penalty_step; days taken out do not stop the count of days.
* The delay of a piece ends on the day it was closed, inclusive, or on the day of the calculation.
  The rate of that day holds for the whole delay of the piece.
* A person is exempt on the days of the hold on which a row of reference.moratorium exempts anybody.
* What a refund re-opened bears penalty again from the day after the refund: while the month stood as
  paid, the debtor was not in delay.
* Each line is rounded to kopecks half up, and the total is the sum of the lines, so that whoever adds
  up the printed lines gets the printed total.
-#}
{% macro penalty_lines(intervals) -%}
with intervals as (
    select * from {{ intervals }}
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

steps as (
    select * from {{ source('reference', 'penalty_step') }}
    where is_enabled and denominator is not null
),

moratoria as (
    select * from {{ source('reference', 'moratorium') }}
    where kind = 'exclude_days' and is_enabled
),

-- The days on which the law exempts persons at all.
exemptions as (
    select range_agg(daterange(date_from, date_to, '[]')) as lawful_days
    from {{ source('reference', 'moratorium') }}
    where kind = 'exempt_person' and is_enabled
),

holds as (
    select
        holding.account_id,
        range_agg(
            case
                when holding.hold_kind = 'exempt_person' then holding.days * exemptions.lawful_days
                else holding.days
            end
        ) as held_days
    from (
        select
            account_id,
            hold_kind,
            datemultirange(daterange(valid_from_date, valid_to_date, '[]')) as days
        from {{ ref('stg_debt_holds') }}
        where hold_kind in ('no_penalty', 'exempt_person', 'late_bill')
    ) as holding
    cross join exemptions
    group by holding.account_id
),

rates as (
    select * from {{ ref('int_penalty_rates') }}
),

late as (
    select
        intervals.account_id,
        intervals.interval_no,
        intervals.organisation_id,
        accounts.debtor_kind,
        coalesce(intervals.liability, 'housing') as liability,
        intervals.period,
        intervals.due_date,
        intervals.interval_amount,
        intervals.credit_kind,
        intervals.credit_id,
        intervals.credit_date,
        coalesce(intervals.closed_date <= (select ops.as_of()), false) as is_closed,
        least(intervals.closed_date, (select ops.as_of())) as end_date,
        intervals.reopened_by_id is not null and intervals.opened_date > intervals.due_date
            as is_reopened_late,
        case
            when intervals.reopened_by_id is null then intervals.due_date + 1
            else greatest(intervals.due_date, intervals.opened_date) + 1
        end as first_day
    from intervals
    inner join accounts on intervals.account_id = accounts.account_id
    where
        intervals.interval_kind <> 'advance'
        and intervals.opened_date <= (select ops.as_of())
        and intervals.due_date < least(intervals.closed_date, (select ops.as_of()))
),

excluded as (
    select
        late.*,
        (
            select coalesce(
                range_agg(daterange(moratoria.date_from, moratoria.date_to, '[]')), '{}'
            )
            from moratoria
            where moratoria.debts_before is null or late.period < moratoria.debts_before
        ) as moratorium_days,
        coalesce(holds.held_days, '{}') as held_days
    from late
    left join holds on late.account_id = holds.account_id
),

runs as (
    select
        excluded.account_id,
        excluded.interval_no,
        excluded.organisation_id,
        excluded.liability,
        excluded.period,
        excluded.due_date,
        excluded.interval_amount,
        excluded.is_reopened_late,
        excluded.credit_kind,
        excluded.credit_id,
        excluded.credit_date,
        excluded.is_closed,
        excluded.end_date,
        excluded.first_day,
        excluded.moratorium_days,
        excluded.held_days,
        steps.step_id,
        steps.denominator,
        steps.act as step_act,
        steps.day_from,
        run.days
    from excluded
    inner join steps
        on
            excluded.debtor_kind = steps.debtor_kind
            and excluded.liability = steps.liability
            and greatest(excluded.due_date + steps.day_from, steps.valid_from, excluded.first_day)
            <= least(excluded.due_date + steps.day_to, steps.valid_to, excluded.end_date)
    cross join lateral unnest(
        datemultirange(daterange(
            greatest(excluded.due_date + steps.day_from, steps.valid_from, excluded.first_day),
            least(excluded.due_date + steps.day_to, steps.valid_to, excluded.end_date),
            '[]'
        )) - excluded.moratorium_days - excluded.held_days
    ) as run (days)
)

select
    runs.account_id,
    runs.interval_no,
    runs.organisation_id,
    runs.liability,
    runs.period,
    runs.due_date,
    runs.interval_amount as base_amount,
    lower(runs.days) as date_from,
    upper(runs.days) - 1 as date_to,
    upper(runs.days) - lower(runs.days) as day_count,
    lower(runs.days) - runs.due_date as first_delay_day,
    rates.rate_pct,
    rates.key_rate_pct,
    rates.key_rate_start_date,
    rates.cap_id,
    runs.denominator,
    runs.step_id,
    runs.step_act,
    coalesce(rates.is_verified, false) as is_verified,
    round(
        runs.interval_amount * rates.rate_pct * (upper(runs.days) - lower(runs.days))
        / (100 * runs.denominator), 2
    ) as penalty_amount,
    runs.is_closed,
    case when runs.is_closed then runs.credit_kind end as closed_by_kind,
    case when runs.is_closed then runs.credit_id end as closed_by_id,
    case when runs.is_closed then runs.credit_date end as closed_by_date,
    case
        when lower(runs.days) = runs.first_day and runs.is_reopened_late then 'refund'
        when lower(runs.days) = runs.due_date + runs.day_from then 'step'
        when lower(runs.days) - 1 <@ runs.moratorium_days then 'moratorium_end'
        when lower(runs.days) - 1 <@ runs.held_days then 'hold_end'
        else 'rule'
    end as begins_because,
    case
        when upper(runs.days) - 1 = runs.end_date and runs.is_closed then 'closed'
        when upper(runs.days) - 1 = runs.end_date then 'calculation'
        when upper(runs.days) <@ runs.moratorium_days then 'moratorium'
        when upper(runs.days) <@ runs.held_days then 'hold'
        else 'step'
    end as ends_because
from runs
left join rates on runs.end_date = rates.rate_date
{%- endmacro %}
