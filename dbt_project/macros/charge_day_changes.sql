{#- After charge_days: what differs, for the sums by service. A full build starts the sums anew. -#}
{% macro note_charge_day_changes() -%}
    {%- if is_incremental() -%}
        insert into warehouse.charge_day_change (
            sign, organisation_id, line_date, line_kind, service_ids, line_kopecks
        )
        select -1, organisation_id, line_date, line_kind, service_ids, line_kopecks from gone_rows
        union all
        select 1, organisation_id, line_date, line_kind, service_ids, line_kopecks from come_rows
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{#- In the transaction that added them up. -#}
{% macro forget_charge_day_changes() -%}
    {%- if is_incremental() -%}
        delete from warehouse.charge_day_change
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
