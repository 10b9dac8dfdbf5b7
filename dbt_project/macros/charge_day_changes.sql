{#-
Sums over all accounts are kept up by what changed in charge_days, as those of pieces are
(interval_changes.sql): each reader takes its changes in the transaction that adds them up.
-#}
{% macro readers_of_charge_days() -%}
    {{ return(['resource_sums', 'service_charges']) }}
{%- endmacro %}

{% macro columns_of_charge_day_changes() -%}
    {{ return([
        'organisation_id', 'house_id', 'line_date', 'line_kind', 'service_ids', 'line_kopecks',
        'volumes', 'metered_service_ids',
    ]) }}
{%- endmacro %}

{#- After charge_days: what differs, once for each reader. A full build starts the sums anew. -#}
{% macro note_charge_day_changes() -%}
    {%- set columns = columns_of_charge_day_changes() | join(', ') -%}
    {%- if is_incremental() -%}
        insert into warehouse.charge_day_change (reader, sign, {{ columns }})
        select reader.reader, line.*
        from unnest(array['{{ readers_of_charge_days() | join("', '") }}']) as reader (reader)
        cross join (
            select -1, {{ columns }} from gone_rows
            union all
            select 1, {{ columns }} from come_rows
        ) as line
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{#- In the transaction that added them up. -#}
{% macro forget_charge_day_changes(reader) -%}
    {%- if is_incremental() -%}
        delete from warehouse.charge_day_change where reader = '{{ reader }}'
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
