with source as (
    select * from {{ source('ops', 'contact_event') }}
)

select
    -- keys
    account_id,
    contact_event_id,
    cancels_event_id,
    user_id,
    call_list_id,

    -- attributes
    kind as event_kind,
    result as result_code,
    promise_amount,
    document_number,
    executor,
    source as event_source,

    -- dates and times
    cast(happened_at at time zone 'Europe/Moscow' as date) as event_date,
    happened_at,
    promise_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
