with source as (
    select * from {{ source('ops', 'bill_delivery') }}
)

select
    -- keys
    account_id,
    bill_delivery_id,

    -- attributes
    channel as delivery_channel,

    -- dates and times
    period,
    delivered_on as delivered_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
