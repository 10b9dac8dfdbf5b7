{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['public_event_id'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_computed_whole': true},
) }}

-- What a publication that names a sum should have named: the overdue debt of its day by the ledger.
with publications as (
    select *
    from {{ ref('stg_public_events') }}
    where
        event_kind = 'publication'
        and event_amount is not null
        and cancels_event_id is null
        and event_date <= (select ops.as_of())
),

organisations as (
    select * from {{ ref('stg_organisations') }}
),

flows as (
    select * from {{ ref('debt_flow') }}
),

-- One reading of the flow for all publications: those that name houses are few.
flows_of_organisations as materialized (
    select
        organisation_id,
        flow_date,
        sum(overdue_change) as overdue_change
    from flows
    group by organisation_id, flow_date
)

select
    publications.public_event_id,
    publications.organisation_id,
    publications.event_date,
    publications.event_amount as announced_amount,
    cast(coalesce(case
        when publications.house_ids is null then (
            select sum(flows_of_organisations.overdue_change)
            from flows_of_organisations
            where
                flows_of_organisations.flow_date <= publications.event_date
                and flows_of_organisations.organisation_id in (
                    select organisations.organisation_id
                    from organisations
                    where
                        organisations.organisation_id = publications.organisation_id
                        or organisations.municipality_id = publications.organisation_id
                )
        )
        else (
            select sum(flows.overdue_change)
            from flows
            where
                flows.flow_date <= publications.event_date
                and flows.house_id = any(publications.house_ids)
                and flows.organisation_id in (
                    select organisations.organisation_id
                    from organisations
                    where
                        organisations.organisation_id = publications.organisation_id
                        or organisations.municipality_id = publications.organisation_id
                )
        )
    end, 0) as numeric(14, 2)) as overdue_debt
from publications
