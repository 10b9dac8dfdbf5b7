{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['organisation_id', 'month_start'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_computed_whole': true},
) }}

-- What bailiffs had to recover on the first day of a month. A document of a case of ours asks for
-- what the case claims, its owner's part and its services alone; of another one only the months are
-- known, and all that is open of them counts.
with spans as (
    select * from {{ ref('int_execution_spans') }}
),

execution_documents as (
    select * from {{ ref('stg_execution_documents') }}
),

payments as not materialized (
    select * from {{ ref('stg_payments') }}
),

claimed_months as (
    select
        account_id,
        case_id,
        liability,
        period,
        sum(claimed_amount) as claimed_amount
    from {{ ref('stg_claimed_months') }}
    where claimed_part = 'principal'
    group by account_id, case_id, liability, period
),

-- Few accounts are under execution: their pieces are found by account.
intervals as not materialized (
    select * from {{ ref('debt_intervals') }}
),

pieces_of_documents as (
    select distinct  -- a month may stand in two documents, and is owed once
        intervals.account_id,
        intervals.interval_no,
        intervals.organisation_id,
        intervals.liability,
        intervals.period,
        intervals.interval_amount,
        month.moment
    from spans
    inner join execution_documents
        on
            spans.execution_document_id = execution_documents.execution_document_id
            and execution_documents.case_id is null
    inner join intervals
        on
            spans.account_id = intervals.account_id
            and intervals.interval_kind <> 'advance'
            and execution_documents.adjudged_from <= intervals.period
            and execution_documents.adjudged_to >= intervals.period
    cross join lateral {{ months_under_execution('spans', 'intervals') }} as month (moment)
),

pieces_of_cases as (
    select distinct
        intervals.account_id,
        claimed_months.case_id,
        intervals.interval_no,
        intervals.organisation_id,
        intervals.liability,
        intervals.period,
        intervals.interval_amount,
        claimed_months.claimed_amount,
        month.moment
    from spans
    inner join execution_documents
        on spans.execution_document_id = execution_documents.execution_document_id
    inner join claimed_months
        on
            spans.account_id = claimed_months.account_id
            and execution_documents.case_id = claimed_months.case_id
    inner join intervals
        on
            spans.account_id = intervals.account_id
            and intervals.interval_kind = 'debt'
            and claimed_months.liability = intervals.liability
            and claimed_months.period = intervals.period
    cross join lateral {{ months_under_execution('spans', 'intervals') }} as month (moment)
),

receipts as (
    select
        payments.account_id,
        payments.payment_id,
        execution_documents.case_id
    from payments
    inner join execution_documents
        on
            payments.account_id = execution_documents.account_id
            and payments.execution_document_id = execution_documents.execution_document_id
    where execution_documents.case_id is not null
),

-- What a case has brought of a month, and what of it was given back, each on its own day.
moves as (
    select
        receipts.account_id,
        receipts.case_id,
        intervals.liability,
        intervals.period,
        intervals.closed_date as moved_date,
        intervals.interval_amount as moved_amount
    from receipts
    inner join intervals
        on
            receipts.account_id = intervals.account_id
            and intervals.interval_kind = 'debt'
            and intervals.credit_kind = 'payment'
            and receipts.payment_id = intervals.credit_id

    union all

    select
        receipts.account_id,
        receipts.case_id,
        intervals.liability,
        intervals.period,
        intervals.opened_date as moved_date,
        -intervals.interval_amount as moved_amount
    from receipts
    inner join payments as refunds
        on
            receipts.account_id = refunds.account_id
            and receipts.payment_id = refunds.reverses_payment_id
    inner join intervals
        on
            receipts.account_id = intervals.account_id
            and intervals.interval_kind = 'debt'
            and intervals.reopened_by_kind = 'payment'
            and refunds.payment_id = intervals.reopened_by_id
),

standing as (
    select
        account_id,
        case_id,
        organisation_id,
        liability,
        period,
        claimed_amount,
        moment,
        sum(interval_amount) as open_amount
    from pieces_of_cases
    group by
        account_id, case_id, organisation_id, liability, period, claimed_amount, moment
),

demands as (
    select
        standing.account_id,
        standing.organisation_id,
        standing.liability,
        standing.period,
        standing.moment,
        standing.open_amount,
        greatest(
            standing.claimed_amount - coalesce(sum(moves.moved_amount), 0), 0
        ) as demanded_amount
    from standing
    left join moves
        on
            standing.account_id = moves.account_id
            and standing.case_id = moves.case_id
            and standing.liability = moves.liability
            and standing.period = moves.period
            and standing.moment >= moves.moved_date
    group by
        standing.account_id, standing.case_id, standing.organisation_id, standing.liability,
        standing.period, standing.claimed_amount, standing.moment, standing.open_amount
),

months as (
    select
        account_id,
        organisation_id,
        liability,
        period,
        moment,
        sum(interval_amount) as amount
    from pieces_of_documents
    group by account_id, organisation_id, liability, period, moment

    union all

    -- Orders against several owners ask for more together, and never for more than is open.
    select
        account_id,
        organisation_id,
        liability,
        period,
        moment,
        least(max(open_amount), sum(demanded_amount)) as amount
    from demands
    group by account_id, organisation_id, liability, period, moment
),

owed_once as (
    select
        organisation_id,
        moment,
        max(amount) as amount
    from months
    group by account_id, organisation_id, liability, period, moment
)

select
    organisation_id,
    cast(moment as date) as month_start,
    cast(sum(amount) as numeric(14, 2)) as amount
from owed_once
group by organisation_id, moment
