-- Lines with whose they are. What one of the holders paid under an order against him was late by
-- his fault alone: `own_person_id` names him, and the others do not owe it. Null: a line of all who
-- owe the month. Ask it with an account_id.
select
    lines.*,
    (
        select min(claimed.portion_person_id)
        from {{ ref('stg_payments') }} as payments
        inner join {{ ref('stg_execution_documents') }} as documents
            on
                payments.execution_document_id = documents.execution_document_id
                and payments.account_id = documents.account_id
        inner join {{ ref('stg_claimed_months') }} as claimed
            on
                documents.case_id = claimed.case_id
                and documents.account_id = claimed.account_id
        where
            lines.closed_by_kind = 'payment'
            and payments.account_id = lines.account_id
            and payments.payment_id = lines.closed_by_id
            and claimed.period = lines.period
            and claimed.liability = lines.liability
            and claimed.claimed_part = 'principal'
    ) as own_person_id
from {{ ref('int_penalty_lines_built') }} as lines
