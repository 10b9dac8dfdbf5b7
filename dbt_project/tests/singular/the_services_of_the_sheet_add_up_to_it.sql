{{ config(meta={'dagster': {'ref': {'name': 'service_settlements'}}}) }}

-- The sheet by service and the sheet by account are counted apart, the former without what repaid
-- awarded duty and penalty; a shift between services that does not come to nothing would stay in
-- the totals for ever. Organisations whose facts changed while the build ran wait for the next one.
with changed as (
    {{ organisations_being_changed() }}
),

by_account as (
    select
        organisation_id,
        period,
        sum(charged) as charged,
        sum(recalculated) as recalculated,
        sum(paid - to_awards) as paid,
        sum(adjusted) as adjusted,
        sum(written_off) as written_off
    from {{ ref('account_turnover') }}
    group by organisation_id, period
),

moved_by_service as (
    select
        organisation_id,
        line_date,
        charged,
        recalculated,
        0 as paid,
        adjusted,
        0 as written_off
    from {{ ref('service_charges') }}
    union all
    select
        organisation_id,
        line_date,
        0 as charged,
        recalculated,
        paid,
        0 as adjusted,
        written_off
    from {{ ref('service_settlements') }}
),

by_service as (
    select
        organisation_id,
        cast(date_trunc('month', line_date) as date) as period,
        sum(charged) as charged,
        sum(recalculated) as recalculated,
        sum(paid) as paid,
        sum(adjusted) as adjusted,
        sum(written_off) as written_off
    from moved_by_service
    group by organisation_id, cast(date_trunc('month', line_date) as date)
)

select
    coalesce(by_account.organisation_id, by_service.organisation_id) as organisation_id,
    coalesce(by_account.period, by_service.period) as period,
    by_account.charged,
    by_service.charged as charged_by_service,
    by_account.recalculated,
    by_service.recalculated as recalculated_by_service,
    by_account.paid,
    by_service.paid as paid_by_service,
    by_account.adjusted,
    by_service.adjusted as adjusted_by_service,
    by_account.written_off,
    by_service.written_off as written_off_by_service
from by_account
full outer join by_service
    on
        by_account.organisation_id = by_service.organisation_id
        and by_account.period = by_service.period
where
    coalesce(by_account.organisation_id, by_service.organisation_id)
    not in (select changed.organisation_id from changed)
    and (
        coalesce(by_account.charged, 0) <> coalesce(by_service.charged, 0)
        or coalesce(by_account.recalculated, 0) <> coalesce(by_service.recalculated, 0)
        or coalesce(by_account.paid, 0) <> coalesce(by_service.paid, 0)
        or coalesce(by_account.adjusted, 0) <> coalesce(by_service.adjusted, 0)
        or coalesce(by_account.written_off, 0) <> coalesce(by_service.written_off, 0)
    )
