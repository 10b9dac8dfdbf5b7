{#-
Kopecks of a line of penalty that fall to its days within `days` (a daterange): the whole line as it
stands where no day is cut off, else the days that are left, rounded as a line is. `lines` is the
name of the row around, with days, penalty_kopecks, base_amount, rate_pct and denominator.
-#}
{% macro penalty_within(lines, days) -%}
case
    when {{ lines }}.days <@ {{ days }} then {{ lines }}.penalty_kopecks
    else cast(warehouse.penalty_sum(
        {{ lines }}.base_amount,
        {{ lines }}.rate_pct,
        upper({{ lines }}.days * {{ days }}) - lower({{ lines }}.days * {{ days }}),
        {{ lines }}.denominator
    ) * 100 as bigint)
end
{%- endmacro %}
