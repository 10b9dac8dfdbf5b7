-- Charges of a typed case. Services make no difference to penalty: one stands for its liability.
with services as (
    select
        liability,
        min(service_id) as service_id
    from {{ ref('stg_services') }}
    group by liability
)

select
    cast(0 as bigint) as account_id,
    line.number as charge_id,
    services.service_id,
    line.amount as charge_amount,
    {{ kopecks('line.amount') }} as charge_kopecks,
    line.kind as charge_kind,
    line.period,
    line.booked_on as booked_date,
    line.due_date as named_due_date
from {{ rows_of_case(
    'charges',
    'number bigint, period date, liability text, kind text, amount numeric(14, 2), booked_on date,'
    ~ ' due_date date'
) }}
inner join services on line.liability = services.liability
