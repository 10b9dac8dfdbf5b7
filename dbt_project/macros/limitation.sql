{#- The term of limitation in years (ГК 196), as a query of one row. -#}
{% macro years_of_limitation() -%}
select min(value) as years
from {{ source('reference', 'legal_term') }}
where code = 'limitation' and is_enabled
{%- endmacro %}

{#- The first day that has not passed the limitation on the day asked about, as a query of one row. -#}
{% macro first_day_within_limitation() -%}
select cast(ops.as_of() - make_interval(years => min(value)) as date) as first_date
from {{ source('reference', 'legal_term') }}
where code = 'limitation' and is_enabled
{%- endmacro %}
