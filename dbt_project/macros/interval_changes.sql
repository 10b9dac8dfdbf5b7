{#-
Sums over all accounts are kept up by what changed in debt_intervals: the pieces that went count with
the opposite sign, those that came with their own. Each reader takes its changes in the transaction
that adds them up, so a build that is killed half-way neither loses nor repeats one.
-#}
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

{#- After debt_intervals: what differs, once for each reader. A full build starts the sums anew. -#}
{% macro note_interval_changes() -%}
    {%- set columns = columns_of_interval_changes() | join(', ') -%}
    {%- if is_incremental() -%}
        insert into warehouse.interval_change (reader, sign, {{ columns }})
        select reader.reader, piece.*
        from unnest(array['{{ readers_of_intervals() | join("', '") }}']) as reader (reader)
        cross join (
            select -1, {{ columns }} from gone_rows
            union all
            select 1, {{ columns }} from come_rows
        ) as piece
    {%- else -%}
        select 1
    {%- endif -%}
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

{#- In the transaction that added them up. -#}
{% macro forget_interval_changes(reader) -%}
    {%- if is_incremental() -%}
        delete from warehouse.interval_change where reader = '{{ reader }}'
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
