{{ config(
    materialized='incremental',
    indexes=[{'columns': ['rate_date'], 'unique': True}],
) }}

-- The rate that a penalty takes on a day: the key rate of that day under the cap of that day. A few
-- thousand rows, so that a million pieces need one join.
with days as (
    select cast(day.day as date) as rate_date
    from
        generate_series(
            (select min(start_date) from {{ source('reference', 'key_rate') }}),
            date '2036-12-31',
            interval '1 day'
        ) as day (day)
),

key_rates as (
    select
        start_date,
        rate_pct,
        act,
        lead(start_date) over (order by start_date) as next_start_date
    from {{ source('reference', 'key_rate') }}
),

caps as (
    select * from {{ source('reference', 'moratorium') }}
    where kind = 'rate_cap' and is_enabled
),

verified as (
    select
        min(verified_through) filter (where table_name = 'key_rate') as key_rate_through,
        min(verified_through) filter (where table_name = 'moratorium') as cap_through
    from {{ source('reference', 'table_state') }}
)

select
    days.rate_date,
    key_rates.start_date as key_rate_start_date,
    key_rates.rate_pct as key_rate_pct,
    key_rates.act as key_rate_act,
    caps.moratorium_id as cap_id,
    caps.act as cap_act,
    case caps.rate_mode
        when 'fixed' then caps.cap_pct
        when 'min' then least(caps.cap_pct, key_rates.rate_pct)
        else key_rates.rate_pct
    end as rate_pct,
    -- Under a cap that stays below the rate, the rate itself need not be known to the day.
    days.rate_date <= verified.cap_through
    and (days.rate_date <= verified.key_rate_through or caps.cap_pct < key_rates.rate_pct)
        as is_verified
from days
inner join key_rates
    on
        days.rate_date >= key_rates.start_date
        and (key_rates.next_start_date is null or days.rate_date < key_rates.next_start_date)
left join caps
    on
        days.rate_date >= caps.date_from
        and (caps.date_to is null or days.rate_date <= caps.date_to)
cross join verified
-- Only other reference data make other rates, and they make a full build.
{% if is_incremental() -%}
where false
{%- endif %}
