{{ config(
    materialized='incremental',
    indexes=[{'columns': ['liability', 'period'], 'unique': True}],
) }}

-- A few hundred rows that every obligation is joined to, hence a table and not a view.
with ruled as (
    {{ months_with_rules() }}
),

nominal as (
    select
        ruled.*,
        {{ nominal_due_date('ruled.period', 'ruled.due_day') }} as nominal_date
    from ruled
),

moved as (
    {{ moved_from_days_off('nominal') }}
)

select
    liability,
    period,
    nominal_date,
    due_day_id,
    is_rule_known,
    is_calendar_known,
    due_date
from moved
-- Only other reference data make other dates, and they make a full build.
{% if is_incremental() -%}
where false
{%- endif %}
