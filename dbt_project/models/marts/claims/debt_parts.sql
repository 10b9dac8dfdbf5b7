{{ config(
    materialized='incremental',
    incremental_strategy='differences',
    unique_key=['account_id', 'liability', 'period', 'due_date', 'part_no'],
    on_schema_change='append_new_columns',
    post_hook=["{{ tell_the_planner() }}"],
    indexes=[
        {'columns': ['organisation_id', 'limitation_date']},
        {'columns': ['holder_person_id']},
        {'columns': ['house_id']},
    ],
    meta={'ages': true},
) }}

-- On the day of the last build only changed accounts differ; on another day every month has aged.
with parts as (
    {% if is_built_today() -%}
    select computed.*
    from warehouse.account_to_rebuild as changed
    cross join lateral (
        {{ debt_parts(
            ref('debt_intervals'), kopecks('interval_amount'), account='changed.account_id'
        ) }}
    ) as computed
    {%- else -%}
    {{ debt_parts(ref('debt_intervals'), kopecks('interval_amount')) }}
    {%- endif %}
)

select
    account_id,
    liability,
    period,
    due_date,
    part_no,
    organisation_id,
    house_id,
    holder_kind,
    portion_person_id,
    holder_person_id,
    holder_organisation_id,
    holder_name,
    cast(share_numerator as integer) as share_numerator,
    cast(share_denominator as integer) as share_denominator,
    has_share_problem,
    debtors,
    family_ids,
    {{ roubles('part_kopecks') }} as part_amount,
    {{ roubles('claimed_kopecks') }} as claimed_amount,
    {{ roubles('unclaimed_kopecks') }} as unclaimed_amount,
    {{ claimable('unclaimed_kopecks') }} as claimable_amount,
    live_case_id,
    cancelled_case_id,
    limitation_date,
    is_due,
    is_time_barred,
    is_held
from parts
