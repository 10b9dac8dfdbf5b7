{{ config(
    materialized='incremental',
    indexes=[{'columns': ['liability', 'period', 'due_day'], 'unique': True}],
) }}

-- When a month is due that a contract makes due on another day: of months whose rule lets it.
with ruled as (
    {{ months_with_rules() }}
),

nominal as (
    select
        ruled.liability,
        ruled.period,
        due_day.due_day,
        ruled.is_shifted_from_day_off,
        {{ nominal_due_date('ruled.period', 'due_day.due_day') }} as nominal_date
    from ruled
    cross join generate_series(1, 31) as due_day (due_day)
    where ruled.is_override_allowed
),

moved as (
    {{ moved_from_days_off('nominal') }}
)

select
    liability,
    period,
    due_day,
    nominal_date,
    due_date
from moved
-- Only other reference data make other dates, and they make a full build.
{% if is_incremental() -%}
where false
{%- endif %}
