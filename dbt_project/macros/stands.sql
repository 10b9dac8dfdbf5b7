{#-
That a row `step` of the CTE `steps` (account events) takes nothing back and was not taken back: a wrong
one is taken back by another row, and neither counts.
-#}
{% macro stands(step) -%}
{{ step }}.cancels_event_id is null
and not exists (
    select 1
    from steps as back
    where
        back.account_id = {{ step }}.account_id
        and back.cancels_event_id = {{ step }}.account_event_id
)
{%- endmacro %}
