{{ config(
    materialized='incremental',
    incremental_strategy='added_up',
    unique_key=[
        'organisation_id', 'house_id', 'service_id', 'line_date', 'line_kind', 'is_metered',
    ],
    on_schema_change='append_new_columns',
    post_hook=["{{ forget_charge_day_changes('resource_sums') }}", "{{ tell_the_planner() }}"],
    meta={'is_behind_form': true},
) }}

-- depends_on: {{ ref('charge_days') }}, {{ source('warehouse', 'charge_day_change') }}
with changes as (
    {% if is_incremental() -%}
    select * from {{ source('warehouse', 'charge_day_change') }}
    where reader = 'resource_sums'
    {%- else -%}
    select
        {{ columns_of_charge_day_changes() | join(',\n        ') }},
        1 as sign
    from {{ ref('charge_days') }}
    {%- endif %}
),

summed as (
    select
        changes.organisation_id,
        changes.house_id,
        line.service_id,
        changes.line_date,
        changes.line_kind,
        coalesce(line.service_id = any(changes.metered_service_ids), false) as is_metered,
        sum(changes.sign * line.kopecks) as kopecks,
        sum(changes.sign * coalesce(line.volume, 0)) as volume,
        sum(changes.sign) as line_count
    from changes
    cross join lateral unnest(changes.service_ids, changes.line_kopecks, changes.volumes)
        as line (service_id, kopecks, volume)
    group by
        changes.organisation_id, changes.house_id, line.service_id, changes.line_date,
        changes.line_kind, coalesce(line.service_id = any(changes.metered_service_ids), false)
)

select
    organisation_id,
    house_id,
    service_id,
    line_date,
    line_kind,
    is_metered,
    {{ roubles('kopecks') }} as amount,
    cast(volume as numeric(20, 6)) as volume,
    cast(line_count as integer) as line_count
from summed
where kopecks <> 0 or volume <> 0 or line_count <> 0
