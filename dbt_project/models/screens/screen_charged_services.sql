{{ config(
    alias='charged_services',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- For whom the resource report is allowed.
select
    account_id,
    line_kind,
    first_date,
    last_date,
    organisation_id,
    house_id,
    premises_id,
    service_ids,
    metered_service_ids
from {{ ref('charged_services') }}
where organisation_id = any((select ops.organisations_of_form('resource'))::integer[])
