{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'event_table', 'event_id'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    indexes=[{'columns': ['event_kind', 'event_date']}],
) }}

with events as (
    {{ rows_to_rebuild(ref('int_account_events')) }}
)

select
    account_id,
    event_table,
    event_id,
    organisation_id,
    house_id,
    event_kind,
    event_date,
    event_at,
    result_code,
    event_amount,
    marks,
    document_number,
    promise_date,
    promise_amount,
    days_to_payment,
    overdue_debt,
    band_code,
    debt_in_average_charges,
    is_cancelled,
    is_doubled,
    user_id,
    executor,
    event_source,
    recorded_at
from events
