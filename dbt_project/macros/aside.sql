{#-
A full build leaves what screens read as it is until it has succeeded as a whole. It fills schemas
beside them, and the last transaction of the build renames: nobody finds a table or a view missing,
nobody sees new balances beside an old turnover, and a build that failed or was killed changed nothing.
-#}
{% macro schemas_of_models() -%}
    {{ return(['staging', 'intermediate', 'marts', 'screens']) }}
{%- endmacro %}

{#-
What a build that was killed left behind. A build aside takes its own schemas over as they are: dbt
has looked into them by now, and replaces every table.
-#}
{% macro clear_what_was_left_aside() -%}
    {%- for schema in schemas_of_models() %}
        drop schema if exists {{ schema }}_old cascade;
        {% if not var('is_aside') -%}
            drop schema if exists {{ schema }}_next cascade;
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- The new state takes the place of the old one. A name waits for nobody who reads under it. -#}
{% macro swap_schemas() -%}
    {%- for schema in schemas_of_models() %}
        create schema if not exists {{ schema }};
        alter schema {{ schema }} rename to {{ schema }}_old;
        alter schema {{ schema }}_next rename to {{ schema }};
    {%- endfor %}
    grant usage on schema marts, screens to dolgomer_screens;
{%- endmacro %}

{#-
After the swap, and after a build aside that failed. Dropping waits for those who still read the old
state, so it is no part of the transaction that swaps.
-#}
{% macro drop_what_was_replaced() -%}
    {%- if execute and flags.WHICH in ('build', 'run') and var('is_aside') -%}
        commit;
        {%- for schema in schemas_of_models() %}
            drop schema if exists {{ schema }}_old cascade;
            drop schema if exists {{ schema }}_next cascade;
        {%- endfor %}
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
