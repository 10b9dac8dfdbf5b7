{#-
Before anything is built: functions, the book of builds, and the list of accounts to be rebuilt.

Triggers note every account whose facts changed in ops.account_change. A build takes those notes over
into warehouse.account_to_rebuild, where they stay until a whole build has succeeded: a build that was
killed half-way is made good by the next one.
-#}
{% macro prepare_warehouse() %}
{% if execute %}
create schema if not exists warehouse;
-- Granted here and not by every model: two models at once would trip over the same catalogue row.
create schema if not exists marts;
create schema if not exists screens;
-- The live views call the functions of warehouse as the screen that asks; its tables stay closed.
grant usage on schema marts, screens, warehouse to dolgomer_screens;
{{ function_apportion() }}
{{ function_settle_month() }}
{{ function_by_service() }}
{{ function_allocate() }}
{{ function_limitation_end() }}
{{ function_split_month() }}
{{ function_penalty_sum() }}
{{ function_penalty_repaid() }}
{{ function_is_of_age() }}

create table if not exists warehouse.build (
    build_id bigint generated always as identity primary key,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    is_full boolean not null,
    is_running boolean not null default true,
    as_of date not null,
    is_as_of_today boolean not null,
    known_at timestamptz not null,
    reference_digest text,
    project_digest text,
    accounts_rebuilt bigint
);
alter table warehouse.build add column if not exists is_aside boolean not null default false;
create table if not exists warehouse.account_to_rebuild (account_id bigint primary key);
-- What changed in marts.debt_intervals, for each mart that adds it up and has not done so yet.
create table if not exists warehouse.interval_change (
    reader text not null,
    sign smallint not null check (sign in (-1, 1)),
    account_id bigint not null,
    organisation_id integer not null,
    house_id integer,
    interval_kind text not null,
    period date,
    due_date date,
    opened_date date not null,
    closed_date date,
    interval_amount numeric(14, 2) not null,
    credit_kind text,
    credit_date date,
    refund_kind text,
    refund_id bigint,
    reopened_by_kind text,
    reopened_by_id bigint,
    service_ids integer[],
    service_kopecks bigint[]
);
drop table if exists warehouse.collection_part;
-- The same of marts.charge_days. Models that want another shape are built anew and ask for nothing.
do $$
begin
    if to_regclass('warehouse.charge_day_change') is not null and not exists (
        select from pg_attribute
        where attrelid = to_regclass('warehouse.charge_day_change') and attname = 'reader'
    ) then
        drop table warehouse.charge_day_change;
    end if;
end
$$;
create table if not exists warehouse.charge_day_change (
    reader text not null,
    sign smallint not null check (sign in (-1, 1)),
    organisation_id integer not null,
    house_id integer,
    line_date date not null,
    line_kind text not null,
    service_ids integer[],
    line_kopecks bigint[],
    volumes numeric[],
    metered_service_ids integer[]
);

{% if flags.WHICH in ('build', 'run') %}
{% if not flags.FULL_REFRESH and (var('as_of') or var('known_at')) %}
    {{ exceptions.raise_compiler_error(
        "as_of and known_at change every account: build with --full-refresh"
    ) }}
{% endif %}
{{ clear_what_was_left_aside() }}
update warehouse.build set is_running = false where is_running;
insert into warehouse.build (
    is_full, is_aside, as_of, is_as_of_today, known_at, reference_digest, project_digest
)
select
    {{ 'true' if flags.FULL_REFRESH else "to_regclass('marts.debt_intervals') is null" }},
    {{ var("is_aside") }},
    coalesce(nullif('{{ var("as_of") }}', '')::date, ops.as_of()),
    '{{ var("as_of") }}' = '',
    coalesce(nullif('{{ var("known_at") }}', '')::timestamptz, 'infinity'),
    (
        select md5(string_agg(state.table_name || state.checksum, ',' order by state.table_name))
        from reference.table_state as state
    ),
    '{{ var("project_digest") }}';
with taken as (
    delete from ops.account_change returning account_id
)

insert into warehouse.account_to_rebuild (account_id)
-- distinct: an account is noted once for every statement that touched it
select distinct account_id from taken
on conflict do nothing;
analyze warehouse.account_to_rebuild;
{% endif %}
{% endif %}
{% endmacro %}

{#- After a whole and successful build: nothing is left to rebuild. -#}
{% macro finish_build(results) %}
{% if execute and flags.WHICH in ('build', 'run') %}
    {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped', 'runtime error', 'partial success']) | list -%}
    {%- set selected = invocation_args_dict.get('select') or [] -%}
    {%- set is_whole = selected | reject('equalto', 'fqn:*') | list | length == 0
        and not (invocation_args_dict.get('exclude') or [])
        | reject('equalto', 'config.materialized:view') | list -%}
    {%- if not failed and is_whole %}
        update warehouse.build set
            is_running = false,
            finished_at = clock_timestamp(),
            accounts_rebuilt = (
                select case when build.is_full
                    then (select count(*) from ops.account)
                    else (select count(*) from warehouse.account_to_rebuild) end
            )
        where is_running;
        truncate warehouse.account_to_rebuild;
        {#- Sums that were made anew hold what an earlier build had left for them to add. -#}
        {% if flags.FULL_REFRESH -%}
            truncate warehouse.interval_change, warehouse.charge_day_change;
        {%- endif %}
        {% if var('is_aside') -%}
            {{ swap_schemas() }}
        {%- endif %}
        {% if not (var('as_of') or var('known_at')) -%}
            {{ keep_plan_figures() }}
        {%- endif %}
    {%- else %}
        update warehouse.build set is_running = false where is_running;
    {%- endif %}
{% endif %}
{% endmacro %}

{#- The day and the state of knowledge that this build answers for, for the views that it reads. -#}
{% macro use_settings() -%}
    select
        set_config('dolgomer.as_of', '{{ var("as_of") }}', false),
        set_config('dolgomer.known_at', '{{ var("known_at") }}', false)
{%- endmacro %}
