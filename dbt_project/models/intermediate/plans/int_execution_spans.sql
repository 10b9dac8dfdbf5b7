-- When an execution document was with the bailiffs: from handing it over until it came back with an
-- act. What was entered as a step and what a court case tells are read alike.
with steps as (
    select * from {{ ref('stg_account_events') }}
),

case_events as (
    select * from {{ ref('stg_case_events') }}
),

execution_documents as (
    select * from {{ ref('stg_execution_documents') }}
),

moves as (
    select
        steps.account_id,
        steps.execution_document_id,
        steps.event_kind = 'writ_dispatched' as is_sent,
        steps.event_date
    from steps
    where
        steps.event_kind in ('writ_dispatched', 'writ_returned')
        and steps.execution_document_id is not null
        and {{ stands('steps') }}

    union all

    select
        case_events.account_id,
        execution_documents.execution_document_id,
        case_events.case_event_kind = 'sent_to_bailiff' as is_sent,
        case_events.event_date
    from case_events
    inner join execution_documents
        on
            case_events.account_id = execution_documents.account_id
            and case_events.case_id = execution_documents.case_id
    where
        case_events.case_event_kind in ('sent_to_bailiff', 'document_returned')
        and not exists (
            select 1
            from case_events as back
            where
                back.account_id = case_events.account_id
                and back.annuls_event_id = case_events.case_event_id
        )
),

sendings as (
    select
        sent.account_id,
        sent.execution_document_id,
        sent.event_date as sent_date,
        (
            select min(back.event_date)
            from moves as back
            where
                not back.is_sent
                and back.execution_document_id = sent.execution_document_id
                and back.event_date >= sent.event_date
                and back.event_date <= (select ops.as_of())
        ) as returned_date
    from moves as sent
    where sent.is_sent and sent.event_date <= (select ops.as_of())
)

select
    account_id,
    execution_document_id,
    -- Handed over twice without coming back between is one stay.
    min(sent_date) as sent_date,
    returned_date
from sendings
group by account_id, execution_document_id, returned_date
