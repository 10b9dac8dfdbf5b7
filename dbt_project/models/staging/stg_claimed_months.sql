with source as (
    select * from {{ source('ops', 'claimed_month') }}
)

select
    -- keys
    account_id,
    claimed_month_id,
    case_id,

    -- amounts
    amount as claimed_amount,

    -- attributes
    liability,
    part as claimed_part,

    -- dates and times
    period,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
