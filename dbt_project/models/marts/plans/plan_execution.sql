{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['plan_indicator_id', 'organisation_id', 'period_kind', 'period_start'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_computed_whole': true},
) }}

-- How each indicator is kept, by organisation and, under its own number, by the municipality.
with indicators as (
    select
        plans.*,
        plans.counts in (
            'share_of_events', 'share_of_accounts', 'share_of_houses', 'share_followed',
            'bills_marked', 'bills_with_penalty', 'documents_dispatched', 'share_of_amount',
            'share_of_execution', 'difference_removed', 'announced_sums'
        ) as is_share,
        greatest(
            date_trunc(plans.counting_period, plans.valid_from_date),
            date_trunc('year', (select ops.as_of())) - interval '1 year'
        ) as first_moment,
        least(coalesce(plans.valid_to_date, (select ops.as_of())), (select ops.as_of())) as last_day
    from {{ ref('stg_plan_indicators') }} as plans
),

days as (
    select * from {{ ref('int_plan_days') }}
),

organisations as (
    select
        organisation_id,
        coalesce(municipality_id, organisation_id) as municipality_id
    from {{ ref('stg_organisations') }}
),

verdicts as (
    select * from {{ ref('int_plan_verdicts') }}
),

bills as (
    select * from {{ ref('account_bills') }}
),

under_execution as (
    select * from {{ ref('execution_debts') }}
),

month_debts as (
    select * from {{ ref('account_month_debts') }}
),

accounts as (
    select * from {{ ref('int_accounts_placed') }}
),

-- Who is reported on: those that keep accounts or did something, and the municipality as a whole.
members as (
    select distinct  -- an organisation has many accounts and events
        organisations.organisation_id,
        organisations.municipality_id
    from organisations
    where
        organisations.organisation_id in (select accounts.organisation_id from accounts)
        or organisations.organisation_id in (select verdicts.organisation_id from verdicts)
),

scopes as (
    select
        municipality_id,
        organisation_id as scope_id,
        organisation_id
    from members
    union
    -- union and not all: the municipality may be a member of its own
    select
        municipality_id,
        municipality_id as scope_id,
        organisation_id
    from members
),

scope_names as (
    select distinct  -- the municipality stands in scopes once for every member
        municipality_id,
        scope_id
    from scopes
    union
    select
        municipality_id,
        municipality_id as scope_id
    from indicators
),

events_of_members as (
    select
        plan_indicator_id,
        organisation_id,
        period_start,
        count(*) filter (where is_counted) as events_counted,
        count(*) filter (where not is_counted) as events_excluded,
        max(event_date) filter (where is_counted) as last_event_date,
        case
            when counts in ('amount', 'share_of_amount', 'share_of_execution')
                then sum(event_amount) filter (where is_counted)
            when counts = 'difference_removed'
                then sum(abs(event_amount) - abs(amount_after)) filter (where is_counted)
            else count(*) filter (where is_counted)
        end as numerator,
        case counts
            when 'share_of_amount' then sum(event_amount) filter (where is_in_denominator)
            when 'difference_removed'
                then sum(abs(event_amount)) filter (where is_in_denominator)
            else count(*) filter (where is_in_denominator)
        end as denominator
    from verdicts
    group by plan_indicator_id, counts, organisation_id, period_start
),

bills_of_members as (
    select
        indicators.plan_indicator_id,
        bills.organisation_id,
        cast(date_trunc(indicators.counting_period, bills.issued_date) as date) as period_start,
        count(*) filter (where bills.has_penalty_information) as informed,
        count(*) as issued,
        count(*) filter (where bills.is_penalty_due and bills.has_penalty) as charged,
        count(*) filter (where bills.is_penalty_due) as due,
        max(bills.issued_date) as last_event_date
    from bills
    inner join organisations on bills.organisation_id = organisations.organisation_id
    inner join indicators
        on
            organisations.municipality_id = indicators.municipality_id
            and indicators.counts in ('bills_marked', 'bills_with_penalty')
            and bills.issued_date >= indicators.valid_from_date
            and bills.issued_date <= indicators.last_day
    group by indicators.plan_indicator_id, bills.organisation_id, period_start
),

