with source as (
    select * from {{ source('ops', 'ownership') }}
)

select
    -- keys
    ownership_id,
    premises_id,
    person_id,
    holder_organisation_id,

    -- attributes
    right_kind,
    share_numerator,
    share_denominator,

    -- dates and times
    valid_from as valid_from_date,
    valid_to as valid_to_date
from source
where recorded_at <= (select ops.known_at())
