{#-
How each payment falls to services (the start of ПП РФ 253): what it closed, by service; what it left
waiting; what repaid awarded duty and penalty; what a refund took back, below zero. Pieces are divided by largest remainder already, so
Σ rows of a payment = the payment. Rows without a service have none: money that waits, an award, or a
refund of what was never charged.
-#}
{% macro payment_services(intervals) -%}
with of_payments as (
    select * from {{ intervals }}
),

falling as (
    -- What a payment closed, on the day on which it closed it.
    select
        of_payments.account_id,
        of_payments.organisation_id,
        of_payments.credit_id as payment_id,
        of_payments.credit_date as paid_date,
        of_payments.closed_date as falls_date,
        of_payments.period,
        share.service_id,
        false as is_award,
        share.kopecks
    from of_payments
    cross join lateral unnest(
        coalesce(of_payments.service_ids, array[cast(null as integer)]),
        coalesce(of_payments.service_kopecks, array[of_payments.interval_kopecks])
    ) as share (service_id, kopecks)
    where of_payments.interval_kind in ('debt', 'refund') and of_payments.credit_kind = 'payment'

    union all

    -- What a refund opened again, with the services that it had gone to.
    select
        of_payments.account_id,
        of_payments.organisation_id,
        of_payments.reopened_by_id as payment_id,
        of_payments.opened_date as paid_date,
        of_payments.opened_date as falls_date,
        of_payments.period,
        share.service_id,
        false as is_award,
        -share.kopecks as kopecks
    from of_payments
    cross join lateral unnest(
        coalesce(of_payments.service_ids, array[cast(null as integer)]),
        coalesce(of_payments.service_kopecks, array[of_payments.interval_kopecks])
    ) as share (service_id, kopecks)
    where of_payments.reopened_by_kind = 'payment'

    union all

    -- Money that waits, or waited until it was given back.
    select
        of_payments.account_id,
        of_payments.organisation_id,
        of_payments.credit_id as payment_id,
        of_payments.credit_date as paid_date,
        of_payments.credit_date as falls_date,
        cast(null as date) as period,
        cast(null as integer) as service_id,
        false as is_award,
        -of_payments.interval_kopecks as kopecks
    from of_payments
    where
        of_payments.interval_kind = 'advance'
        and of_payments.credit_kind = 'payment'
        and (of_payments.closed_date is null or of_payments.refund_id is not null)

    union all

    select
        of_payments.account_id,
        of_payments.organisation_id,
        of_payments.refund_id as payment_id,
        of_payments.closed_date as paid_date,
        of_payments.closed_date as falls_date,
        cast(null as date) as period,
        cast(null as integer) as service_id,
        false as is_award,
        of_payments.interval_kopecks as kopecks
    from of_payments
    where of_payments.interval_kind = 'advance' and of_payments.refund_kind = 'payment'

    union all

    -- Awards that a receipt repaid, or that a refund took back, below zero.
    select
        of_payments.account_id,
        of_payments.organisation_id,
        coalesce(of_payments.refund_id, of_payments.credit_id) as payment_id,
        case when of_payments.refund_id is null then of_payments.credit_date
            else of_payments.opened_date end as paid_date,
        of_payments.opened_date as falls_date,
        cast(null as date) as period,
        cast(null as integer) as service_id,
        true as is_award,
        of_payments.interval_kopecks as kopecks
    from of_payments
    where of_payments.interval_kind = 'award'
)

select
    account_id,
    payment_id,
    organisation_id,
    paid_date,
    falls_date,
    period,
    service_id,
    is_award,
    cast(sum(kopecks) as bigint) as kopecks
from falling
group by
    account_id, payment_id, organisation_id, paid_date, falls_date, period, service_id, is_award
{%- endmacro %}
