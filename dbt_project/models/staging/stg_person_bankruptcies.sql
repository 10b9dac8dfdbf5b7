with source as (
    select * from {{ source('ops', 'person_bankruptcy') }}
),

-- The row recorded last for a case counts.
latest as (
    select distinct on (source.person_id, source.case_number) source.*
    from source
    where source.recorded_at <= (select ops.known_at())
    order by
        source.person_id asc,
        source.case_number asc,
        source.recorded_at desc,
        source.person_bankruptcy_id desc
)

select
    -- keys
    person_id,

    -- attributes
    case_number,
    is_discharged,

    -- dates and times
    accepted_on as accepted_date,
    closed_on as closed_date
from latest
