-- The live intervals with the names and the unit of the mart.
select
    account_id,
    cast(interval_no as integer) as interval_no,
    organisation_id,
    interval_kind,
    liability,
    period,
    due_date,
    opened_date,
    closed_date,
    {{ roubles('interval_kopecks') }} as interval_amount,
    credit_kind,
    credit_id,
    credit_date,
    reopened_by_id
from {{ ref('int_debt_intervals') }}
