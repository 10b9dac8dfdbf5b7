{{ config(
    materialized='incremental',
    incremental_strategy='made_anew',
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_computed_whole': true},
) }}

-- Whoever looks at whole organisations need not read their houses.
with collection as (
    select * from {{ ref('collection') }}
)

select
    organisation_id,
    service_id,
    period,
    origin_period,
    cast(sum(charged_amount) as numeric(14, 2)) as charged_amount,
    cast(sum(paid_amount) as numeric(14, 2)) as paid_amount
from collection
group by organisation_id, service_id, period, origin_period
