{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'period'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
) }}

with turnover as (
    {% if is_incremental() -%}
    select computed.*
    from warehouse.account_to_rebuild as changed
    cross join lateral (
        select per_account.*
        from (
            {{ account_turnover(
                ref('int_accounts_placed'), ref('obligations'), ref('debt_intervals'),
                kopecks('pieces.interval_amount')
            ) }}
        ) as per_account
        where per_account.account_id = changed.account_id
        offset 0
    ) as computed
    {%- else -%}
    {{ account_turnover(
        ref('int_accounts_placed'), ref('obligations'), ref('debt_intervals'),
        kopecks('pieces.interval_amount')
    ) }}
    {%- endif %}
)

select
    account_id,
    period,
    organisation_id,
    house_id,
    opening_balance,
    charged,
    recalculated,
    paid,
    to_awards,
    adjusted,
    written_off,
    closing_balance
from turnover
