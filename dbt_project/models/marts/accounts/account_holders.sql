{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id'],
    on_schema_change='append_new_columns',
    meta={'is_personal': true, 'is_computed_whole': true},
) }}

with holders as (
    select * from {{ ref('int_account_holders') }}
),

accounts as (
    select * from {{ ref('int_accounts_placed') }}
)

select
    holders.account_id,
    accounts.organisation_id,
    holders.person_id,
    cast(holders.owner_count as integer) as owner_count,
    coalesce(
        holders.holder_organisation_name,
        concat_ws(' ', holders.last_name, holders.first_name, holders.middle_name)
    ) as holder_name,
    -- A firm that owns premises is no person; its name is not masked.
    coalesce(
        holders.holder_organisation_name,
        ops.masked_name(holders.last_name, holders.first_name, holders.middle_name)
    ) as masked_holder_name,
    ops.russian_sort_key(coalesce(
        holders.holder_organisation_name,
        concat_ws(' ', holders.last_name, holders.first_name, holders.middle_name)
    )) as holder_sort_key
from holders
inner join accounts on holders.account_id = accounts.account_id
