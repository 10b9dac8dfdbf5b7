{{ config(
    alias='resource_sums',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- For whom the resource report is allowed.
select
    organisation_id,
    house_id,
    service_id,
    line_date,
    line_kind,
    is_metered,
    amount,
    volume
from {{ ref('resource_sums') }}
where
    line_kind in ('charge', 'recalculation')
    and organisation_id = any((select ops.organisations_of_form('resource'))::integer[])
