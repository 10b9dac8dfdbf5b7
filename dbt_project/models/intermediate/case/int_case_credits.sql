-- Payments and write-offs of a typed case, in the shape of int_credits.
select
    cast(0 as bigint) as account_id,
    'payment' as credit_kind,
    line.number as credit_id,
    line.paid_on as credit_date,
    {{ kopecks('line.amount') }} as credit_kopecks,
    cast(null as bigint) as reverses_credit_id,
    case when line.named_period is not null then datemultirange(daterange(
        line.named_period, cast(line.named_period + interval '1 month' as date)
    )) end as named_months,
    cast(null as bigint) as order_case_id
from {{ rows_of_case(
    'payments', 'number bigint, paid_on date, amount numeric(14, 2), named_period date'
) }}

union all

select
    cast(0 as bigint) as account_id,
    'write_off' as credit_kind,
    line.number as credit_id,
    line.written_off_on as credit_date,
    {{ kopecks('line.amount') }} as credit_kopecks,
    cast(null as bigint) as reverses_credit_id,
    case when line.named_period is not null then datemultirange(daterange(
        line.named_period, cast(line.named_period + interval '1 month' as date)
    )) end as named_months,
    cast(null as bigint) as order_case_id
from {{ rows_of_case(
    'write_offs', 'number bigint, written_off_on date, amount numeric(14, 2), named_period date'
) }}
