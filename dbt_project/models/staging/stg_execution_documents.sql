with source as (
    select * from {{ source('ops', 'execution_document') }}
)

select
    -- keys
    execution_document_id,
    account_id,
    case_id,

    -- attributes
    kind as execution_document_kind,
    number as execution_document_number,

    -- dates and times
    period_from as adjudged_from,
    period_to as adjudged_to,
    issued_on as issued_date,
    recorded_at
from source
where recorded_at <= (select ops.known_at())
