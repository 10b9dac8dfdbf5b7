-- The state of cases is folded in one place, the view of the system of record, which turns back in
-- time by the same settings.
with source as (
    select * from {{ source('ops', 'court_case_state') }}
)

select
    -- keys
    case_id,
    organisation_id,
    account_id,
    parent_case_id,
    court_code,

    -- amounts
    principal_awarded as principal_awarded_amount,
    penalty_awarded as penalty_awarded_amount,
    duty_awarded as duty_awarded_amount,

    -- attributes
    kind as case_kind,
    number as case_number,
    state as case_state,
    is_live,
    penalty_until_paid as is_penalty_until_paid,
    freed_by,
    freed_reason_code,
    court_number,
    issued_number,
    sent_to,

    -- dates and times
    state_on as state_date,
    filed_on as filed_date,
    issued_on as issued_date,
    in_force_on as in_force_date,
    freed_on as freed_date,
    ended_on as ended_date,
    recorded_at
from source
