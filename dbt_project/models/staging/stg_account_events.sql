with source as (
    select * from {{ source('ops', 'account_event') }}
)

select
    -- keys
    account_id,
    account_event_id,
    execution_document_id,
    cancels_event_id,
    user_id,

    -- amounts
    amount as event_amount,

    -- attributes
    kind as event_kind,
    document_number,
    bailiff_office,
    has_receipt,
    decision,
    executor,
    source as event_source,

    -- dates and times
    happened_on as event_date,
    duty_paid_on as duty_paid_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
