{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'line_date', 'line_kind'],
    on_schema_change='append_new_columns',
    post_hook=["{{ note_charge_day_changes() }}", "{{ tell_the_planner() }}"],
    indexes=[{'columns': ['line_date', 'organisation_id']}],
) }}

with charge_days as (
    {% if is_incremental() -%}
    select computed.*
    from warehouse.account_to_rebuild as changed
    cross join lateral (
        select per_account.*
        from (
            {{ charge_days(ref('int_accounts_placed'), ref('stg_charges'), ref('obligations')) }}
        ) as per_account
        where per_account.account_id = changed.account_id
        offset 0
    ) as computed
    {%- else -%}
    {{ charge_days(ref('int_accounts_placed'), ref('stg_charges'), ref('obligations')) }}
    {%- endif %}
)

select
    account_id,
    line_date,
    line_kind,
    organisation_id,
    house_id,
    service_ids,
    line_kopecks,
    volumes,
    metered_service_ids
from charge_days
