{{ config(
    alias='account_penalty_lines_stepped',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Live penalty of an account with the rate of each day, for comparison. Ask it with an account_id.
select
    account_id,
    organisation_id,
    interval_no,
    liability,
    period,
    due_date,
    delay_from_date,
    bill_delivered_date,
    base_amount,
    date_from,
    date_to,
    day_count,
    first_delay_day,
    rate_pct,
    key_rate_pct,
    key_rate_start_date,
    cap_id,
    denominator,
    step_id,
    step_act,
    is_verified,
    penalty_amount,
    is_closed,
    closed_by_kind,
    closed_by_id,
    closed_by_date,
    begins_because,
    ends_because
from {{ ref('int_penalty_lines_stepped') }}
where organisation_id = any((select ops.visible_organisations())::integer[])
