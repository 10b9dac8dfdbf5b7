with source as (
    select * from {{ source('ops', 'debt_hold') }}
)

select
    -- keys
    account_id,
    debt_hold_id,

    -- attributes
    kind as hold_kind,
    basis,

    -- dates and times
    valid_from as valid_from_date,
    valid_to as valid_to_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
