{{ config(
    alias='part_penalties',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Penalty of a month over the holders who owe the month, in the proportion of their open parts; to
-- the kopeck. Only of months that are still open: who has paid the month is not asked for it here.
-- Ask it with an account_id.
with months as (
    select
        account_id,
        liability,
        period,
        due_date,
        array_agg(part_no order by part_no) as part_nos,
        array_agg({{ kopecks('part_amount') }} order by part_no) as weights
    from {{ ref('debt_parts') }}
    where organisation_id = any((select ops.visible_organisations())::integer[])
    group by account_id, liability, period, due_date
),

penalties as (
    select
        account_id,
        liability,
        period,
        due_date,
        sum(penalty_amount) as penalty_amount,
        bool_and(is_verified) as is_verified
    from {{ ref('int_penalty_lines_shared') }}
    group by account_id, liability, period, due_date
)

select
    months.account_id,
    months.liability,
    months.period,
    months.due_date,
    part.part_no,
    {{ roubles('part.kopecks') }} as penalty_amount,
    penalties.is_verified
from months
inner join penalties
    on
        months.account_id = penalties.account_id
        and months.liability = penalties.liability
        and months.period = penalties.period
        and months.due_date = penalties.due_date
cross join lateral unnest(
    months.part_nos,
    warehouse.split_exactly(
        {{ kopecks('penalties.penalty_amount') }}, (months.weights)::numeric[]
    )
) as part (part_no, kopecks)
