{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id'],
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['organisation_id', 'account_number']}, {'columns': ['house_id']}],
    meta={'is_computed_whole': true},
) }}

with accounts as (
    select * from {{ ref('stg_accounts') }}
),

organisations as (
    select * from {{ ref('stg_organisations') }}
),

premises as (
    select * from {{ ref('stg_premises') }}
),

houses as (
    select * from {{ ref('int_house_addresses') }}
),

states as (
    -- distinct on: what holds on the day, by the newest knowledge of it
    select distinct on (account_id)
        account_id,
        is_open,
        billed_area,
        resident_count
    from {{ ref('stg_account_states') }}
    where valid_from_date <= (select ops.as_of())
    order by account_id asc, valid_from_date desc, recorded_at desc
)

select
    accounts.account_id,
    accounts.organisation_id,
    organisations.organisation_short_name as organisation_name,
    premises.premises_id,
    houses.house_id,
    accounts.account_number,
    accounts.unified_number,
    accounts.payer_code,
    houses.house_address,
    premises.premises_number,
    premises.premises_kind,
    houses.house_address || coalesce(
        case premises.premises_kind
            when 'flat' then ', кв. '
            when 'room' then ', комн. '
            when 'parking' then ', м/м '
            else ', пом. '
        end || premises.premises_number, ''
    ) as address,
    houses.house_sort_key || ' ' || lpad(
        coalesce(substring(premises.premises_number from '[0-9]+'), ''), 5, '0'
    ) as address_sort_key,
    states.billed_area as area,
    states.resident_count as residents,
    coalesce(states.is_open, true) as is_open
from accounts
inner join organisations on accounts.organisation_id = organisations.organisation_id
left join premises on accounts.premises_id = premises.premises_id
left join houses on premises.house_id = houses.house_id
left join states on accounts.account_id = states.account_id
