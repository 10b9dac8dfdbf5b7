{{ config(
    materialized='incremental',
    incremental_strategy='added_up',
    unique_key=['organisation_id', 'service_id', 'line_date'],
    on_schema_change='append_new_columns',
    post_hook=["{{ forget_charge_day_changes('service_charges') }}", "{{ tell_the_planner() }}"],
    meta={'is_behind_form': true},
) }}

-- A full build has the lines added up by house already; a build of changes adds what changed.
-- depends_on: {{ ref('resource_sums') }}, {{ source('warehouse', 'charge_day_change') }}
with lines as (
    {% if is_incremental() -%}
    select
        changes.organisation_id,
        line.service_id,
        changes.line_date,
        changes.line_kind,
        {{ roubles('changes.sign * line.kopecks') }} as amount
    from {{ source('warehouse', 'charge_day_change') }} as changes
    cross join lateral unnest(changes.service_ids, changes.line_kopecks)
        as line (service_id, kopecks)
    where changes.reader = 'service_charges'
    {%- else -%}
    select * from {{ ref('resource_sums') }}
    {%- endif %}
),

summed as (
    select
        organisation_id,
        service_id,
        line_date,
        coalesce(sum(amount) filter (where line_kind = 'charge'), 0) as charged,
        coalesce(sum(amount) filter (where line_kind in ('recalculation', 'offset')), 0)
            as recalculated,
        coalesce(sum(amount) filter (where line_kind = 'adjustment'), 0) as adjusted
    from lines
    group by organisation_id, service_id, line_date
)

select
    organisation_id,
    service_id,
    line_date,
    cast(charged as numeric(14, 2)) as charged,
    cast(recalculated as numeric(14, 2)) as recalculated,
    cast(adjusted as numeric(14, 2)) as adjusted
from summed
where charged <> 0 or recalculated <> 0 or adjusted <> 0