facts_of_members as (
    select * from events_of_members

    union all

    select
        bills_of_members.plan_indicator_id,
        bills_of_members.organisation_id,
        bills_of_members.period_start,
        figures.numerator as events_counted,
        figures.denominator - figures.numerator as events_excluded,
        bills_of_members.last_event_date,
        figures.numerator,
        figures.denominator
    from bills_of_members
    inner join indicators
        on bills_of_members.plan_indicator_id = indicators.plan_indicator_id
    cross join lateral (
        select
            case indicators.counts
                when 'bills_marked' then bills_of_members.informed
                else bills_of_members.charged
            end as numerator,
            case indicators.counts
                when 'bills_marked' then bills_of_members.issued
                else bills_of_members.due
            end as denominator
    ) as figures
),

facts_of_scopes as (
    select
        facts_of_members.plan_indicator_id,
        scopes.scope_id,
        facts_of_members.period_start,
        sum(facts_of_members.events_counted) as events_counted,
        sum(facts_of_members.events_excluded) as events_excluded,
        max(facts_of_members.last_event_date) as last_event_date,
        sum(facts_of_members.numerator) as numerator,
        sum(facts_of_members.denominator) as denominator
    from facts_of_members
    inner join scopes on facts_of_members.organisation_id = scopes.organisation_id
    group by
        facts_of_members.plan_indicator_id, scopes.scope_id, facts_of_members.period_start
),

-- A house is one house, whoever worked in it.
houses_of_scopes as (
    select
        verdicts.plan_indicator_id,
        scopes.scope_id,
        verdicts.period_start,
        count(distinct house.house_id) as houses
    from verdicts
    inner join scopes on verdicts.organisation_id = scopes.organisation_id
    cross join lateral unnest(verdicts.house_ids) as house (house_id)
    where verdicts.is_counted and verdicts.counts in ('houses', 'share_of_houses')
    group by verdicts.plan_indicator_id, scopes.scope_id, verdicts.period_start
),

debtors_of_scopes as (
    select
        indicators.plan_indicator_id,
        scopes.scope_id,
        month_debts.month_start as period_start,
        case
            when indicators.counts = 'share_of_houses' then count(distinct month_debts.house_id)
            else count(*)
        end as denominator
    from month_debts
    inner join scopes on month_debts.organisation_id = scopes.organisation_id
    inner join indicators
        on
            scopes.municipality_id = indicators.municipality_id
            and indicators.counts in ('share_of_accounts', 'share_of_houses')
            and month_debts.month_start
            = date_trunc(indicators.counting_period, month_debts.month_start)
            and (
                indicators.bands is null
                or month_debts.band_code = any(indicators.bands)
            )
    group by
        indicators.plan_indicator_id, indicators.counts, scopes.scope_id, month_debts.month_start
),

-- Principal of the adjudged months that stood unpaid on the first day, at the bailiffs.
executions_of_scopes as (
    select
        indicators.plan_indicator_id,
        scopes.scope_id,
        under_execution.month_start as period_start,
        sum(under_execution.amount) as denominator
    from under_execution
    inner join scopes on under_execution.organisation_id = scopes.organisation_id
    inner join indicators
        on
            scopes.municipality_id = indicators.municipality_id
            and indicators.counts = 'share_of_execution'
            and under_execution.month_start
            = date_trunc(indicators.counting_period, under_execution.month_start)
    group by indicators.plan_indicator_id, scopes.scope_id, under_execution.month_start
),

periods as (
    select
        indicators.plan_indicator_id,
        indicators.municipality_id,
        indicators.counts,
        indicators.is_share,
        indicators.is_daily_norm,
        indicators.counting_period,
        indicators.target,
        scope_names.scope_id,
        cast(period.moment as date) as period_start
    from indicators
    inner join scope_names on indicators.municipality_id = scope_names.municipality_id
    cross join lateral generate_series(
        date_trunc(indicators.counting_period, indicators.first_moment),
        indicators.last_day,
        cast(
            case indicators.counting_period
                when 'quarter' then '3 months' else '1 ' || indicators.counting_period
            end as interval
        )
    ) as period (moment)
),

