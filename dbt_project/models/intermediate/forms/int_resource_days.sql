-- Charges and recalculations of an account by day, with the services that had a meter on that day.
-- Ask it with days.
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

-- What is drained is what the meters of water let in: it has no meter of its own.
measured_by as (
    select
        services.service_id,
        coalesce(water.service_id, services.service_id) as meter_service_id
    from services
    left join services as water
        on services.service_code = 'sewerage' and water.service_code = 'cold_water'
),

-- The meters of premises in one row: joined once for a day of an account, not line by line.
meters as (
    select
        meters.premises_id,
        array_agg(measured_by.service_id) as service_ids,
        array_agg(daterange(meters.installed_date, meters.removed_date, '[]')) as meter_days
    from {{ ref('stg_meters') }} as meters
    inner join measured_by on meters.service_id = measured_by.meter_service_id
    group by meters.premises_id
)

select
    charge_days.account_id,
    charge_days.organisation_id,
    charge_days.house_id,
    accounts.premises_id,
    charge_days.line_date,
    charge_days.line_kind,
    charge_days.service_ids,
    charge_days.line_kopecks,
    charge_days.volumes,
    array(
        -- distinct: two meters of cold water measure the same service
        select distinct meter.service_id
        from unnest(meters.service_ids, meters.meter_days) as meter (service_id, days)
        where meter.days @> charge_days.line_date
        order by meter.service_id
    ) as metered_service_ids
from charge_days
inner join accounts on charge_days.account_id = accounts.account_id
left join meters on accounts.premises_id = meters.premises_id
