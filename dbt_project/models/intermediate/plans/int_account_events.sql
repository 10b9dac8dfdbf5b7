-- What was done on an account, with its overdue debt on the day of the deed. Execution documents
-- stand among the events, because a plan counts how many of them were handed on.
-- What is read twice is not materialised: for each event the conditions must reach the index of its
-- account, and not walk all pieces of the town.
with contacts as not materialized (
    select * from {{ ref('stg_contact_events') }}
),

steps as not materialized (
    select * from {{ ref('stg_account_events') }}
),

case_events as not materialized (
    select * from {{ ref('stg_case_events') }}
),

claimed_months as (
    select * from {{ ref('stg_claimed_months') }}
),

spans as not materialized (
    select * from {{ ref('int_execution_spans') }}
),

duty_payments as (
    select * from {{ ref('stg_duty_payments') }}
),

execution_documents as not materialized (
    select * from {{ ref('stg_execution_documents') }}
),

intervals as not materialized (
    select * from {{ ref('debt_intervals') }}
),

turnover as (
    select * from {{ ref('account_turnover') }}
),

charges as not materialized (
    select * from {{ ref('stg_charges') }}
),

payments as not materialized (
    select * from {{ ref('stg_payments') }}
),

bands as (
    select * from {{ source('reference', 'debt_band') }}
),

accounts as (
    select * from {{ ref('int_accounts_placed') }}
),

