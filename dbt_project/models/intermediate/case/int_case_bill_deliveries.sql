-- When the bills of a typed case came, where it says so.
select
    cast(0 as bigint) as account_id,
    line.period,
    line.delivered_on as delivered_date
from {{ rows_of_case('bills', 'period date, delivered_on date') }}
