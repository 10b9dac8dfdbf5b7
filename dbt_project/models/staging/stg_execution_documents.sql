-- Documents as they read now: corrections are folded in by the view of the system of record, which
-- turns back in time by the same settings.
with source as (
    select * from {{ source('ops', 'execution_document_current') }}
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
