with source as (
    select * from {{ source('ops', 'own_due_day') }}
)

select
    -- keys
    own_due_day_id,
    organisation_id,
    house_id,

    -- attributes
    liability,
    due_day,
    basis,

    -- dates and times
    period_from,
    period_to,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
