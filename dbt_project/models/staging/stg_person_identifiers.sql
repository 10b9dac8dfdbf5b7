with source as (
    select * from {{ source('ops', 'person_identifier') }}
)

select
    -- keys
    person_id,

    -- attributes
    kind as identifier_kind
from source
where recorded_at <= (select ops.known_at())
