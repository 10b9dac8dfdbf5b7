with source as (
    select * from {{ source('ops', 'family_practice') }}
),

latest as (
    select distinct on (source.organisation_id) source.*
    from source
    where source.recorded_at <= (select ops.known_at())
    order by source.organisation_id asc, source.family_practice_id desc
)

select
    -- keys
    organisation_id,

    -- attributes
    is_family_named
from latest
