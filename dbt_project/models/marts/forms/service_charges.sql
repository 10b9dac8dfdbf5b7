{{ config(
    materialized='incremental',
    incremental_strategy='added_up',
    unique_key=['organisation_id', 'service_id', 'line_date'],
    on_schema_change='append_new_columns',
    post_hook=["{{ forget_charge_day_changes() }}", "{{ tell_the_planner() }}"],
    meta={'is_behind_form': true},
) }}

-- depends_on: {{ ref('charge_days') }}, {{ source('warehouse', 'charge_day_change') }}
with changes as (
    {% if is_incremental() -%}
    select * from {{ source('warehouse', 'charge_day_change') }}
    {%- else -%}
    select
        1 as sign,
        organisation_id,
        line_date,
        line_kind,
        service_ids,
        line_kopecks
    from {{ ref('charge_days') }}
    {%- endif %}
),

summed as (
    select
        changes.organisation_id,
        line.service_id,
        changes.line_date,
        coalesce(sum(changes.sign * line.kopecks) filter (
            where changes.line_kind = 'charge'
        ), 0) as charged_kopecks,
        coalesce(sum(changes.sign * line.kopecks) filter (
            where changes.line_kind in ('recalculation', 'offset')
        ), 0) as recalculated_kopecks,
        coalesce(sum(changes.sign * line.kopecks) filter (
            where changes.line_kind = 'adjustment'
        ), 0) as adjusted_kopecks
    from changes
    cross join lateral unnest(changes.service_ids, changes.line_kopecks)
        as line (service_id, kopecks)
    group by changes.organisation_id, line.service_id, changes.line_date
)

select
    organisation_id,
    service_id,
    line_date,
    {{ roubles('charged_kopecks') }} as charged,
    {{ roubles('recalculated_kopecks') }} as recalculated,
    {{ roubles('adjusted_kopecks') }} as adjusted
from summed
where charged_kopecks <> 0 or recalculated_kopecks <> 0 or adjusted_kopecks <> 0
