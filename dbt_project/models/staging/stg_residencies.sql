with source as (
    select * from {{ source('ops', 'residency') }}
)

select
    -- keys
    account_id,
    person_id,

    -- attributes
    relation,
    position as card_position,
    is_permanent,

    -- dates and times
    valid_from as valid_from_date,
    valid_to as valid_to_date
from source
where recorded_at <= (select ops.known_at())
