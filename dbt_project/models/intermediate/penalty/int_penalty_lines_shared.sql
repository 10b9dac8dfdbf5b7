-- Lines that fall to all who owe the month. What one of the holders paid under an order against him
-- was late by his fault alone, and the order asked him for the penalty: the others do not owe it.
-- Ask it with an account_id.
select lines.*
from {{ ref('int_penalty_lines_built') }} as lines
where
    lines.closed_by_kind is distinct from 'payment'
    or not exists (
        select 1
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
            payments.account_id = lines.account_id
            and payments.payment_id = lines.closed_by_id
            and claimed.period = lines.period
            and claimed.liability = lines.liability
            and claimed.claimed_part = 'principal'
            and claimed.portion_person_id is not null
    )
