{{ config(
    alias='plan_verdicts',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Events beside the indicators that read them, without names or telephones. Ask it with the number
-- of an indicator.
with verdicts as (
    select * from {{ ref('int_plan_verdicts') }}
),

accounts as (
    select * from {{ ref('accounts') }}
),

organisations as (
    select * from {{ ref('stg_organisations') }}
),

houses as (
    select * from {{ ref('int_house_addresses') }}
)

select
    verdicts.plan_indicator_id,
    verdicts.period_start,
    verdicts.event_table,
    verdicts.event_id,
    verdicts.account_id,
    accounts.account_number,
    coalesce(
        accounts.address,
        (
            select string_agg(houses.house_address, '; ' order by houses.house_sort_key)
            from houses
            where houses.house_id = any(verdicts.house_ids)
        )
    ) as address,
    verdicts.organisation_id,
    organisations.organisation_short_name as organisation_name,
    verdicts.event_kind,
    verdicts.event_date,
    verdicts.event_at,
    verdicts.result_code,
    verdicts.event_amount,
    verdicts.amount_after,
    verdicts.bailiff_office,
    verdicts.document_number,
    verdicts.days_to_payment,
    verdicts.overdue_debt,
    verdicts.band_code,
    verdicts.debt_in_average_charges,
    verdicts.event_source,
    verdicts.recorded_at,
    verdicts.is_counted,
    verdicts.is_in_denominator,
    verdicts.reason_code
from verdicts
inner join organisations on verdicts.organisation_id = organisations.organisation_id
left join accounts on verdicts.account_id = accounts.account_id
where verdicts.organisation_id = any((select ops.visible_organisations())::integer[])
