{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    indexes=[
        {'columns': ['organisation_id', 'stage']},
        {'columns': ['house_id']},
        {'columns': ['limitation_date']},
    ],
    meta={'ages': true},
) }}

-- On the day of the last build only changed accounts differ; on another day every month has aged.
with parts as (
    select * from {{ ref('debt_parts') }}
    {% if is_built_today() -%}
    where account_id in (select changed.account_id from warehouse.account_to_rebuild as changed)
    {%- endif %}
),

-- Everybody who is asked together is one application; family joins that of the owner.
named as (
    select
        account_id,
        holder_kind,
        case when debtors is null then holder_person_id end as sole_person_id,
        holder_organisation_id,
        holder_name,
        debtors,
        {{ family_of_application() }} as family_ids
    from parts
    where claimable_amount > 0
),

applications as (
    select
        account_id,
        count(distinct row(
            holder_kind, sole_person_id, holder_organisation_id, holder_name, debtors, family_ids
        )) as application_count
    from named
    group by account_id
),

debts as (
    select
        account_id,
        sum(part_amount) filter (where is_due) as due_amount,
        sum(claimed_amount) as claimed_amount,
        sum(unclaimed_amount) filter (where is_due) as unclaimed_amount,
        sum(claimable_amount) as claimable_amount,
        sum(unclaimed_amount) filter (where is_time_barred) as time_barred_amount,
        count(distinct period) filter (where claimable_amount > 0) as claimable_months,
        min(period) filter (where claimable_amount > 0) as first_month,
        max(period) filter (where claimable_amount > 0) as last_month,
        min(limitation_date) filter (where claimable_amount > 0) as limitation_date,
        bool_or(holder_kind = 'unknown') as has_unknown_holder,
        bool_or(holder_kind in ('organisation', 'public_owner')) as has_legal_holder,
        bool_or(has_share_problem) as has_share_problem,
        bool_or(is_held) as is_held
    from parts
    group by account_id
),

-- A case is at work until its months are free again, its money came or the claim was dismissed.
cases as (
    select
        account_id,
        count(*) as open_cases,
        max(case_id) as last_case_id,
        bool_or(issued_date is not null) as has_act
    from {{ ref('stg_court_cases') }}
    where
        is_live and ended_date is null and case_state <> 'dismissed'
        {% if is_built_today() -%}
        and account_id in (select changed.account_id from warehouse.account_to_rebuild as changed)
        {%- endif %}
    group by account_id
),

accounts as (
    select * from {{ ref('accounts') }}
)

select
    accounts.account_id,
    accounts.organisation_id,
    accounts.house_id,
    case
        when cases.has_act then 'enforcement'
        when cases.account_id is not null then 'court'
        else 'pretrial'
    end as stage,
    cast(coalesce(debts.due_amount, 0) as numeric(14, 2)) as due_amount,
    cast(coalesce(debts.claimed_amount, 0) as numeric(14, 2)) as claimed_amount,
    cast(coalesce(debts.unclaimed_amount, 0) as numeric(14, 2)) as unclaimed_amount,
    cast(coalesce(debts.claimable_amount, 0) as numeric(14, 2)) as claimable_amount,
    cast(coalesce(debts.time_barred_amount, 0) as numeric(14, 2)) as time_barred_amount,
    cast(coalesce(debts.claimable_months, 0) as integer) as claimable_months,
    debts.first_month,
    debts.last_month,
    debts.limitation_date,
    cast(coalesce(applications.application_count, 0) as integer) as application_count,
    coalesce(debts.has_unknown_holder, false) as has_unknown_holder,
    coalesce(debts.has_legal_holder, false) as has_legal_holder,
    coalesce(debts.has_share_problem, false) as has_share_problem,
    coalesce(debts.is_held, false) as is_held,
    cast(coalesce(cases.open_cases, 0) as integer) as open_cases,
    cases.last_case_id
from debts
full join cases on debts.account_id = cases.account_id
left join applications on debts.account_id = applications.account_id
inner join accounts on coalesce(debts.account_id, cases.account_id) = accounts.account_id
where debts.due_amount > 0 or cases.account_id is not null
