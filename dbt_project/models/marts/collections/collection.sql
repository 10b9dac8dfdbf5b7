{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook=["{{ empty_in_place() }}"],
) }}

-- depends_on: {{ ref('debt_intervals') }}
with parts as (
    select * from {{ source('warehouse', 'collection_part') }}
)

select
    organisation_id,
    house_id,
    service_id,
    period,
    origin_period,
    {{ roubles('sum(charged_kopecks)') }} as charged_amount,
    {{ roubles('sum(paid_kopecks)') }} as paid_amount
from parts
group by organisation_id, house_id, service_id, period, origin_period
having sum(charged_kopecks) <> 0 or sum(paid_kopecks) <> 0
