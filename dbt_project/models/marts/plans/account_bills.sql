{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'period'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
) }}

with bills as (
    {{ rows_to_rebuild(ref('int_account_bills')) }}
)

select
    account_id,
    period,
    organisation_id,
    house_id,
    issued_date,
    has_penalty_information,
    has_penalty,
    penalty_amount,
    is_penalty_due
from bills
