with source as (
    select * from {{ source('ops', 'representative') }}
)

select
    -- keys
    person_id,
    representative_id,

    -- attributes
    basis,

    -- dates and times
    valid_from as valid_from_date,
    valid_to as valid_to_date
from source
where recorded_at <= (select ops.known_at())
