{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['plan_indicator_id', 'organisation_id'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_computed_whole': true},
) }}

-- Whether a norm of a day can be kept: how many debtors there are to call, how often the limits let
-- them be called, and how many people it takes at the pace of the last thirty days.
with indicators as (
    select *
    from {{ ref('stg_plan_indicators') }}
    where is_daily_norm
),

balances as (
    select * from {{ ref('account_balances') }}
),

organisations as (
    select
        organisation_id,
        coalesce(municipality_id, organisation_id) as municipality_id
    from {{ ref('stg_organisations') }}
),

bands as (
    select * from {{ source('reference', 'debt_band') }}
),

limits as (
    select
        min(value) filter (where code = 'contact_calls_per_week') as calls_per_week,
        min(value) filter (where code = 'contact_calls_per_month') as calls_per_month
    from {{ source('reference', 'legal_term') }}
    where
        is_enabled
        and valid_from <= (select ops.as_of())
        and (valid_to is null or valid_to >= (select ops.as_of()))
),

calls as (
    select * from {{ ref('account_events') }}
),

month_days as (
    select count(*) filter (where is_working) as working_days
    from {{ ref('int_plan_days') }}
    where
        date_trunc('month', day) = date_trunc('month', (select ops.as_of()))
),

callers as (
    select
        organisation_id,
        event_kind,
        coalesce(cast(user_id as text), executor) as caller,
        event_date,
        count(distinct account_id) as accounts
    from calls
    where
        event_date > (select ops.as_of()) - 30
        and not is_cancelled
        and coalesce(cast(user_id as text), executor) is not null
    group by organisation_id, event_kind, caller, event_date
),

reachable as (
    select
        indicators.plan_indicator_id,
        scope.scope_id,
        count(*) as debtors
    from balances
    inner join organisations on balances.organisation_id = organisations.organisation_id
    inner join indicators on organisations.municipality_id = indicators.municipality_id
    inner join bands
        on
            bands.band_code = any(indicators.bands)
            and (
                balances.overdue_debt > bands.amount_from
                or (bands.is_from_inclusive and balances.overdue_debt = bands.amount_from)
            )
            and (
                bands.amount_to is null
                or balances.overdue_debt < bands.amount_to
                or (bands.is_to_inclusive and balances.overdue_debt = bands.amount_to)
            )
    cross join lateral (
        select balances.organisation_id as scope_id
        union
        select organisations.municipality_id as scope_id
    ) as scope
    group by indicators.plan_indicator_id, scope.scope_id
),

pace as (
    select
        indicators.plan_indicator_id,
        scope.scope_id,
        percentile_cont(0.5) within group (order by callers.accounts) as accounts_per_person,
        count(distinct callers.caller) as people
    from callers
    inner join organisations on callers.organisation_id = organisations.organisation_id
    inner join indicators
        on
            organisations.municipality_id = indicators.municipality_id
            and callers.event_kind = any(indicators.event_kinds)
    cross join lateral (
        select callers.organisation_id as scope_id
        union
        select organisations.municipality_id as scope_id
    ) as scope
    group by indicators.plan_indicator_id, scope.scope_id
)

select
    indicators.plan_indicator_id,
    reachable.scope_id as organisation_id,
    cast(indicators.target as numeric(18, 2)) as target,
    cast(reachable.debtors as integer) as debtors,
    cast(month_days.working_days as integer) as working_days,
    cast(indicators.target * month_days.working_days as numeric(18, 2)) as calls_needed,
    -- What the limits of frequency let through in a month, weeks of five working days.
    cast(reachable.debtors * least(
        limits.calls_per_month, limits.calls_per_week * month_days.working_days / 5.0
    ) as numeric(18, 2)) as calls_allowed,
    cast(ceil(reachable.debtors / indicators.target) as integer) as days_to_cover,
    cast(indicators.target * month_days.working_days / reachable.debtors as numeric(18, 2))
        as calls_per_debtor,
    cast(pace.people as integer) as people,
    cast(pace.accounts_per_person as numeric(18, 1)) as accounts_per_person,
    cast(ceil(indicators.target / cast(nullif(pace.accounts_per_person, 0) as numeric)) as integer)
        as people_needed
from indicators
inner join reachable on indicators.plan_indicator_id = reachable.plan_indicator_id
cross join limits
cross join month_days
left join pace
    on
        indicators.plan_indicator_id = pace.plan_indicator_id
        and reachable.scope_id = pace.scope_id