events as (
    select
        contacts.account_id,
        'contact' as event_table,
        contacts.contact_event_id as event_id,
        contacts.event_kind,
        contacts.event_date,
        contacts.happened_at as event_at,
        contacts.result_code,
        cast(null as numeric(14, 2)) as event_amount,
        cast('{}' as text[]) as marks,
        contacts.document_number,
        contacts.promise_date,
        contacts.promise_amount,
        cast(null as integer) as days_to_payment,
        contacts.user_id,
        contacts.executor,
        contacts.event_source,
        contacts.recorded_at,
        exists(
            select 1
            from contacts as back
            where
                back.account_id = contacts.account_id
                and back.cancels_event_id = contacts.contact_event_id
        ) as is_cancelled,
        false as is_doubled
    from contacts
    where contacts.cancels_event_id is null

    union all

    select
        steps.account_id,
        'step' as event_table,
        steps.account_event_id as event_id,
        steps.event_kind,
        steps.event_date,
        cast(steps.event_date as timestamp) at time zone 'Europe/Moscow' as event_at,
        cast(null as text) as result_code,
        steps.event_amount,
        array_remove(array[
            case when steps.duty_paid_date <= steps.event_date then 'duty_paid' end,
            case when steps.has_receipt then 'receipt' end
        ], null) || case
            when steps.event_kind = 'writ_returned' then {{ marks_of_return(
                'steps.account_id', 'steps.event_date',
                'documents.execution_document_id = steps.execution_document_id'
            ) }}
            else cast('{}' as text[])
        end as marks,
        steps.document_number,
        cast(null as date) as promise_date,
        cast(null as numeric(14, 2)) as promise_amount,
        case when steps.event_kind = 'writ_dispatched' then (
            select min(payments.paid_date) - steps.event_date
            from payments
            where
                payments.account_id = steps.account_id
                and payments.execution_document_id = steps.execution_document_id
                and payments.payment_amount > 0
                and payments.paid_date >= steps.event_date
                and payments.paid_date <= (select ops.as_of())
        ) end as days_to_payment,
        steps.user_id,
        steps.executor,
        steps.event_source,
        steps.recorded_at,
        exists(
            select 1
            from steps as back
            where
                back.account_id = steps.account_id
                and back.cancels_event_id = steps.account_event_id
        ) as is_cancelled,
        -- Whoever keeps cases here need not enter their filings again; who did, counts once.
        steps.event_kind in ('order_filed', 'claim_filed', 'writ_dispatched', 'writ_returned')
        and exists (
            select 1
            from case_events
            where
                case_events.account_id = steps.account_id
                and case_events.event_date between steps.event_date - 3 and steps.event_date + 3
                and steps.event_kind = case
                    when case_events.case_event_kind = 'filed'
                        then case_events.case_kind || '_filed'
                    when case_events.case_event_kind = 'sent_to_bailiff' then 'writ_dispatched'
                    when case_events.case_event_kind = 'document_returned' then 'writ_returned'
                end
        ) as is_doubled
    from steps
    where steps.cancels_event_id is null

    union all

    select
        case_events.account_id,
        'case' as event_table,
        case_events.case_event_id as event_id,
        case case_events.case_event_kind
            when 'filed' then case_events.case_kind || '_filed'
            when 'returned' then 'filing_returned'
            when 'sent_to_bailiff' then 'writ_dispatched'
            when 'document_returned' then 'writ_returned'
        end as event_kind,
        case_events.event_date,
        cast(case_events.event_date as timestamp) at time zone 'Europe/Moscow' as event_at,
        cast(null as text) as result_code,
        case when case_events.case_event_kind = 'filed' then (
            select sum(claimed_months.claimed_amount)
            from claimed_months
            where
                claimed_months.account_id = case_events.account_id
                and claimed_months.case_id = case_events.case_id
        ) end as event_amount,
        case when exists (
            select 1
            from duty_payments
            where
                duty_payments.account_id = case_events.account_id
                and duty_payments.case_id = case_events.case_id
                and duty_payments.paid_date <= case_events.event_date
        ) then array['duty_paid'] else cast('{}' as text[]) end || case
            when case_events.case_event_kind = 'document_returned' then {{ marks_of_return(
                'case_events.account_id', 'case_events.event_date',
                'documents.case_id = case_events.case_id'
            ) }}
            else cast('{}' as text[])
        end as marks,
        case_events.case_number as document_number,
        cast(null as date) as promise_date,
        cast(null as numeric(14, 2)) as promise_amount,
        cast(null as integer) as days_to_payment,
        case_events.user_id,
        cast(null as text) as executor,
        'system' as event_source,
        case_events.recorded_at,
        exists(
            select 1
            from case_events as back
            where
                back.account_id = case_events.account_id
                and back.annuls_event_id = case_events.case_event_id
        ) as is_cancelled,
        false as is_doubled
    from case_events
    where
        case_events.case_event_kind in (
            'filed', 'returned', 'sent_to_bailiff', 'document_returned'
        )

    union all

    select
        execution_documents.account_id,
        'execution_document' as event_table,
        execution_documents.execution_document_id as event_id,
        'execution_document' as event_kind,
        execution_documents.issued_date as event_date,
        cast(execution_documents.issued_date as timestamp) at time zone 'Europe/Moscow'
            as event_at,
        cast(null as text) as result_code,
        cast(null as numeric(14, 2)) as event_amount,
        case when exists (
            select 1
            from spans
            where
                spans.account_id = execution_documents.account_id
                and spans.execution_document_id = execution_documents.execution_document_id
        ) then array['dispatched'] else cast('{}' as text[]) end as marks,
        execution_documents.execution_document_number as document_number,
        cast(null as date) as promise_date,
        cast(null as numeric(14, 2)) as promise_amount,
        cast(null as integer) as days_to_payment,
        cast(null as integer) as user_id,
        cast(null as text) as executor,
        'system' as event_source,
        execution_documents.recorded_at,
        false as is_cancelled,
        false as is_doubled
    from execution_documents

    union all

    -- Money under execution documents; what was taken back of a payment is not of it.
    select
        payments.account_id,
        'payment' as event_table,
        payments.payment_id as event_id,
        'recovery' as event_kind,
        payments.paid_date as event_date,
        cast(payments.paid_date as timestamp) at time zone 'Europe/Moscow' as event_at,
        cast(null as text) as result_code,
        payments.payment_amount + taken_back.amount as event_amount,
        array_remove(array[
            case when payments.payment_channel = 'bailiff' then 'by_bailiffs' else 'direct' end,
            case
                when exists (
                    select 1
                    from spans
                    where
                        spans.account_id = payments.account_id
                        and spans.execution_document_id = payments.execution_document_id
                        and spans.sent_date <= payments.paid_date
                        and (
                            spans.returned_date is null
                            or spans.returned_date >= payments.paid_date
                        )
                ) then 'at_bailiffs'
            end,
            case
                when exists (
                    select 1
                    from spans
                    where
                        spans.account_id = payments.account_id
                        and spans.execution_document_id = payments.execution_document_id
                        and spans.returned_date < payments.paid_date
                ) then 'after_return'
            end
        ], null) as marks,
        payments.document_number,
        cast(null as date) as promise_date,
        cast(null as numeric(14, 2)) as promise_amount,
        cast(null as integer) as days_to_payment,
        cast(null as integer) as user_id,
        cast(null as text) as executor,
        'system' as event_source,
        payments.recorded_at,
        payments.payment_amount + taken_back.amount <= 0 as is_cancelled,
        false as is_doubled
    from payments
    cross join lateral (
        select coalesce(sum(back.payment_amount), 0) as amount
        from payments as back
        where
            back.account_id = payments.account_id
            and back.reverses_payment_id = payments.payment_id
            and back.paid_date <= (select ops.as_of())
    ) as taken_back
    where payments.execution_document_id is not null and payments.payment_amount > 0
),

