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
* The delay of a month whose bill came after its due date begins after the day of delivery, and the
  count of days with it: until then the creditor was late and not the debtor (ГК 405, 406). A row of
  reference.legal_term switches this and may give days to pay in. Without a bill there is no delay.
* `rate_mode` is payment_day, the law. With stepped each day takes the rate of its own day, as other
  programs and public calculators reckon: it is for comparison only.
* Each line is rounded to kopecks half up, and the total is the sum of the lines, so that whoever adds
  up the printed lines gets the printed total.
-#}
{% macro penalty_lines(intervals, accounts, deliveries, holds=none, rate_mode='payment_day') -%}
with intervals as (
    select * from {{ intervals }}
),

accounts as (
    select * from {{ accounts }}
),

deliveries as (
    select * from {{ deliveries }}
),

-- Days that a debtor has to pay in after a bill that came late; none when the row is switched off.
late_bills as (
    select min(value) as days_to_pay
    from {{ source('reference', 'legal_term') }}
    where code = 'payment_after_late_bill' and is_enabled
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

{% if holds -%}
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
        from {{ holds }}
        where hold_kind in ('no_penalty', 'exempt_person', 'late_bill')
    ) as holding
    cross join exemptions
    group by holding.account_id
),

{% endif -%}
rates as (
    select * from
        {% if rate_mode == 'stepped' %}{{ ref('int_penalty_rate_spans') }}
        {%- else %}{{ ref('int_penalty_rates') }}{% endif %}
),

owed as (
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
        intervals.opened_date,
        intervals.reopened_by_id is not null as is_reopened,
        deliveries.delivered_date,
        delay.delay_from_date
    from intervals
    inner join accounts on intervals.account_id = accounts.account_id
    cross join late_bills
    left join deliveries
        on
            intervals.account_id = deliveries.account_id
            and intervals.period = deliveries.period
            and intervals.interval_kind = 'debt'
    -- The day after which the days of delay are counted. Reckoned once a piece (offset 0): it is
    -- used in a dozen places below, and the planner would write it out in each.
    cross join lateral (
        select
            case
                when deliveries.account_id is null or late_bills.days_to_pay is null
                    then intervals.due_date
                when deliveries.delivered_date is null then 'infinity'
                when deliveries.delivered_date > intervals.due_date
                    then deliveries.delivered_date + late_bills.days_to_pay
                else intervals.due_date
            end as delay_from_date
        offset 0
    ) as delay
    where
        intervals.interval_kind <> 'advance'
        and intervals.opened_date <= (select ops.as_of())
        and intervals.due_date < least(intervals.closed_date, (select ops.as_of()))
),

late as (
    select
        owed.*,
        owed.is_reopened and owed.opened_date > owed.delay_from_date as is_reopened_late,
        case
            when owed.is_reopened then greatest(owed.delay_from_date, owed.opened_date) + 1
            else owed.delay_from_date + 1
        end as first_day
    from owed
    where owed.delay_from_date < owed.end_date
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
        {% if holds %}coalesce(holds.held_days, '{}'){% else %}datemultirange(){% endif %} as held_days
    from late
    {%- if holds %}
    left join holds on late.account_id = holds.account_id
    {%- endif %}
),

runs as (
    select
        excluded.account_id,
        excluded.interval_no,
        excluded.organisation_id,
        excluded.liability,
        excluded.period,
        excluded.due_date,
        excluded.delay_from_date,
        case when excluded.delay_from_date > excluded.due_date then excluded.delivered_date end
            as bill_delivered_date,
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
    cross join lateral (
        select
            greatest(
                excluded.delay_from_date + steps.day_from, steps.valid_from, excluded.first_day
            ) as first_day,
            least(
                excluded.delay_from_date + steps.day_to, steps.valid_to, excluded.end_date
            ) as last_day
        offset 0
    ) as step
    -- Empty where the step begins after the delay has ended: greatest() keeps the bounds in order,
    -- whichever way the planner takes the joins.
    cross join lateral unnest(
        datemultirange(daterange(step.first_day, greatest(step.last_day + 1, step.first_day)))
        - excluded.moratorium_days - excluded.held_days
    ) as run (days)
    where step.first_day <= step.last_day
),

rated as (
    select
        runs.*,
        rates.rate_pct,
        rates.key_rate_pct,
        rates.key_rate_start_date,
        rates.cap_id,
        coalesce(rates.is_verified, false) as is_verified,
        {% if rate_mode == 'stepped' %}runs.days * rates.days{% else %}runs.days{% endif %}
            as rated_days
    from runs
    {% if rate_mode == 'stepped' -%}
    inner join rates on runs.days && rates.days
    {%- else -%}
    left join rates on runs.end_date = rates.rate_date
    {%- endif %}
)

select
    rated.account_id,
    rated.interval_no,
    rated.organisation_id,
    rated.liability,
    rated.period,
    rated.due_date,
    rated.delay_from_date,
    rated.bill_delivered_date,
    rated.interval_amount as base_amount,
    lower(rated.rated_days) as date_from,
    upper(rated.rated_days) - 1 as date_to,
    upper(rated.rated_days) - lower(rated.rated_days) as day_count,
    lower(rated.rated_days) - rated.delay_from_date as first_delay_day,
    rated.rate_pct,
    rated.key_rate_pct,
    rated.key_rate_start_date,
    rated.cap_id,
    rated.denominator,
    rated.step_id,
    rated.step_act,
    rated.is_verified,
    warehouse.penalty_sum(
        rated.interval_amount,
        rated.rate_pct,
        upper(rated.rated_days) - lower(rated.rated_days),
        rated.denominator
    ) as penalty_amount,
    rated.is_closed,
    case when rated.is_closed then rated.credit_kind end as closed_by_kind,
    case when rated.is_closed then rated.credit_id end as closed_by_id,
    case when rated.is_closed then rated.credit_date end as closed_by_date,
    case
        when lower(rated.rated_days) > lower(rated.days) then 'rate'
        when lower(rated.rated_days) = rated.first_day and rated.is_reopened_late then 'refund'
        when lower(rated.rated_days) = rated.delay_from_date + rated.day_from then 'step'
        when lower(rated.rated_days) - 1 <@ rated.moratorium_days then 'moratorium_end'
        when lower(rated.rated_days) - 1 <@ rated.held_days then 'hold_end'
        else 'rule'
    end as begins_because,
    case
        when upper(rated.rated_days) < upper(rated.days) then 'rate'
        when upper(rated.rated_days) - 1 = rated.end_date and rated.is_closed then 'closed'
        when upper(rated.rated_days) - 1 = rated.end_date then 'calculation'
        when upper(rated.rated_days) <@ rated.moratorium_days then 'moratorium'
        when upper(rated.rated_days) <@ rated.held_days then 'hold'
        else 'step'
    end as ends_because
from rated
{%- endmacro %}

{#- What screens show of a line of penalty, by the law and by the rate of each day alike. -#}
{% macro columns_of_penalty_lines() -%}
    interval_no,
    liability,
    period,
    due_date,
    delay_from_date,
    bill_delivered_date,
    base_amount,
    date_from,
    date_to,
    day_count,
    first_delay_day,
    rate_pct,
    key_rate_pct,
    key_rate_start_date,
    cap_id,
    denominator,
    step_id,
    step_act,
    is_verified,
    penalty_amount,
    is_closed,
    closed_by_kind,
    closed_by_id,
    closed_by_date,
    begins_because,
    ends_because
{%- endmacro %}
