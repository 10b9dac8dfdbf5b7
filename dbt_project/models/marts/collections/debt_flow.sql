{{ config(
    materialized='incremental',
    incremental_strategy='added_up',
    unique_key=['organisation_id', 'house_id', 'flow_date'],
    on_schema_change='append_new_columns',
    post_hook=["{{ forget_interval_changes('debt_flow') }}", "{{ tell_the_planner() }}"],
) }}

-- depends_on: {{ ref('debt_intervals') }}, {{ source('warehouse', 'interval_change') }}
with flows as (
    {{ debt_flows(pieces_to_read('debt_flow')) }}
)

select
    organisation_id,
    house_id,
    flow_date,
    {{ roubles('debt_kopecks') }} as debt_change,
    {{ roubles('overdue_kopecks') }} as overdue_change,
    {{ roubles('advance_kopecks') }} as advance_change
from flows
where debt_kopecks <> 0 or overdue_kopecks <> 0 or advance_kopecks <> 0
