{{ config(meta={'dagster': {'ref': {'name': 'resource_sums'}}}) }}

-- The report by house and service and the sheet by account are counted apart. Organisations whose
-- facts changed while the build ran wait for the next one.
with changed as (
    {{ organisations_being_changed() }}
),

by_account as (
    select
        organisation_id,
        period,
        sum(charged) as charged,
        sum(recalculated) as recalculated,
        sum(adjusted) as adjusted
    from {{ ref('account_turnover') }}
    group by organisation_id, period
),

by_house as (
    select
        organisation_id,
        cast(date_trunc('month', line_date) as date) as period,
        coalesce(sum(amount) filter (where line_kind = 'charge'), 0) as charged,
        coalesce(sum(amount) filter (where line_kind = 'recalculation'), 0) as recalculated,
        coalesce(sum(amount) filter (where line_kind = 'adjustment'), 0) as adjusted
    from {{ ref('resource_sums') }}
    group by organisation_id, cast(date_trunc('month', line_date) as date)
)

select
    coalesce(by_account.organisation_id, by_house.organisation_id) as organisation_id,
    coalesce(by_account.period, by_house.period) as period,
    by_account.charged,
    by_house.charged as charged_by_house,
    by_account.recalculated,
    by_house.recalculated as recalculated_by_house,
    by_account.adjusted,
    by_house.adjusted as adjusted_by_house
from by_account
full outer join by_house
    on
        by_account.organisation_id = by_house.organisation_id
        and by_account.period = by_house.period
where
    coalesce(by_account.organisation_id, by_house.organisation_id)
    not in (select changed.organisation_id from changed)
    and (
        coalesce(by_account.charged, 0) <> coalesce(by_house.charged, 0)
        or coalesce(by_account.recalculated, 0) <> coalesce(by_house.recalculated, 0)
        or coalesce(by_account.adjusted, 0) <> coalesce(by_house.adjusted, 0)
    )
