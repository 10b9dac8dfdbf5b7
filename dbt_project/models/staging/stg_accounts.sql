with source as (
    select * from {{ source('ops', 'account') }}
)

select
    -- keys
    account_id,
    organisation_id,
    premises_id,

    -- attributes
    account_number,
    unified_number,
    payer_code,
    debtor_kind,

    -- dates and times
    recorded_at
from source
where recorded_at <= (select ops.known_at())
