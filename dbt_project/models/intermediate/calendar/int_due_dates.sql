{{ config(
    materialized='incremental',
    indexes=[{'columns': ['liability', 'period'], 'unique': True}],
) }}

-- A few hundred rows that every obligation is joined to, hence a table and not a view.
with months as (
    select
        liability.liability,
        cast(months_of_years.first_day as date) as period
    from (values ('housing'), ('capital_repair')) as liability (liability)
    cross join
        generate_series(
            timestamp '1991-01-01', timestamp '2036-12-01', interval '1 month'
        ) as months_of_years (first_day)
),

rules as (
    select * from {{ source('reference', 'due_day') }}
),

days as (
    select * from {{ source('reference', 'calendar_day') }}
),

ruled as (
    select
        months.liability,
        months.period,
        coalesce(own_rule.due_day_id, first_rule.due_day_id) as due_day_id,
        own_rule.due_day_id is not null as is_rule_known,
        coalesce(
            own_rule.is_shifted_from_day_off, first_rule.is_shifted_from_day_off
        ) as is_shifted_from_day_off,
        cast(
            months.period + interval '1 month' as date
        ) + coalesce(own_rule.due_day, first_rule.due_day) - 1 as nominal_date
    from months
    left join rules as own_rule
        on
            months.liability = own_rule.scope
            and months.period >= own_rule.period_from
            and (own_rule.period_to is null or months.period <= own_rule.period_to)
    -- Months before the first rule of the table take it too, and say so in is_rule_known.
    inner join lateral (
        select earliest.*
        from rules as earliest
        where earliest.scope = months.liability
        order by earliest.period_from
        limit 1
    ) as first_rule on true
)

select
    ruled.liability,
    ruled.period,
    ruled.nominal_date,
    ruled.due_day_id,
    ruled.is_rule_known,
    own_day.day is not null as is_calendar_known,
    -- ГК 193: a term that ends on a day off ends on the next working day. Outside the production
    -- calendar only Saturdays and Sundays are known to be days off.
    case
        when not ruled.is_shifted_from_day_off then ruled.nominal_date
        when own_day.day is not null then working.next_day
        when extract(isodow from ruled.nominal_date) = 6 then ruled.nominal_date + 2
        when extract(isodow from ruled.nominal_date) = 7 then ruled.nominal_date + 1
        else ruled.nominal_date
    end as due_date
from ruled
left join days as own_day on ruled.nominal_date = own_day.day
left join lateral (
    select min(days.day) as next_day
    from days
    where days.is_working and days.day >= ruled.nominal_date
) as working on true
-- Only other reference data make other dates, and they make a full build.
{% if is_incremental() -%}
where false
{%- endif %}
