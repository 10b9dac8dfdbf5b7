with source as (
    select * from {{ source('ops', 'separate_liability') }}
),

-- Of rows with one beginning the last counts; one that ends before it begins takes it back.
latest as (
    select distinct on (source.account_id, source.person_id, source.valid_from) source.*
    from source
    where source.recorded_at <= (select ops.known_at())
    order by
        source.account_id asc,
        source.person_id asc,
        source.valid_from asc,
        source.separate_liability_id desc
)

select
    -- keys
    account_id,
    person_id,

    -- dates and times
    valid_from as valid_from_date,
    valid_to as valid_to_date
from latest
where valid_to is null or valid_to >= valid_from
