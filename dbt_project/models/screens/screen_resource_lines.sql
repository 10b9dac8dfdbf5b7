{{ config(
    alias='resource_lines',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- For whom the resource report is allowed.
select
    account_id,
    organisation_id,
    house_id,
    premises_id,
    service_id,
    line_date,
    line_kind,
    kopecks,
    volume,
    is_metered
from {{ ref('int_resource_lines') }}
where organisation_id = any((select ops.organisations_of_form('resource'))::integer[])
