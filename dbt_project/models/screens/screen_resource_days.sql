{{ config(
    alias='resource_days',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- For whom the resource report is allowed.
select
    account_id,
    organisation_id,
    house_id,
    premises_id,
    line_date,
    line_kind,
    service_ids,
    line_kopecks,
    volumes,
    metered_service_ids
from {{ ref('int_resource_days') }}
where organisation_id = any((select ops.organisations_of_form('resource'))::integer[])
