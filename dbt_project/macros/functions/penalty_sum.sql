{#-
The penalty of a line, roubles rounded to a kopeck: a sum that stood open for some days at a rate of
per cent a year, by the fraction (300 or 130 below the line) that the law gives for its age (ЖК 155).
-#}
{% macro function_penalty_sum() %}
create or replace function warehouse.penalty_sum(
    base numeric, rate_pct numeric, day_count integer, denominator integer
)
returns numeric
language sql immutable parallel safe
return round(base * rate_pct * day_count / (100 * denominator), 2);
{% endmacro %}
