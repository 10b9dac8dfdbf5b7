with source as (
    select * from {{ source('ops', 'charge') }}
)

select
    -- keys
    account_id,
    charge_id,
    service_id,
    import_id,
    import_line,

    -- amounts
    amount as charge_amount,
    {{ kopecks('amount') }} as charge_kopecks,

    -- attributes
    kind as charge_kind,
    volume,

    -- dates and times
    period,
    booked_on as booked_date,
    due_date as named_due_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
