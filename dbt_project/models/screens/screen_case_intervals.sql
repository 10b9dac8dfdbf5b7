{{ config(alias='case_intervals') }}

-- Pieces of the case that the session typed.
select
    interval_no,
    interval_kind,
    liability,
    period,
    due_date,
    opened_date,
    closed_date,
    interval_amount,
    credit_kind,
    credit_id,
    credit_date
from {{ ref('int_case_intervals') }}
