{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'interval_no'],
    on_schema_change='append_new_columns',
    post_hook=["{{ note_interval_changes() }}", "{{ tell_the_planner() }}"],
) }}

with intervals as (
    {% if is_incremental() -%}
    select computed.*
    from warehouse.account_to_rebuild as changed
    cross join lateral (
        select per_account.*
        from (
            {{ debt_intervals(ref('int_accounts_placed'), ref('obligations'), ref('int_credits')) }}
        ) as per_account
        where per_account.account_id = changed.account_id
        offset 0
    ) as computed
    {%- else -%}
    {{ debt_intervals(ref('int_accounts_placed'), ref('obligations'), ref('int_credits')) }}
    {%- endif %}
)

select
    {{ debt_interval_columns() }}
from intervals
