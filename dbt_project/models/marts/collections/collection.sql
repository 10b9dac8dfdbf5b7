{{ config(
    materialized='incremental',
    incremental_strategy='added_up',
    unique_key=['organisation_id', 'house_id', 'service_id', 'period', 'origin_period'],
    on_schema_change='append_new_columns',
    post_hook=["{{ forget_interval_changes('collection') }}", "{{ tell_the_planner() }}"],
) }}

-- depends_on: {{ ref('debt_intervals') }}, {{ source('warehouse', 'interval_change') }}
with contributions as (
    {{ collection_contributions(pieces_to_read('collection')) }}
)

select
    organisation_id,
    house_id,
    service_id,
    period,
    origin_period,
    {{ roubles('charged_kopecks') }} as charged_amount,
    {{ roubles('paid_kopecks') }} as paid_amount
from contributions
where charged_kopecks <> 0 or paid_kopecks <> 0
