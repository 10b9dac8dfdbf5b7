{#-
What this build says of the plans, where the last one said something else: the board shows any day as
it was told then. A build for another day or state of knowledge tells nobody anything and keeps nothing.
-#}
{% macro keep_plan_figures() -%}
    insert into ops.plan_figure (
        plan_indicator_id, organisation_id, period_kind, period_start, as_of_date, figures
    )
    select
        told.plan_indicator_id, told.organisation_id, told.period_kind, told.period_start,
        ops.as_of(), to_jsonb(told)
    from marts.plan_execution as told
    left join lateral (
        select kept.figures
        from ops.plan_figure as kept
        where
            kept.plan_indicator_id = told.plan_indicator_id
            and kept.organisation_id = told.organisation_id
            and kept.period_kind = told.period_kind
            and kept.period_start = told.period_start
        order by kept.plan_figure_id desc
        limit 1
    ) as before on true
    where before.figures is distinct from to_jsonb(told);
{%- endmacro %}
