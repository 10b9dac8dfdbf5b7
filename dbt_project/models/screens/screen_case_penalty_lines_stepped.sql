{{ config(alias='case_penalty_lines_stepped') }}

-- Penalty of the case that the session typed, with the rate of each day, for comparison. Nobody
-- else's facts are in it.
select
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
from {{ ref('int_case_penalty_lines_stepped') }}