facts as (
    select
        periods.*,
        coalesce(found.events_counted, 0) as events_counted,
        coalesce(found.events_excluded, 0) as events_excluded,
        found.last_event_date,
        case
            when periods.counts in ('houses', 'share_of_houses') then coalesce(houses.houses, 0)
            else coalesce(found.numerator, 0)
        end as numerator,
        case
            when periods.counts in ('share_of_accounts', 'share_of_houses')
                then coalesce(debtors.denominator, 0)
            when periods.counts = 'share_of_execution' then coalesce(executions.denominator, 0)
            when periods.is_share then coalesce(found.denominator, 0)
        end as denominator,
        days.is_working
    from periods
    left join days on periods.period_start = days.day
    left join facts_of_scopes as found
        on
            periods.plan_indicator_id = found.plan_indicator_id
            and periods.scope_id = found.scope_id
            and periods.period_start = found.period_start
    left join houses_of_scopes as houses
        on
            periods.plan_indicator_id = houses.plan_indicator_id
            and periods.scope_id = houses.scope_id
            and periods.period_start = houses.period_start
    left join debtors_of_scopes as debtors
        on
            periods.plan_indicator_id = debtors.plan_indicator_id
            and periods.scope_id = debtors.scope_id
            and periods.period_start = debtors.period_start
    left join executions_of_scopes as executions
        on
            periods.plan_indicator_id = executions.plan_indicator_id
            and periods.scope_id = executions.scope_id
            and periods.period_start = executions.period_start
),

-- Told by the periods that people ask for. Of a norm of a day, longer periods tell the share of
-- working days that kept it; today counts once it has.
rolled as (
    select
        facts.plan_indicator_id,
        facts.municipality_id,
        facts.scope_id,
        facts.counts,
        facts.is_share,
        facts.is_daily_norm,
        facts.is_daily_norm and kind.period_kind <> 'day' as is_share_of_days,
        -- A day off has no norm of a day.
        facts.is_daily_norm and kind.period_kind = 'day' and not bool_or(facts.is_working)
            as is_day_off,
        facts.counting_period,
        facts.target,
        kind.period_kind,
        cast(date_trunc(kind.period_kind, facts.period_start) as date) as period_start,
        sum(facts.events_counted) as events_counted,
        sum(facts.events_excluded) as events_excluded,
        max(facts.last_event_date) as last_event_date,
        sum(facts.numerator) as counted_sum,
        sum(facts.denominator) as denominator_sum,
        count(*) filter (where facts.is_working and facts.numerator >= facts.target) as days_kept,
        count(*) filter (
            where
                facts.is_working
                and (
                    facts.period_start < (select ops.as_of())
                    or facts.numerator >= facts.target
                )
        ) as days_judged,
        avg(facts.numerator) filter (
            where facts.is_working and facts.period_start < (select ops.as_of())
        ) as daily_mean,
        min(facts.numerator) filter (
            where facts.is_working and facts.period_start < (select ops.as_of())
        ) as daily_least
    from facts
    cross join lateral unnest(
        case facts.counting_period
            when 'day' then array['day', 'month', 'quarter', 'year']
            when 'month' then array['month', 'quarter', 'year']
            when 'quarter' then array['quarter', 'year']
            else array['year']
        end
    ) as kind (period_kind)
    group by
        facts.plan_indicator_id, facts.municipality_id, facts.scope_id, facts.counts,
        facts.is_share, facts.is_daily_norm, facts.counting_period, facts.target,
        kind.period_kind, date_trunc(kind.period_kind, facts.period_start)
),

-- A median cannot be made of medians.
medians as (
    select
        verdicts.plan_indicator_id,
        scopes.scope_id,
        kind.period_kind,
        cast(date_trunc(kind.period_kind, verdicts.event_date) as date) as period_start,
        percentile_cont(0.5) within group (order by verdicts.days_to_payment) as days
    from verdicts
    inner join scopes on verdicts.organisation_id = scopes.organisation_id
    cross join lateral unnest(array['day', 'month', 'quarter', 'year']) as kind (period_kind)
    where verdicts.is_counted and verdicts.counts = 'days_to_payment'
    group by
        verdicts.plan_indicator_id, scopes.scope_id, kind.period_kind,
        date_trunc(kind.period_kind, verdicts.event_date)
),

