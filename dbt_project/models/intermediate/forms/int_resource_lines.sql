-- Charges and recalculations with volumes, and how each volume was found. Ask it with days.
with charge_days as (
    select * from {{ ref('charge_days') }}
    where line_kind in ('charge', 'recalculation')
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

services as (
    select * from {{ ref('stg_services') }}
),

-- The days on which premises had a meter: joined once, not asked line by line.
measured_days as (
    select
        premises_id,
        service_id,
        range_agg(daterange(installed_date, removed_date, '[]')) as days
    from {{ ref('stg_meters') }}
    group by premises_id, service_id
),

-- What is drained is what the meters of water let in: it has no meter of its own.
measured_by as (
    select
        services.service_id,
        coalesce(water.service_id, services.service_id) as meter_service_id
    from services
    left join services as water
        on services.service_code = 'sewerage' and water.service_code = 'cold_water'
)

select
    charge_days.account_id,
    charge_days.organisation_id,
    charge_days.house_id,
    accounts.premises_id,
    line.service_id,
    charge_days.line_date,
    charge_days.line_kind,
    line.kopecks,
    line.volume,
    coalesce(measured_days.days @> charge_days.line_date, false) as is_metered
from charge_days
cross join lateral unnest(
    charge_days.service_ids, charge_days.line_kopecks, charge_days.volumes
) as line (service_id, kopecks, volume)
inner join accounts on charge_days.account_id = accounts.account_id
inner join measured_by on line.service_id = measured_by.service_id
left join measured_days
    on
        accounts.premises_id = measured_days.premises_id
        and measured_by.meter_service_id = measured_days.service_id
