with source as (
    select * from {{ source('ops', 'person') }}
)

select
    -- keys
    person_id,
    organisation_id,

    -- attributes
    last_name,
    first_name,
    middle_name,

    -- dates and times
    birth_date,
    death_date
from source
where recorded_at <= (select ops.known_at())
