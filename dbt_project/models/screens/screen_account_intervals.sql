{{ config(
    alias='account_intervals',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Live: for one account, at any state of knowledge (dolgomer.known_at). Ask it with an account_id.
select
    account_id,
    interval_no,
    organisation_id,
    interval_kind,
    liability,
    period,
    due_date,
    arises_date,
    opened_date,
    closed_date,
    {{ roubles('interval_kopecks') }} as interval_amount,
    credit_kind,
    credit_id,
    credit_date,
    refund_kind,
    refund_id,
    reopened_by_kind,
    reopened_by_id,
    service_ids,
    service_kopecks
from {{ ref('int_debt_intervals') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
