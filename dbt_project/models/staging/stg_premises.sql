with source as (
    select * from {{ source('ops', 'premises') }}
)

select
    -- keys
    premises_id,
    house_id,

    -- attributes
    kind as premises_kind,
    number as premises_number,
    total_area
from source
