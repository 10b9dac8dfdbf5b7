-- Charges and recalculations of an account line by line. Ask it with days.
with charge_days as (
    select * from {{ ref('charge_days') }}
    where line_kind in ('charge', 'recalculation')
),

accounts as (
    select * from {{ ref('stg_accounts') }}
)

select
    days.account_id,
    days.organisation_id,
    days.house_id,
    accounts.premises_id,
    line.service_id,
    days.line_date,
    days.line_kind,
    line.kopecks,
    line.volume,
    line.service_id = any(days.metered_service_ids) as is_metered
from charge_days as days
inner join accounts on days.account_id = accounts.account_id
cross join lateral unnest(
    days.service_ids, days.line_kopecks, days.volumes
) as line (service_id, kopecks, volume)
