{#-
What pieces contribute to collection: charges by month, receipts by month of the money, month of
origin and service. Σ paid of all rows = Σ payments less what of them repaid awarded duty and penalty:
advances and refunds are rows too, awards pay for no service.

`pieces` has the columns of debt_intervals and a sign: -1 takes a contribution back.
-#}
{% macro collection_contributions(pieces) -%}
with pieces as (
    {{ pieces }}
),

lines as (
    -- What months came to, by service.
    select
        pieces.organisation_id,
        pieces.house_id,
        share.service_id,
        pieces.period,
        pieces.period as origin_period,
        pieces.sign * share.kopecks as charged_kopecks,
        cast(0 as bigint) as paid_kopecks
    from pieces
    cross join lateral unnest(pieces.service_ids, pieces.service_kopecks)
        as share (service_id, kopecks)
    where pieces.interval_kind = 'debt' and pieces.reopened_by_id is null

    union all

    -- What payments closed, in the month in which the money came.
    select
        pieces.organisation_id,
        pieces.house_id,
        share.service_id,
        cast(date_trunc('month', pieces.credit_date) as date) as period,
        pieces.period as origin_period,
        0 as charged_kopecks,
        pieces.sign * share.kopecks as paid_kopecks
    from pieces
    cross join lateral unnest(
        coalesce(pieces.service_ids, array[cast(null as integer)]),
        coalesce(pieces.service_kopecks, array[{{ kopecks('pieces.interval_amount') }}])
    ) as share (service_id, kopecks)
    where pieces.interval_kind in ('debt', 'refund') and pieces.credit_kind = 'payment'

    union all

    -- What refunds re-opened, in the month of the refund.
    select
        pieces.organisation_id,
        pieces.house_id,
        share.service_id,
        cast(date_trunc('month', pieces.opened_date) as date) as period,
        pieces.period as origin_period,
        0 as charged_kopecks,
        -pieces.sign * share.kopecks as paid_kopecks
    from pieces
    cross join lateral unnest(
        coalesce(pieces.service_ids, array[cast(null as integer)]),
        coalesce(pieces.service_kopecks, array[{{ kopecks('pieces.interval_amount') }}])
    ) as share (service_id, kopecks)
    where pieces.reopened_by_kind = 'payment'

    union all

    -- Advances that nothing has used yet, or that were given back later.
    select
        pieces.organisation_id,
        pieces.house_id,
        cast(null as integer) as service_id,
        cast(date_trunc('month', pieces.credit_date) as date) as period,
        cast(null as date) as origin_period,
        0 as charged_kopecks,
        -pieces.sign * {{ kopecks('pieces.interval_amount') }} as paid_kopecks
    from pieces
    where
        pieces.interval_kind = 'advance'
        and pieces.credit_kind = 'payment'
        and (pieces.closed_date is null or pieces.refund_id is not null)

    union all

    -- Advances given back, in the month of the refund.
    select
        pieces.organisation_id,
        pieces.house_id,
        cast(null as integer) as service_id,
        cast(date_trunc('month', pieces.closed_date) as date) as period,
        cast(null as date) as origin_period,
        0 as charged_kopecks,
        pieces.sign * {{ kopecks('pieces.interval_amount') }} as paid_kopecks
    from pieces
    where pieces.interval_kind = 'advance' and pieces.refund_kind = 'payment'
)

select
    organisation_id,
    house_id,
    service_id,
    period,
    origin_period,
    sum(charged_kopecks) as charged_kopecks,
    sum(paid_kopecks) as paid_kopecks
from lines
group by organisation_id, house_id, service_id, period, origin_period
{%- endmacro %}
