{{ config(meta={'dagster': {'ref': {'name': 'debt_intervals'}}}) }}

-- Awards lower receipts in the turnover and are in no balance: money that no order let them have would
-- be owed again, and nobody would see it go.
with awards as (
    {{ awards(ref('debt_intervals'), kopecks('pieces.interval_amount')) }}
),

documents as (
    select * from {{ ref('stg_execution_documents') }}
),

payments as (
    select * from {{ ref('stg_payments') }}
),

repaid as (
    select
        awards.account_id,
        documents.case_id,
        sum(awards.award_kopecks) as kopecks
    from awards
    left join payments
        on awards.account_id = payments.account_id and awards.payment_id = payments.payment_id
    left join documents
        on
            payments.account_id = documents.account_id
            and payments.execution_document_id = documents.execution_document_id
    where {{ is_settled('awards.account_id') }}
    group by awards.account_id, documents.case_id
),

awarded as (
    select
        account_id,
        case_id,
        min(duty_kopecks) + min(penalty_kopecks) as kopecks
    from {{ ref('int_order_claims') }}
    group by account_id, case_id
)

select
    repaid.account_id,
    repaid.case_id,
    repaid.kopecks as repaid_kopecks,
    awarded.kopecks as awarded_kopecks
from repaid
left join awarded on repaid.account_id = awarded.account_id and repaid.case_id = awarded.case_id
where awarded.kopecks is null or repaid.kopecks not between 0 and awarded.kopecks
