with source as (
    select * from {{ source('reference', 'service') }}
)

select
    -- keys
    service_id,

    -- attributes
    code as service_code,
    name as service_name,
    short_name as service_short_name,
    kind as service_kind,
    liability,
    sort_order
from source
