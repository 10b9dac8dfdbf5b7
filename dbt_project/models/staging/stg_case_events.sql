with events as (
    select * from {{ source('ops', 'case_event') }}
),

cases as (
    select * from {{ source('ops', 'court_case') }}
)

select
    -- keys
    events.account_id,
    events.case_event_id,
    events.case_id,
    events.annuls_event_id,
    events.user_id,

    -- attributes
    cases.kind as case_kind,
    cases.number as case_number,
    events.kind as case_event_kind,
    events.document_number,

    -- dates and times
    events.happened_on as event_date,
    events.recorded_at
from events
inner join cases on events.case_id = cases.case_id
where events.recorded_at <= (select ops.known_at())
