{#-
By how much debt, overdue debt and advances of a house change on a day. A piece counts from the day on
which it opens until the day on which it closes, and is overdue from the day after its due date.
Σ of all days until D is what stands on D, so any day is a sum and none is scanned for.

`pieces` has the columns of debt_intervals and a sign: -1 takes a contribution back.
-#}
{% macro debt_flows(pieces) -%}
with pieces as (
    select
        read.organisation_id,
        read.house_id,
        read.interval_kind <> 'advance' as is_debt,
        read.opened_date,
        read.closed_date,
        case
            when
                read.interval_kind <> 'advance'
                and (read.closed_date is null or read.closed_date > read.due_date + 1)
                then greatest(read.opened_date, read.due_date + 1)
        end as overdue_date,
        read.sign * {{ kopecks('read.interval_amount') }} as kopecks
    from ({{ pieces }}) as read
    -- What is closed on the day on which it would open counts on no day.
    where read.closed_date is null or read.closed_date > read.opened_date
),

moves as (
    select
        pieces.organisation_id,
        pieces.house_id,
        move.flow_date,
        pieces.is_debt,
        move.kopecks,
        move.overdue_kopecks
    from pieces
    cross join lateral (
        values
        (pieces.opened_date, pieces.kopecks, 0),
        (pieces.overdue_date, 0, pieces.kopecks),
        (
            pieces.closed_date,
            -pieces.kopecks,
            case when pieces.overdue_date is null then 0 else -pieces.kopecks end
        )
    ) as move (flow_date, kopecks, overdue_kopecks)
    where move.flow_date is not null
)

select
    organisation_id,
    house_id,
    flow_date,
    coalesce(sum(kopecks) filter (where is_debt), 0) as debt_kopecks,
    sum(overdue_kopecks) as overdue_kopecks,
    coalesce(sum(kopecks) filter (where not is_debt), 0) as advance_kopecks
from moves
group by organisation_id, house_id, flow_date
{%- endmacro %}