lengths as (
    select
        asked.period_kind,
        asked.period_start,
        cast(
            asked.period_start + cast(
                case asked.period_kind
                    when 'quarter' then '3 months' else '1 ' || asked.period_kind
                end
                as interval
            ) - interval '1 day' as date
        ) as period_end
    from (
        select distinct  -- the same months are told for every indicator
            period_kind,
            period_start
        from rolled
    ) as asked
),

-- The last reconciliation of every office until the end of the period leaves what is open.
open_differences as (
    select
        last_ones.plan_indicator_id,
        last_ones.scope_id,
        last_ones.period_kind,
        last_ones.period_start,
        sum(abs(last_ones.open_amount)) as open_amount
    from (
        select distinct on (
            verdicts.plan_indicator_id, scopes.scope_id, lengths.period_kind,
            lengths.period_start, verdicts.organisation_id, verdicts.bailiff_office
        )
            verdicts.plan_indicator_id,
            scopes.scope_id,
            lengths.period_kind,
            lengths.period_start,
            coalesce(verdicts.amount_after, verdicts.event_amount) as open_amount
        from verdicts
        inner join scopes on verdicts.organisation_id = scopes.organisation_id
        inner join lengths on verdicts.event_date <= lengths.period_end
        where
            verdicts.counts = 'difference_open'
            and (verdicts.is_counted or verdicts.reason_code = 'newer_reconciliation')
        order by
            verdicts.plan_indicator_id asc, scopes.scope_id asc, lengths.period_kind asc,
            lengths.period_start asc, verdicts.organisation_id asc, verdicts.bailiff_office asc,
            verdicts.event_at desc, verdicts.event_id desc
    ) as last_ones
    group by
        last_ones.plan_indicator_id, last_ones.scope_id, last_ones.period_kind,
        last_ones.period_start
),

spans as (
    select
        lengths.period_kind,
        lengths.period_start,
        lengths.period_end,
        count(*) filter (where days.is_working) as working_days,
        count(*) filter (where days.is_working and days.day <= (select ops.as_of()))
            as working_days_passed
    from lengths
    inner join days on lengths.period_start <= days.day and lengths.period_end >= days.day
    group by lengths.period_kind, lengths.period_start, lengths.period_end
),

valued as (
    select
        rolled.*,
        spans.period_end,
        spans.period_end < (select ops.as_of()) as is_over,
        spans.working_days,
        spans.working_days_passed,
        medians.days as median_days,
        case
            when rolled.is_share_of_days then rolled.days_kept
            when rolled.counts = 'difference_open' then coalesce(open_differences.open_amount, 0)
            else rolled.counted_sum
        end as numerator,
        open_differences.open_amount,
        case when rolled.is_share_of_days then rolled.days_judged else rolled.denominator_sum end
            as denominator,
        -- The norm of the whole period, also of its months and days that are still to come.
        case
            when rolled.is_share_of_days then 1
            when rolled.is_day_off then null
            when rolled.is_share or rolled.period_kind = rolled.counting_period then rolled.target
            when rolled.counting_period = 'day' then rolled.target * spans.working_days
            when rolled.counting_period = 'month' and rolled.period_kind = 'quarter'
                then rolled.target * 3
            when rolled.counting_period = 'month' then rolled.target * 12
            when rolled.counting_period = 'quarter' then rolled.target * 4
        end as target_of_period
    from rolled
    inner join spans
        on rolled.period_kind = spans.period_kind and rolled.period_start = spans.period_start
    left join medians
        on
            rolled.plan_indicator_id = medians.plan_indicator_id
            and rolled.scope_id = medians.scope_id
            and rolled.period_kind = medians.period_kind
            and rolled.period_start = medians.period_start
    left join open_differences
        on
            rolled.plan_indicator_id = open_differences.plan_indicator_id
            and rolled.scope_id = open_differences.scope_id
            and rolled.period_kind = open_differences.period_kind
            and rolled.period_start = open_differences.period_start
),

