{#-
First days of the months in which a piece of debt was open while its document was with the bailiffs, from
last January on: `stay` is a row of int_execution_spans, `piece` one of debt_intervals.
-#}
{% macro months_under_execution(stay, piece) -%}
generate_series(
    greatest(
        date_trunc('month', greatest({{ stay }}.sent_date, {{ piece }}.opened_date) - 1)
        + interval '1 month',
        date_trunc('year', (select ops.as_of())) - interval '1 year'
    ),
    least({{ stay }}.returned_date, {{ piece }}.closed_date - 1, (select ops.as_of())),
    interval '1 month'
)
{%- endmacro %}
