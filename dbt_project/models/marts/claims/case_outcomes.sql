{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'case_id'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    indexes=[{'columns': ['organisation_id', 'filed_date']}],
    meta={'ages': true},
) }}

-- On the day of the last build only changed accounts differ; on another day every month has aged.
with cases as (
    select * from {{ ref('stg_court_cases') }}
    where
        filed_date is not null
        {% if is_built_today() -%}
        and account_id in (select changed.account_id from warehouse.account_to_rebuild as changed)
        {%- endif %}
),

claimed_months as (
    select
        claimed.account_id,
        claimed.case_id,
        claimed.liability,
        claimed.period,
        claimed.portion_person_id,
        sum(claimed.claimed_amount) as claimed_amount
    from {{ ref('stg_claimed_months') }} as claimed
    inner join cases on claimed.case_id = cases.case_id and claimed.account_id = cases.account_id
    where claimed.claimed_part = 'principal'
    group by
        claimed.account_id, claimed.case_id, claimed.liability, claimed.period,
        claimed.portion_person_id
),

parts as (
    select * from {{ ref('debt_parts') }}
),

-- What of a claimed month is still open is not recovered, whatever way the rest was paid.
still_open as (
    select
        months.account_id,
        months.case_id,
        sum(months.claimed_amount) as claimed_amount,
        sum(least(months.claimed_amount, coalesce(standing.part_amount, 0))) as open_amount
    from claimed_months as months
    left join lateral (
        select sum(parts.part_amount) as part_amount
        from parts
        where
            parts.account_id = months.account_id
            and parts.liability = months.liability
            and parts.period = months.period
            and (
                months.portion_person_id is null
                or parts.holder_person_id = months.portion_person_id
            )
    ) as standing on true
    group by months.account_id, months.case_id
)

select
    cases.account_id,
    cases.case_id,
    cases.organisation_id,
    cases.case_kind,
    cases.filed_date,
    cast(still_open.claimed_amount as numeric(14, 2)) as claimed_amount,
    cast(still_open.claimed_amount - still_open.open_amount as numeric(14, 2))
        as recovered_amount
from cases
inner join still_open
    on cases.case_id = still_open.case_id and cases.account_id = still_open.account_id
