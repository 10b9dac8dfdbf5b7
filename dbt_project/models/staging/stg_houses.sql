with source as (
    select * from {{ source('ops', 'house') }}
)

select
    -- keys
    house_id,
    address_object_id,

    -- attributes
    number as house_number,
    building,
    structure,
    postal_code,
    built_year
from source
