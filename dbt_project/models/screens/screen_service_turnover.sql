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
    paid,
    adjusted,
    written_off
from {{ ref('service_turnover') }}
where organisation_id = any((select ops.organisations_of_form('osv'))::integer[])
