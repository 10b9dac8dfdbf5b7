-- What the orders and writs of our cases ask for, month by month, with the limits of the case.
-- Receipts under them close this and nothing else. The law by which the duty is repaid first
-- (ГК 319) is a row that may be switched off.
with documents as (
    select distinct
        account_id,
        case_id
    from {{ ref('stg_execution_documents') }}
    where case_id is not null
),

claimed_months as (
    select * from {{ ref('stg_claimed_months') }}
),

cases as (
    select * from {{ ref('stg_court_cases') }}
),

duty_order as (
    select exists(
        select 1
        from {{ source('reference', 'legal_term') }}
        where code = 'recovered_duty_first' and is_enabled
    ) as is_duty_first
),

claimed as (
    select
        documents.account_id,
        documents.case_id,
        coalesce(claimed_months.liability, 'none') as liability,
        claimed_months.period,
        cast(coalesce(sum(claimed_months.claimed_kopecks) filter (
            where claimed_months.claimed_part = 'principal'
        ), 0) as bigint) as claimed_kopecks,
        cast(coalesce(sum(claimed_months.claimed_kopecks) filter (
            where claimed_months.claimed_part = 'penalty'
        ), 0) as bigint) as claimed_penalty_kopecks
    from documents
    left join claimed_months
        on
            documents.account_id = claimed_months.account_id
            and documents.case_id = claimed_months.case_id
    group by
        documents.account_id, documents.case_id, claimed_months.liability, claimed_months.period
)

select
    claimed.account_id,
    claimed.case_id,
    claimed.liability,
    claimed.period,
    claimed.claimed_kopecks,
    -- A court that named no sum of its own gave what was asked for.
    coalesce(
        {{ kopecks('cases.principal_awarded_amount') }},
        cast(sum(claimed.claimed_kopecks) over same_case as bigint)
    ) as principal_kopecks,
    {{ duty_awarded('cases') }} as duty_kopecks,
    coalesce(
        {{ kopecks('cases.penalty_awarded_amount') }},
        cast(sum(claimed.claimed_penalty_kopecks) over same_case as bigint)
    ) as penalty_kopecks,
    duty_order.is_duty_first
from claimed
inner join cases
    on claimed.account_id = cases.account_id and claimed.case_id = cases.case_id
cross join duty_order
window same_case as (partition by claimed.account_id, claimed.case_id)
