{#-
Sums over all accounts are kept up by what changed in the rows they add up: the rows that went count
with the opposite sign, those that came with their own. They are noted once for each reader, and each
reader takes its own in the transaction that adds them up, so a build that is killed half-way neither
loses nor repeats one. A full build starts the sums anew and needs no notes.
-#}
{% macro note_changes(kept_in, readers, columns) -%}
    {%- set named = columns | join(', ') -%}
    {%- if is_incremental() -%}
        insert into warehouse.{{ kept_in }} (reader, sign, {{ named }})
        select reader.reader, changed.*
        from unnest(array['{{ readers | join("', '") }}']) as reader (reader)
        cross join (
            select -1, {{ named }} from gone_rows
            union all
            select 1, {{ named }} from come_rows
        ) as changed
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{#- In the transaction that added them up. -#}
{% macro forget_changes(kept_in, reader) -%}
    {%- if is_incremental() -%}
        delete from warehouse.{{ kept_in }} where reader = '{{ reader }}'
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
