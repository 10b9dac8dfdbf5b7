with source as (
    select * from {{ source('ops', 'account_state') }}
)

select
    -- keys
    account_id,

    -- attributes
    is_open,
    area as billed_area,
    residents as resident_count,

    -- dates and times
    valid_from as valid_from_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
