{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='append_new_columns',
    pre_hook=["{{ empty_in_place() }}"],
    meta={'is_behind_form': true},
) }}

{{ service_settlements('select settled.*, 1 as sign from ' ~ ref('debt_intervals') ~ ' as settled') }},

settled as (
    select
        organisation_id,
        service_id,
        line_date,
        sum(kopecks) filter (where line_kind = 'payment') as paid_kopecks,
        sum(kopecks) filter (where line_kind = 'write_off') as written_off_kopecks,
        -sum(kopecks) filter (where line_kind = 'recalculation') as recalculated_kopecks
    from lines
    group by organisation_id, service_id, line_date
),

charged as (
    select
        charge_days.organisation_id,
        line.service_id,
        charge_days.line_date,
        sum(line.kopecks) filter (where charge_days.line_kind = 'charge') as charged_kopecks,
        sum(line.kopecks) filter (where charge_days.line_kind in ('recalculation', 'offset'))
            as recalculated_kopecks,
        sum(line.kopecks) filter (where charge_days.line_kind = 'adjustment') as adjusted_kopecks
    from {{ ref('charge_days') }} as charge_days
    cross join lateral unnest(charge_days.service_ids, charge_days.line_kopecks)
        as line (service_id, kopecks)
    group by charge_days.organisation_id, line.service_id, charge_days.line_date
),

moved as (
    select
        organisation_id,
        service_id,
        line_date,
        charged_kopecks,
        recalculated_kopecks,
        cast(null as numeric) as paid_kopecks,
        adjusted_kopecks,
        cast(null as numeric) as written_off_kopecks
    from charged
    union all
    select
        organisation_id,
        service_id,
        line_date,
        null as charged_kopecks,
        recalculated_kopecks,
        paid_kopecks,
        null as adjusted_kopecks,
        written_off_kopecks
    from settled
)

select
    organisation_id,
    service_id,
    line_date,
    {% for amount in ['charged', 'recalculated', 'paid', 'adjusted', 'written_off'] -%}
    {{ roubles('coalesce(sum(' ~ amount ~ '_kopecks), 0)') }} as {{ amount }}
    {{- ',' if not loop.last }}
    {% endfor %}
from moved
group by organisation_id, service_id, line_date
