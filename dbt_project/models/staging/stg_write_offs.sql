with source as (
    select * from {{ source('ops', 'write_off') }}
)

select
    -- keys
    account_id,
    write_off_id,
    import_id,
    import_line,

    -- amounts
    amount as write_off_amount,
    {{ kopecks('amount') }} as write_off_kopecks,

    -- attributes
    reason,
    document as document_number,

    -- dates and times
    written_off_on as written_off_date,
    periods as named_periods,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
