{#-
Rows of a per-account view for the accounts that this build touches.

A full build reads the view whole. An incremental one asks it account by account: the views are
written so that `where account_id = …` reaches the indexes, and `offset 0` keeps the planner from
turning the question back into one join over everything.
-#}
{% macro rows_to_rebuild(relation) -%}
    {%- if is_incremental() -%}
        select computed.*
        from warehouse.account_to_rebuild as changed
        cross join lateral (
            select per_account.* from {{ relation }} as per_account
            where per_account.account_id = changed.account_id
            offset 0
        ) as computed
    {%- else -%}
        select * from {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- Whether a test of facts looks at the touched accounts only: in an incremental build it does. -#}
{% macro are_only_changes_tested() -%}
    {{ return(flags.WHICH in ('build', 'run') and not flags.FULL_REFRESH) }}
{%- endmacro %}

{#- In an incremental build a test of facts looks at the accounts that were touched. -#}
{% macro only_rebuilt(column='account_id') -%}
    {%- if are_only_changes_tested() -%}
        {{ column }} in (select changed.account_id from warehouse.account_to_rebuild as changed)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The same without accounts whose facts changed after the build took its list. -#}
{% macro is_settled(column='account_id') -%}
    (
        {{ only_rebuilt(column) }}
        and {{ column }} not in (select newer.account_id from ops.account_change as newer)
    )
{%- endmacro %}

{#- Facts for such a test, as far as the build knew them; by account where few were touched. -#}
{% macro settled_facts(relation) -%}
    {%- if are_only_changes_tested() -%}
        select facts.*
        from warehouse.account_to_rebuild as changed
        cross join lateral (
            select per_account.* from {{ relation }} as per_account
            where per_account.account_id = changed.account_id
            offset 0
        ) as facts
    {%- else -%}
        select facts.* from {{ relation }} as facts
    {%- endif %}
    where
        {{ is_known_to_build('facts.recorded_at') }}
        and facts.account_id not in (select newer.account_id from ops.account_change as newer)
{%- endmacro %}

{#- Whether a fact had been recorded by the moment of knowledge that the build answers for. -#}
{% macro is_known_to_build(recorded_at) -%}
    {{ recorded_at }} <= (
        select build.known_at from warehouse.build order by build.build_id desc limit 1
    )
{%- endmacro %}

{#- Whether the last whole build answered for the same day, so that no debt has aged since. -#}
{% macro is_built_today() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set same_day -%}
        select coalesce((
            -- The day of the running build, which midnight cannot change between two questions.
            select build.as_of = (
                select running.as_of from warehouse.build as running where running.is_running
            )
            from warehouse.build
            where build.finished_at is not null order by build.build_id desc limit 1
        ), false)
    {%- endset -%}
    {{ return(run_query(same_day).rows[0][0]) }}
{%- endmacro %}

{#-
A table made anew has no statistics until the server finds time: the next incremental build, and the
screens, would read it whole. It is told at once what is in it.
-#}
{% macro tell_the_planner() -%}
    {%- if is_incremental() -%}
        select 1
    {%- else -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
