{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'liability', 'period', 'due_date'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    meta={'is_internal': true},
) }}

-- Materialised where it is asked account by account: the planner must not ask all accounts of the
-- town again for each of them.
with obligations as {% if is_incremental() %}materialized {% endif %}(
    {{ rows_to_rebuild(ref('int_obligations')) }}
),

accounts as (
    select * from {{ ref('int_accounts_placed') }}
)

select
    obligations.account_id,
    obligations.liability,
    obligations.period,
    obligations.due_date,
    accounts.organisation_id,
    obligations.is_due_date_named,
    obligations.arises_date,
    obligations.opened_date,
    {{ roubles('obligations.obligation_kopecks') }} as obligation_amount,
    obligations.charged_kopecks,
    obligations.obligation_kopecks,
    obligations.service_ids,
    obligations.service_kopecks,
    obligations.surplus_dates,
    obligations.surplus_kopecks,
    obligations.surplus_charge_ids
from obligations
inner join accounts on obligations.account_id = accounts.account_id
