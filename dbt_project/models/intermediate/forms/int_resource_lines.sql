-- The same line by line. Ask it with days.
select
    days.account_id,
    days.organisation_id,
    days.house_id,
    days.premises_id,
    line.service_id,
    days.line_date,
    days.line_kind,
    line.kopecks,
    line.volume,
    line.service_id = any(days.metered_service_ids) as is_metered
from {{ ref('int_resource_days') }} as days
cross join lateral unnest(
    days.service_ids, days.line_kopecks, days.volumes
) as line (service_id, kopecks, volume)
