with source as (
    select * from {{ source('ops', 'payment') }}
)

select
    -- keys
    account_id,
    payment_id,
    execution_document_id,
    reverses_payment_id,
    import_id,
    import_line,

    -- amounts
    amount as payment_amount,
    {{ kopecks('amount') }} as payment_kopecks,

    -- attributes
    channel as payment_channel,
    document as document_number,

    -- dates and times
    paid_on as paid_date,
    named_period,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
