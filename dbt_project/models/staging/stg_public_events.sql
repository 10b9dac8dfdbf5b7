with source as (
    select * from {{ source('ops', 'public_event') }}
)

select
    -- keys
    public_event_id,
    organisation_id,
    house_ids,
    cancels_event_id,
    user_id,

    -- amounts
    amount as event_amount,
    amount_after,

    -- attributes
    kind as event_kind,
    entrance,
    title,
    reference as document_number,
    bailiff_office,
    participants,
    is_signed,
    file_sha256,
    executor,
    source as event_source,

    -- dates and times
    happened_on as event_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
