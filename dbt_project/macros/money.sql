{#- Roubles from kopecks: exact, with two decimals in the type. -#}
{% macro roubles(kopecks) -%}
    cast(({{ kopecks }}) / 100.0 as numeric(14, 2))
{%- endmacro %}

{#- Kopecks from roubles: whole numbers are exact and several times faster than numeric. -#}
{% macro kopecks(amount) -%}
    cast({{ amount }} * 100 as bigint)
{%- endmacro %}
