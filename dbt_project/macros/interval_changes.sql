{#- What changed in debt_intervals, for the sums that add its pieces up (noted_changes.sql). -#}
{% macro readers_of_intervals() -%}
    {{ return(['collection', 'debt_flow', 'service_settlements']) }}
{%- endmacro %}

{% macro columns_of_interval_changes() -%}
    {{ return([
        'account_id', 'organisation_id', 'house_id', 'interval_kind', 'period', 'due_date',
        'opened_date', 'closed_date', 'interval_amount', 'credit_kind', 'credit_date',
        'refund_kind', 'refund_id', 'reopened_by_kind', 'reopened_by_id', 'service_ids',
        'service_kopecks',
    ]) }}
{%- endmacro %}

{#- After debt_intervals. -#}
{% macro note_interval_changes() -%}
    {{ note_changes('interval_change', readers_of_intervals(), columns_of_interval_changes()) }}
{%- endmacro %}

{#- The pieces that a reader adds up: what changed for it, or all. -#}
{% macro pieces_to_read(reader) -%}
    {%- if is_incremental() -%}
        select * from {{ source('warehouse', 'interval_change') }}
        where reader = '{{ reader }}'
    {%- else -%}
        select
            {{ columns_of_interval_changes() | join(',\n            ') }},
            1 as sign
        from {{ ref('debt_intervals') }}
    {%- endif -%}
{%- endmacro %}

{% macro forget_interval_changes(reader) -%}
    {{ forget_changes('interval_change', reader) }}
{%- endmacro %}
