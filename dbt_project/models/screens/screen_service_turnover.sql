{{ config(
    alias='service_turnover',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- For whom the turnover sheet is allowed: the right is asked for here, not on the screen alone.
select
    organisation_id,
    service_id,
    line_date,
    charged,
    recalculated,
    0.00 as paid,
    adjusted,
    0.00 as written_off
from {{ ref('service_charges') }}
where organisation_id = any((select ops.organisations_of_form('osv'))::integer[])
union all
select
    organisation_id,
    service_id,
    line_date,
    0.00 as charged,
    recalculated,
    paid,
    0.00 as adjusted,
    written_off
from {{ ref('service_settlements') }}
where organisation_id = any((select ops.organisations_of_form('osv'))::integer[])