with_debt as (
    select
        events.*,
        accounts.organisation_id,
        accounts.house_id,
        cast(coalesce(debt.overdue_debt, 0) as numeric(14, 2)) as overdue_debt,
        cast(case when events.event_kind in ('order_filed', 'claim_filed') then greatest(
            debt.overdue_debt / nullif(average.charge, 0), by_service.largest_ratio
        ) end as numeric(8, 2)) as debt_in_average_charges
    from events
    inner join accounts on events.account_id = accounts.account_id
    -- Pieces of debt that stood open on the day of the event, after their due date.
    cross join lateral (
        select sum(intervals.interval_amount) as overdue_debt
        from intervals
        where
            intervals.account_id = events.account_id
            and intervals.interval_kind <> 'advance'
            and intervals.opened_date <= events.event_date
            and intervals.due_date < events.event_date
            and (intervals.closed_date is null or intervals.closed_date > events.event_date)
    ) as debt
    -- Only filings ask for mean charges: the last twelve whole months that were charged.
    cross join lateral (
        select avg(turnover.charged) as charge
        from turnover
        where
            events.event_kind in ('order_filed', 'claim_filed')
            and turnover.account_id = events.account_id
            and turnover.charged <> 0
            and turnover.period < date_trunc('month', events.event_date)
            and turnover.period >= date_trunc('month', events.event_date) - interval '12 months'
    ) as average
    cross join lateral (
        select max(owed.kopecks / 100.0 / nullif(mean.charge, 0)) as largest_ratio
        from (
            select
                part.service_id,
                sum(part.kopecks) as kopecks
            from intervals
            cross join lateral unnest(intervals.service_ids, intervals.service_kopecks)
                as part (service_id, kopecks)
            where
                events.event_kind in ('order_filed', 'claim_filed')
                and intervals.account_id = events.account_id
                and intervals.interval_kind <> 'advance'
                and intervals.opened_date <= events.event_date
                and intervals.due_date < events.event_date
                and (intervals.closed_date is null or intervals.closed_date > events.event_date)
            group by part.service_id
        ) as owed
        inner join (
            select
                monthly.service_id,
                avg(monthly.charge) as charge
            from (
                select
                    charges.service_id,
                    charges.period,
                    sum(charges.charge_amount) as charge
                from charges
                where
                    events.event_kind in ('order_filed', 'claim_filed')
                    and charges.account_id = events.account_id
                    and charges.charge_kind = 'charge'
                    and charges.period < date_trunc('month', events.event_date)
                    and charges.period
                    >= date_trunc('month', events.event_date) - interval '12 months'
                group by charges.service_id, charges.period
                having sum(charges.charge_amount) <> 0
            ) as monthly
            group by monthly.service_id
        ) as mean on owed.service_id = mean.service_id
    ) as by_service
    where events.event_date <= (select ops.as_of())
)

select
    with_debt.account_id,
    with_debt.event_table,
    with_debt.event_id,
    with_debt.organisation_id,
    with_debt.house_id,
    with_debt.event_kind,
    with_debt.event_date,
    with_debt.event_at,
    with_debt.result_code,
    with_debt.event_amount,
    with_debt.marks,
    with_debt.document_number,
    with_debt.promise_date,
    with_debt.promise_amount,
    with_debt.days_to_payment,
    with_debt.overdue_debt,
    bands.band_code,
    with_debt.debt_in_average_charges,
    with_debt.is_cancelled,
    with_debt.is_doubled,
    with_debt.user_id,
    with_debt.executor,
    with_debt.event_source,
    with_debt.recorded_at
from with_debt
left join bands
    on
        (
            with_debt.overdue_debt > bands.amount_from
            or (bands.is_from_inclusive and with_debt.overdue_debt = bands.amount_from)
        )
        and (
            bands.amount_to is null
            or with_debt.overdue_debt < bands.amount_to
            or (bands.is_to_inclusive and with_debt.overdue_debt = bands.amount_to)
        )
