with source as (
    select * from {{ source('ops', 'bill_event') }}
)

select
    -- keys
    account_id,
    bill_event_id,

    -- amounts
    penalty_amount,

    -- attributes
    has_penalty_information,

    -- dates and times
    period,
    issued_on as issued_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
