{{ config(
    alias='account_movements_live',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Live: at any state of knowledge (dolgomer.known_at). Ask it with an account_id.
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
from {{ ref('int_service_movements') }}
where organisation_id = any((select ops.organisations_of_form('osv'))::integer[])
