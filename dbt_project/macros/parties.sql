{#-
Who held premises when, as CTEs of debt_parts.

`parties` are those who ever held: an owner by share, an organisation, joint owners or tenants as one
(the very same people; with one more or less they are another party). `parties_in_eras` tells on which
days they held, and by which weight: an era is a run of days on which no right began or ended.
-#}
{% macro parties_of_premises(account=none) -%}
{%- set once = 'materialized' if account else 'not materialized' -%}
-- A right that ended before it began was recorded by mistake.
rights as {{ once }} (
    select
        premises_id,
        person_id,
        holder_organisation_id,
        holder_name,
        share_numerator,
        share_denominator,
        right_kind,
        valid_from_date,
        coalesce(valid_to_date, date 'infinity') as last_date,
        case right_kind
            when 'joint_ownership' then 'joint_owners'
            when 'social_tenancy' then 'tenants'
            when 'municipal_property' then 'public_owner'
            else case when person_id is null then 'organisation' else 'owner' end
        end as holder_kind
    from {{ ref('stg_ownerships') }}
    where
        (valid_to_date is null or valid_to_date >= valid_from_date)
        and right_kind <> 'unknown'
        and num_nonnulls(person_id, holder_organisation_id, holder_name) = 1
        {% if account -%}
        and premises_id = (select accounts.premises_id from accounts)
        {%- endif %}
),

eras as (
    select
        premises_id,
        day as first_date,
        coalesce(
            lead(day) over (partition by premises_id order by day) - 1, date 'infinity'
        ) as last_date
    from (
        select
            premises_id,
            valid_from_date as day
        from rights
        union
        select
            premises_id,
            last_date + 1
        from rights
        where last_date < date 'infinity'
    ) as changes
),

rights_in_eras as (
    select
        rights.*,
        eras.first_date as era_first_date,
        eras.last_date as era_last_date,
        warehouse.common_denominator(cast(rights.share_denominator as numeric)) over (
            partition by rights.premises_id
        ) as denominator,
        bool_or(rights.holder_kind = 'tenants') over (
            partition by rights.premises_id, eras.first_date
        ) as is_let
    from eras
    inner join rights
        on
            eras.premises_id = rights.premises_id
            and eras.first_date >= rights.valid_from_date
            and eras.last_date <= rights.last_date
),

held_in_eras as (
    select
        premises_id,
        era_first_date as first_date,
        era_last_date as last_date,
        is_let,
        holder_kind,
        holder_organisation_id,
        holder_name,
        array_agg(distinct person_id order by person_id) filter (where person_id is not null)
            as members,
        -- Tenants answer for the whole flat, whatever is written beside their names.
        case
            when holder_kind = 'tenants' then min(denominator)
            else sum(share_numerator * (denominator / share_denominator))
        end as weight,
        min(denominator) as whole_weight,
        case when count(*) = 1 then min(share_numerator) else 1 end as share_numerator,
        case when count(*) = 1 then min(share_denominator) else 1 end as share_denominator
    from rights_in_eras
    group by
        premises_id, era_first_date, era_last_date, is_let, holder_kind, holder_organisation_id,
        holder_name,
        case when holder_kind in ('joint_owners', 'tenants') then null else person_id end
),

parties_in_eras as {{ 'materialized' if account else '' }} (
    select
        *,
        members[1] as first_person_id,
        holder_kind in ('joint_owners', 'tenants') as is_together,
        cast(dense_rank() over (
            partition by premises_id
            order by holder_kind, members[1], members, holder_organisation_id, holder_name
        ) as integer) as party_no
    from held_in_eras
),

parties as {{ 'materialized' if account else '' }} (
    select distinct
        premises_id,
        party_no,
        holder_kind,
        members,
        holder_organisation_id,
        holder_name
    from parties_in_eras
)
{%- endmacro %}
