with plans as (
    select * from {{ source('ops', 'plan') }}
),

measures as (
    select * from {{ source('ops', 'plan_measure') }}
),

indicators as (
    select * from {{ source('ops', 'plan_indicator') }}
)

select
    -- keys
    indicators.plan_indicator_id,
    measures.plan_measure_id,
    plans.plan_id,
    plans.organisation_id as municipality_id,

    -- the rule
    indicators.code as indicator_code,
    indicators.counts,
    cast(indicators.event_kinds as text[]) as event_kinds,
    cast(indicators.results as text[]) as results,
    cast(indicators.marks as text[]) as marks,
    cast(indicators.among_marks as text[]) as among_marks,
    indicators.tolerance,
    indicators.debt_over,
    cast(indicators.bands as text[]) as bands,
    indicators.average_charges_from,
    cast(indicators.follow_up_kinds as text[]) as follow_up_kinds,
    indicators.follow_up_days,
    indicators.is_follow_up_working,
    indicators.period as counting_period,
    indicators.calendar,
    indicators.is_daily_norm,
    indicators.target,

    -- dates and times
    plans.valid_from as valid_from_date,
    plans.valid_to as valid_to_date,
    plans.recorded_at
from indicators
inner join measures on indicators.plan_measure_id = measures.plan_measure_id
inner join plans on measures.plan_id = plans.plan_id
where plans.recorded_at <= (select ops.known_at())
