{#-
What settles the debt for services, by day: payments and write-offs, and recalculations that pay for
other services than their own. What repaid awarded duty and penalty is no part of it. Money that waits as an advance stands without a service from the day
on which it came until the day on which it closes something; so Σ services of a day is the money of
that day, whatever it closed later.

`pieces` has the columns of debt_intervals and a sign: -1 takes a contribution back.
-#}
{% macro service_settlements(pieces) -%}
-- Read three times, but not materialised: `where account_id = …` must reach the index.
with pieces as not materialized (
    {{ pieces }}
),

lines as (
    -- What credits closed.
    select
        pieces.account_id,
        pieces.organisation_id,
        share.service_id,
        pieces.closed_date as line_date,
        pieces.credit_kind as line_kind,
        pieces.sign * share.kopecks as kopecks
    from pieces
    cross join lateral unnest(
        coalesce(pieces.service_ids, array[cast(null as integer)]),
        coalesce(pieces.service_kopecks, array[{{ kopecks('pieces.interval_amount') }}])
    ) as share (service_id, kopecks)
    where pieces.interval_kind in ('debt', 'refund') and pieces.closed_date is not null

    union all

    -- What refunds and reversals opened again, or opened for the first time.
    select
        pieces.account_id,
        pieces.organisation_id,
        share.service_id,
        pieces.opened_date as line_date,
        pieces.reopened_by_kind as line_kind,
        -pieces.sign * share.kopecks as kopecks
    from pieces
    cross join lateral unnest(
        coalesce(pieces.service_ids, array[cast(null as integer)]),
        coalesce(pieces.service_kopecks, array[{{ kopecks('pieces.interval_amount') }}])
    ) as share (service_id, kopecks)
    where pieces.reopened_by_kind is not null

    union all

    -- An advance comes, and goes when something is closed with it or when it is given back: then it
    -- is the refund that moves money, whatever kind of credit it took the money from.
    select
        pieces.account_id,
        pieces.organisation_id,
        cast(null as integer) as service_id,
        move.line_date,
        move.line_kind,
        pieces.sign * move.kopecks as kopecks
    from pieces
    cross join lateral (
        values
        (pieces.opened_date, pieces.credit_kind, -{{ kopecks('pieces.interval_amount') }}),
        (
            pieces.closed_date,
            coalesce(pieces.refund_kind, pieces.credit_kind),
            {{ kopecks('pieces.interval_amount') }}
        )
    ) as move (line_date, line_kind, kopecks)
    where pieces.interval_kind = 'advance' and move.line_date is not null
)
{%- endmacro %}
