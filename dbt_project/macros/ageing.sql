{#- Columns of the ageing, oldest last; the bounds of each are rows of reference.ageing_bucket. -#}
{% macro ageing_buckets() -%}
    {{ return([
        'advance', 'not_due', 'd001_030', 'd031_060', 'd061_090', 'd091_180', 'd181_365', 'y1_3',
        'y3_plus',
    ]) }}
{%- endmacro %}
