{#-
How an incremental build writes. dbt calls these by their names: incremental_strategy='differences'
is get_incremental_differences_sql.
-#}

{#-
Writes what differs and nothing else: only rows that are no longer true go away and only those that
are new come. A payment changes a few of the hundred pieces of its account; writing all of them anew
costs several times more than finding them, and leaves as many dead rows for screens to read past.

The model has all rows of the changed accounts; with meta.is_computed_whole, those of all accounts;
with meta.ages, those of all when the last build was for another day. What went and what came stays
in gone_rows and come_rows until the end of the transaction, for hooks.
-#}
{% macro get_incremental_differences_sql(arguments) -%}
    {%- set target, computed = arguments.target_relation, arguments.temp_relation -%}
    {%- set key = config.require('unique_key') -%}
    {%- set columns = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set standing = standing_rows(target) -%}
    analyze {{ computed }};

    create temporary table gone_rows on commit drop as
    select was.*
    from ({{ standing }}) as was
    left join {{ computed }} as computed on {{ same_key('was', 'computed', key) }}
    where
        (computed.{{ columns | join(', computed.') }}) is distinct from
        (was.{{ columns | join(', was.') }});

    delete from {{ target }} as was
    using gone_rows as gone
    where {{ same_key('was', 'gone', key) }};

    -- What stands by now is what did not change.
    create temporary table come_rows on commit drop as
    select computed.*
    from {{ computed }} as computed
    left join ({{ standing }}) as standing
        on {{ same_key('standing', 'computed', key) }}
    where standing.{{ key[0] }} is null;

    insert into {{ target }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }} from come_rows
{%- endmacro %}

{#-
The model has changes of sums and not sums: they are added to what stands. Needs a unique constraint
over unique_key that takes two nulls for equal. Sums that came to nothing leave no row.
-#}
{% macro get_incremental_added_up_sql(arguments) -%}
    {%- set target, changes = arguments.target_relation, arguments.temp_relation -%}
    {%- set key = config.require('unique_key') -%}
    {%- set columns = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set sums = columns | reject('in', key) | list -%}
    insert into {{ target }} as standing ({{ columns | join(', ') }})
    select {{ columns | join(', ') }} from {{ changes }}
    on conflict ({{ key | join(', ') }}) do update set
    {%- for amount in sums %}
        {{ amount }} = standing.{{ amount }} + excluded.{{ amount }}{{ ',' if not loop.last }}
    {%- endfor %};

    delete from {{ target }}
    where {% for amount in sums %}{{ amount }} = 0{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}

{#-
A small mart whose key may be null, so that what differs is not looked for: all its rows go and come
in one transaction.
-#}
{% macro get_incremental_made_anew_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='name') | join(', ') -%}
    delete from {{ arguments.target_relation }};

    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}

{#-
The rows of the table that the model computed anew. Those of changed accounts are read through the
index and account by account, however large the table and old its statistics are.
-#}
{% macro standing_rows(relation) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- if meta.get('is_computed_whole') or (meta.get('ages') and not is_built_today()) -%}
        select * from {{ relation }}
    {%- else -%}
        select per_account.*
        from warehouse.account_to_rebuild as changed
        cross join lateral (
            select rows_of_account.* from {{ relation }} as rows_of_account
            where rows_of_account.account_id = changed.account_id
            offset 0
        ) as per_account
    {%- endif -%}
{%- endmacro %}

{% macro same_key(one, other, key) -%}
    {%- for column in key -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
