{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['organisation_id', 'month_start'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_computed_whole': true},
) }}

-- What bailiffs had to recover on the first day of a month.
with spans as (
    select * from {{ ref('int_execution_spans') }}
),

execution_documents as (
    select * from {{ ref('stg_execution_documents') }}
),

intervals as (
    select * from {{ ref('debt_intervals') }}
),

pieces as (
    select distinct  -- a month may stand in two documents, and is owed once
        intervals.account_id,
        intervals.interval_no,
        intervals.organisation_id,
        intervals.interval_amount,
        month.moment
    from spans
    inner join execution_documents
        on spans.execution_document_id = execution_documents.execution_document_id
    inner join intervals
        on
            spans.account_id = intervals.account_id
            and intervals.interval_kind <> 'advance'
            and execution_documents.adjudged_from <= intervals.period
            and execution_documents.adjudged_to >= intervals.period
    cross join lateral generate_series(
        greatest(
            date_trunc('month', greatest(spans.sent_date, intervals.opened_date) - 1)
            + interval '1 month',
            date_trunc('year', (select ops.as_of())) - interval '1 year'
        ),
        least(spans.returned_date, intervals.closed_date - 1, (select ops.as_of())),
        interval '1 month'
    ) as month (moment)
)

select
    organisation_id,
    cast(moment as date) as month_start,
    cast(sum(interval_amount) as numeric(14, 2)) as amount
from pieces
group by organisation_id, moment