from_january as (
    select
        valued.*,
        valued.is_share or valued.is_share_of_days as is_ratio,
        sum(case when valued.is_daily_norm then valued.days_kept else valued.counted_sum end)
            over year_so_far
            as cumulative_numerator,
        sum(
            case when valued.is_daily_norm then valued.days_judged else valued.denominator_sum end
        ) over year_so_far
            as cumulative_denominator,
        sum(valued.target_of_period) over year_so_far as cumulative_target_sum,
        sum(valued.events_counted + valued.events_excluded) over (
            partition by valued.plan_indicator_id, valued.scope_id, valued.period_kind
        ) as events_ever
    from valued
    window year_so_far as (
        partition by
            plan_indicator_id, scope_id, period_kind, date_trunc('year', period_start)
        order by period_start
    )
),

told as (
    select
        from_january.*,
        case
            when
                from_january.counts = 'days_to_payment'
                then cast(from_january.median_days as numeric)
            when from_january.counts = 'difference_open' then from_january.open_amount
            when
                from_january.is_ratio
                then from_january.numerator / nullif(cast(from_january.denominator as numeric), 0)
            else from_january.numerator
        end as fact,
        case
            when from_january.counts = 'days_to_payment' then null
            when from_january.counts = 'difference_open' then from_january.open_amount
            when from_january.is_ratio or from_january.is_daily_norm
                then
                    from_january.cumulative_numerator
                    / nullif(cast(from_january.cumulative_denominator as numeric), 0)
            else from_january.cumulative_numerator
        end as cumulative_fact,
        case
            when from_january.is_daily_norm then 1
            when from_january.is_ratio then from_january.target_of_period
            else from_january.cumulative_target_sum
        end as cumulative_target
    from from_january
),

forecast as (
    select
        told.*,
        case
            when told.counts = 'days_to_payment' then null
            when told.is_over or told.is_ratio or told.counts = 'difference_open' then told.fact
            when told.working_days_passed = 0 then null
            else told.fact / cast(told.working_days_passed as numeric) * told.working_days
        end as forecast
    from told
)

select
    forecast.plan_indicator_id,
    forecast.scope_id as organisation_id,
    forecast.period_kind,
    forecast.period_start,
    forecast.period_end,
    forecast.is_over,
    cast(forecast.numerator as numeric(18, 2)) as numerator,
    cast(forecast.denominator as numeric(18, 2)) as denominator,
    cast(forecast.fact as numeric(18, 4)) as fact,
    cast(forecast.target_of_period as numeric(18, 4)) as target,
    cast(forecast.fact / forecast.target_of_period as numeric(18, 4)) as execution_share,
    cast(forecast.cumulative_numerator as numeric(18, 2)) as cumulative_numerator,
    cast(forecast.cumulative_denominator as numeric(18, 2)) as cumulative_denominator,
    cast(forecast.cumulative_fact as numeric(18, 4)) as cumulative_fact,
    cast(forecast.cumulative_target as numeric(18, 4)) as cumulative_target,
    cast(forecast.forecast as numeric(18, 4)) as forecast,
    cast(forecast.working_days as integer) as working_days,
    cast(forecast.working_days_passed as integer) as working_days_passed,
    cast(forecast.daily_mean as numeric(18, 2)) as daily_mean,
    cast(forecast.daily_least as numeric(18, 2)) as daily_least,
    cast(forecast.events_counted as bigint) as events_counted,
    cast(forecast.events_excluded as bigint) as events_excluded,
    forecast.last_event_date,
    case
        when forecast.events_ever = 0 then 'awaits_events'
        when forecast.target_of_period is null then 'no_target'
        when forecast.fact is null then 'nothing_to_judge'
        when forecast.fact >= forecast.target_of_period and not (
            forecast.is_ratio and not forecast.is_over
        ) then 'kept'
        when forecast.is_over then 'not_kept'
        when forecast.forecast >= forecast.target_of_period then 'on_course'
        else 'behind'
    end as status_code
from forecast
