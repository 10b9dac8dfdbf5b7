{#-
Schemas are named as they are, without the name of the target in front. A full build is made aside,
in schemas of its own, which take the names of the old ones when all of it has succeeded.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- else -%}
        {{ custom_schema_name | trim }}{{ '_next' if var('is_aside') }}
    {%- endif -%}
{%- endmacro %}
