{{ config(
    materialized='incremental',
    incremental_strategy='added_up',
    unique_key=['organisation_id', 'service_id', 'line_date'],
    on_schema_change='append_new_columns',
    post_hook=["{{ forget_interval_changes('service_settlements') }}", "{{ tell_the_planner() }}"],
    meta={'is_behind_form': true},
) }}

-- depends_on: {{ ref('debt_intervals') }}, {{ source('warehouse', 'interval_change') }}
{{ service_settlements(pieces_to_read('service_settlements')) }},

summed as (
    select
        organisation_id,
        service_id,
        line_date,
        coalesce(sum(kopecks) filter (where line_kind = 'payment'), 0) as paid_kopecks,
        coalesce(sum(kopecks) filter (where line_kind = 'write_off'), 0) as written_off_kopecks,
        coalesce(-sum(kopecks) filter (where line_kind = 'recalculation'), 0)
            as recalculated_kopecks
    from lines
    group by organisation_id, service_id, line_date
)

select
    organisation_id,
    service_id,
    line_date,
    {{ roubles('paid_kopecks') }} as paid,
    {{ roubles('written_off_kopecks') }} as written_off,
    {{ roubles('recalculated_kopecks') }} as recalculated
from summed
where paid_kopecks <> 0 or written_off_kopecks <> 0 or recalculated_kopecks <> 0
