with source as (
    select * from {{ source('ops', 'claimed_month') }}
)

select
    -- keys
    account_id,
    claimed_month_id,
    case_id,
    portion_person_id,

    -- amounts
    amount as claimed_amount,
    {{ kopecks('amount') }} as claimed_kopecks,

    -- attributes
    liability,
    part as claimed_part,

    -- dates and times
    period,
    penalty_from as penalty_from_date,
    penalty_to as penalty_to_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
