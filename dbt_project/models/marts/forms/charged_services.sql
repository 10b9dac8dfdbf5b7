{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'line_kind', 'first_date'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_behind_form': true},
) }}

with charged_services as (
    {% if is_incremental() -%}
    select computed.*
    from warehouse.account_to_rebuild as changed
    cross join lateral (
        select per_account.*
        from (
            {{ charged_services(ref('int_accounts_placed'), ref('charge_days')) }}
        ) as per_account
        where per_account.account_id = changed.account_id
        offset 0
    ) as computed
    {%- else -%}
    {{ charged_services(ref('int_accounts_placed'), ref('charge_days')) }}
    {%- endif %}
)

select
    account_id,
    line_kind,
    first_date,
    last_date,
    organisation_id,
    house_id,
    premises_id,
    service_ids,
    metered_service_ids
from charged_services
