with source as (
    select * from {{ source('ops', 'meter') }}
)

select
    -- keys
    meter_id,
    premises_id,
    service_id,

    -- dates and times
    installed_on as installed_date,
    removed_on as removed_date
from source
