{#-
How each payment falls to services (the start of ПП РФ 253): what it closed, by service; what it left
waiting; what a refund took back, below zero. Pieces are divided by largest remainder already, so
Σ rows of a payment = the payment. Rows without a service have none: money that waits, or a refund of
what was never charged.
-#}
{% macro payment_services(intervals) -%}
with pieces as (
    select * from {{ intervals }}
),

falling as (
    -- What a payment closed, on the day on which it closed it.
    select
        pieces.account_id,
        pieces.organisation_id,
        pieces.credit_id as payment_id,
        pieces.credit_date as paid_date,
        pieces.closed_date as falls_date,
        pieces.period,
        share.service_id,
        share.kopecks
    from pieces
    cross join lateral unnest(
        coalesce(pieces.service_ids, array[cast(null as integer)]),
        coalesce(pieces.service_kopecks, array[pieces.interval_kopecks])
    ) as share (service_id, kopecks)
    where pieces.interval_kind <> 'advance' and pieces.credit_kind = 'payment'

    union all

    -- What a refund opened again, with the services that it had gone to.
    select
        pieces.account_id,
        pieces.organisation_id,
        pieces.reopened_by_id as payment_id,
        pieces.opened_date as paid_date,
        pieces.opened_date as falls_date,
        pieces.period,
        share.service_id,
        -share.kopecks as kopecks
    from pieces
    cross join lateral unnest(
        coalesce(pieces.service_ids, array[cast(null as integer)]),
        coalesce(pieces.service_kopecks, array[pieces.interval_kopecks])
    ) as share (service_id, kopecks)
    where pieces.reopened_by_kind = 'payment'

    union all

    -- Money that waits, or waited until it was given back.
    select
        pieces.account_id,
        pieces.organisation_id,
        pieces.credit_id as payment_id,
        pieces.credit_date as paid_date,
        pieces.credit_date as falls_date,
        cast(null as date) as period,
        cast(null as integer) as service_id,
        -pieces.interval_kopecks as kopecks
    from pieces
    where
        pieces.interval_kind = 'advance'
        and pieces.credit_kind = 'payment'
        and (pieces.closed_date is null or pieces.refund_id is not null)

    union all

    select
        pieces.account_id,
        pieces.organisation_id,
        pieces.refund_id as payment_id,
        pieces.closed_date as paid_date,
        pieces.closed_date as falls_date,
        cast(null as date) as period,
        cast(null as integer) as service_id,
        pieces.interval_kopecks as kopecks
    from pieces
    where pieces.interval_kind = 'advance' and pieces.refund_kind = 'payment'
)

select
    account_id,
    payment_id,
    organisation_id,
    paid_date,
    falls_date,
    period,
    service_id,
    cast(sum(kopecks) as bigint) as kopecks
from falling
group by account_id, payment_id, organisation_id, paid_date, falls_date, period, service_id
{%- endmacro %}
