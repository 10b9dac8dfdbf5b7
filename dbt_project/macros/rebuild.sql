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

{#- Takes the old rows of the touched accounts away, in the transaction that adds the new ones. -#}
{% macro forget_accounts_to_rebuild() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} as old
        using warehouse.account_to_rebuild as changed
        where old.account_id = changed.account_id
    {%- endif -%}
{%- endmacro %}

{#- In an incremental build a test of facts looks at the accounts that were touched. -#}
{% macro only_rebuilt(column='account_id') -%}
    (
        not exists (select 1 from warehouse.build where is_running and not is_full)
        or {{ column }} in (select changed.account_id from warehouse.account_to_rebuild as changed)
    )
{%- endmacro %}

{#- Whether the last whole build answered for the same day, so that no debt has aged since. -#}
{% macro is_built_today() -%}
    {%- if not execute or not is_incremental() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set same_day -%}
        select coalesce((
            select build.as_of = ops.as_of() from warehouse.build
            where build.finished_at is not null order by build.build_id desc limit 1
        ), false)
    {%- endset -%}
    {{ return(run_query(same_day).rows[0][0]) }}
{%- endmacro %}

{#- Takes away the rows that the model is about to write anew: of changed accounts, or all. -#}
{% macro forget_what_is_renewed() -%}
    {%- if is_built_today() -%}
        {{ forget_accounts_to_rebuild() }}
    {%- elif is_incremental() -%}
        delete from {{ this }}
    {%- endif -%}
{%- endmacro %}
