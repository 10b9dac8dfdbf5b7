-- Everything that closes debt, but for the surplus of recalculations, which obligations carry.
with payments as (
    select * from {{ ref('stg_payments') }}
),

write_offs as (
    select * from {{ ref('stg_write_offs') }}
),

execution_documents as (
    select * from {{ ref('stg_execution_documents') }}
)

select
    payments.account_id,
    'payment' as credit_kind,
    payments.payment_id as credit_id,
    payments.paid_date as credit_date,
    payments.payment_kopecks as credit_kopecks,
    payments.reverses_payment_id as reverses_credit_id,
    -- Recovered under a court order: the months that our case claimed, which need not follow each
    -- other, or the months of an order that came from elsewhere. Otherwise the month the payer
    -- named.
    case
        when execution_documents.case_id is not null then (
            select range_agg(daterange(
                claimed_months.period, cast(claimed_months.period + interval '1 month' as date)
            ))
            from {{ ref('stg_claimed_months') }} as claimed_months
            where
                claimed_months.case_id = execution_documents.case_id
                and claimed_months.account_id = execution_documents.account_id
        )
        when execution_documents.execution_document_id is not null then datemultirange(daterange(
            execution_documents.adjudged_from,
            cast(execution_documents.adjudged_to + interval '1 month' as date)
        ))
        when payments.named_period is not null then datemultirange(daterange(
            payments.named_period, cast(payments.named_period + interval '1 month' as date)
        ))
    end as named_months,
    -- Such a receipt closes what the case claims, and no other service of its months.
    execution_documents.case_id as order_case_id
from payments
left join execution_documents
    on
        payments.execution_document_id = execution_documents.execution_document_id
        and payments.account_id = execution_documents.account_id

union all

select
    write_offs.account_id,
    'write_off' as credit_kind,
    write_offs.write_off_id as credit_id,
    write_offs.written_off_date as credit_date,
    -- A cancelled write-off comes as a negative row, like a refund.
    write_offs.write_off_kopecks as credit_kopecks,
    cast(null as bigint) as reverses_credit_id,
    (
        select range_agg(daterange(named.month, cast(named.month + interval '1 month' as date)))
        from unnest(write_offs.named_periods) as named (month)
    ) as named_months,
    cast(null as bigint) as order_case_id
from write_offs
