with source as (
    select * from {{ source('ops', 'person_bankruptcy') }}
),

-- The row recorded last for a case counts.
latest as (
    select distinct on (person_id, case_number) source.*
    from source
    where recorded_at <= (select ops.known_at())
    order by person_id asc, case_number asc, recorded_at desc, person_bankruptcy_id desc
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
