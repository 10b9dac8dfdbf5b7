{{ config(
    materialized='incremental',
    indexes=[{'columns': ['days'], 'type': 'gist'}],
) }}

-- Runs of days on which a penalty that follows the days takes one rate. Before the first known rate
-- there is one run without any, so that no day of delay is lost.
with rates as (
    select * from {{ ref('int_penalty_rates') }}
),

turns as (
    select
        rates.*,
        (
            rates.rate_date = min(rates.rate_date) over ()
            or coalesce(rates.rate_pct, -1)
            <> coalesce(lag(rates.rate_pct) over (order by rates.rate_date), -1)
            or coalesce(rates.is_verified, false)
            <> coalesce(lag(rates.is_verified) over (order by rates.rate_date), false)
        ) as is_turn
    from rates
),

numbered as (
    select
        turns.*,
        count(*) filter (where turns.is_turn) over (order by turns.rate_date) as span_no
    from turns
),

spans as (
    select
        daterange(min(rate_date), max(rate_date), '[]') as days,
        min(rate_pct) as rate_pct,
        -- Of the first day of the run: a rate above its cap may change unnoticed within it.
        (array_agg(key_rate_pct order by rate_date))[1] as key_rate_pct,
        min(key_rate_start_date) as key_rate_start_date,
        (array_agg(cap_id order by rate_date))[1] as cap_id,
        bool_and(is_verified) as is_verified
    from numbered
    group by span_no

    union all

    select
        daterange(null, min(rate_date)) as days,
        cast(null as numeric) as rate_pct,
        cast(null as numeric) as key_rate_pct,
        cast(null as date) as key_rate_start_date,
        cast(null as text) as cap_id,
        false as is_verified
    from rates
)

select * from spans
-- Only other reference data make other rates, and they make a full build.
{% if is_incremental() -%}
where false
{%- endif %}
