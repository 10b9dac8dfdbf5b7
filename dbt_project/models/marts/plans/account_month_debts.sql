{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'month_start'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    indexes=[{'columns': ['month_start', 'organisation_id']}],
    meta={'ages': true},
) }}

-- A new month begins for every account, so on another day all rows are made anew.
with intervals as (
    select * from {{ ref('debt_intervals') }}
    {% if is_built_today() -%}
    where account_id in (select changed.account_id from warehouse.account_to_rebuild as changed)
    {%- endif %}
),

bands as (
    select * from {{ source('reference', 'debt_band') }}
),

-- An overdue piece stands open at the first days of the months between its due date and its end.
debts as (
    select
        intervals.account_id,
        intervals.organisation_id,
        intervals.house_id,
        cast(month.moment as date) as month_start,
        sum(intervals.interval_amount) as overdue_debt
    from intervals
    cross join lateral generate_series(
        greatest(
            date_trunc('month', greatest(intervals.due_date, intervals.opened_date - 1))
            + interval '1 month',
            date_trunc('year', (select ops.as_of())) - interval '1 year'
        ),
        least(intervals.closed_date - 1, (select ops.as_of())),
        interval '1 month'
    ) as month (moment)
    where
        intervals.interval_kind <> 'advance'
        and (
            intervals.closed_date is null
            or intervals.closed_date > date_trunc('year', (select ops.as_of())) - interval '1 year'
        )
    group by
        intervals.account_id, intervals.organisation_id, intervals.house_id, month.moment
    having sum(intervals.interval_amount) > 0
)

select
    debts.account_id,
    debts.month_start,
    debts.organisation_id,
    debts.house_id,
    cast(debts.overdue_debt as numeric(14, 2)) as overdue_debt,
    bands.band_code
from debts
left join bands
    on
        (
            debts.overdue_debt > bands.amount_from
            or (bands.is_from_inclusive and debts.overdue_debt = bands.amount_from)
        )
        and (
            bands.amount_to is null
            or debts.overdue_debt < bands.amount_to
            or (bands.is_to_inclusive and debts.overdue_debt = bands.amount_to)
        )
