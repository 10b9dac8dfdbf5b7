with source as (
    select * from {{ source('ops', 'address_object') }}
)

select
    -- keys
    address_object_id,
    parent_id,

    -- attributes
    level as address_level,
    type_name,
    name as object_name,
    fias_guid
from source
