with source as (
    select * from {{ source('ops', 'organisation') }}
)

select
    -- keys
    organisation_id,
    municipality_id,

    -- attributes
    code as organisation_code,
    kind as organisation_kind,
    name as organisation_name,
    short_name as organisation_short_name
from source
