{{ config(
    alias='account_movements',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Ask it with account_ids.
select
    account_id,
    organisation_id,
    service_id,
    line_date,
    charged,
    recalculated,
    paid,
    adjusted,
    written_off
from {{ ref('int_service_movements_built') }}
where organisation_id = any((select ops.organisations_of_form('osv'))::integer[])
