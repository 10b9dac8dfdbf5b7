with source as (
    select * from {{ source('ops', 'case_debtor') }}
)

select
    -- keys
    account_id,
    case_id,
    person_id,
    holder_organisation_id,
    represented_person_id,

    -- attributes
    liability_kind
from source
where recorded_at <= (select ops.known_at())
