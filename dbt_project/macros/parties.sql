{#-
Who held the premises of an account when, as CTEs of debt_parts; reads the CTE `accounts`.

`parties` are those who ever held: an owner by share, an organisation, joint owners or tenants as one
(the very same people; with one more or less they are another party). `parties_in_eras` tells on which
days they held, and by which weight: an era is a run of days on which no right began or ended.
-#}
{% macro parties_of_premises(account=none) -%}
-- A right that ended before it began was recorded by mistake.
rights as materialized (
    select
        accounts.account_id,
        own.person_id,
        own.holder_organisation_id,
        own.holder_name,
        own.share_numerator,
        own.share_denominator,
        own.right_kind,
        own.valid_from_date,
        coalesce(own.valid_to_date, date 'infinity') as last_date,
        case own.right_kind
            when 'joint_ownership' then 'joint_owners'
            when 'social_tenancy' then 'tenants'
            when 'municipal_property' then 'public_owner'
            else case when own.person_id is null then 'organisation' else 'owner' end
        end as holder_kind
    from accounts
    -- Each organisation rests on its own record of who holds the premises.
    inner join {{ ref('stg_ownerships') }} as own
        on
            accounts.premises_id = own.premises_id
            and accounts.organisation_id = own.organisation_id
    where
        (own.valid_to_date is null or own.valid_to_date >= own.valid_from_date)
        and own.right_kind <> 'unknown'
        and (
            own.person_id is not null
            or own.holder_organisation_id is not null
            or own.holder_name is not null
        )
        {% if account -%}
        and own.premises_id = (select accounts.premises_id from accounts)
        {%- endif %}
),

eras as (
    select
        account_id,
        day as first_date,
        coalesce(
            lead(day) over (partition by account_id order by day) - 1, date 'infinity'
        ) as last_date
    from (
        select
            account_id,
            valid_from_date as day
        from rights
        union
        select
            account_id,
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
            partition by rights.account_id
        ) as denominator,
        bool_or(rights.holder_kind = 'tenants') over (
            partition by rights.account_id, eras.first_date
        ) as is_let
    from eras
    inner join rights
        on
            eras.account_id = rights.account_id
            and eras.first_date >= rights.valid_from_date
            and eras.last_date <= rights.last_date
),

held_in_eras as (
    select
        account_id,
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
        account_id, era_first_date, era_last_date, is_let, holder_kind, holder_organisation_id,
        holder_name,
        case when holder_kind in ('joint_owners', 'tenants') then null else person_id end
),

parties_in_eras as {{ 'materialized' if account else '' }} (
    select
        *,
        members[1] as first_person_id,
        holder_kind in ('joint_owners', 'tenants') as is_together,
        cast(dense_rank() over (
            partition by account_id
            order by holder_kind, members[1], members, holder_organisation_id, holder_name
        ) as integer) as party_no
    from held_in_eras
),

parties as {{ 'materialized' if account else '' }} (
    select distinct
        account_id,
        party_no,
        holder_kind,
        members,
        holder_organisation_id,
        holder_name
    from parties_in_eras
)
{%- endmacro %}

{#-
The CTEs `windows` and `holders_of_months`: who held the premises in the months of the CTE `months`,
with which weight of the whole. Reads the CTE `accounts` beside it. A month stands in `months` with
its `stood_date`, the day on which its parts are asked about: capital repair falls to the owner of
that day, everything else to those who held the premises in the month itself. `extra` is one more
column of `months` to be handed on.
-#}
{% macro holders_of_months(months, account=none, extra=none) -%}
{{ parties_of_premises(account) }},

public_days as (
    select
        account_id,
        range_agg(daterange(valid_from_date, last_date + 1)) as days
    from rights
    where right_kind = 'municipal_property'
    group by account_id
),

-- The days on which somebody has to have held the premises to owe this month.
windows as (
    select
        open_months.account_id,
        open_months.organisation_id,
        accounts.house_id,
        open_months.liability,
        open_months.period,
        open_months.due_date,
        open_months.stood_date,
        {% if extra %}open_months.{{ extra }},{% endif %}
        open_months.open_kopecks,
        case when passing.passes_on then open_months.stood_date else open_months.period end
            as first_date,
        case
            when passing.passes_on then open_months.stood_date
            else cast(open_months.period + interval '1 month' as date) - 1
        end as last_date,
        -- The month by which it is judged who is of age, and who stands for whom.
        case
            when passing.passes_on then (select {{ month_of('ops.as_of()') }})
            else open_months.period
        end as judged_month
    from {{ months }} as open_months
    inner join accounts on open_months.account_id = accounts.account_id
    left join public_days on open_months.account_id = public_days.account_id
    cross join lateral (
        select
            open_months.liability = 'capital_repair'
            and not coalesce(public_days.days && daterange(
                open_months.period, cast(open_months.period + interval '1 month' as date)
            ), false) as passes_on
    ) as passing
),

-- Days of the month that a party held, by its shares. A social tenant pays for the flat instead of
-- its owner, day by day, but not for capital repair (ЖК 154).
parties_of_months as (
    select
        windows.account_id,
        windows.liability,
        windows.period,
        windows.due_date,
        windows.stood_date,
        held.party_no,
        min(held.first_person_id) as first_person_id,
        bool_or(held.is_together) as is_together,
        sum(
            held.weight * (
                least(held.last_date, windows.last_date)
                - greatest(held.first_date, windows.first_date) + 1
            )
        ) as weight,
        min(held.whole_weight) * min(windows.last_date - windows.first_date + 1) as whole_weight,
        case when min(held.share_numerator) = max(held.share_numerator)
            and min(held.share_denominator) = max(held.share_denominator)
            then min(held.share_numerator) else 1 end as share_numerator,
        case when min(held.share_numerator) = max(held.share_numerator)
            and min(held.share_denominator) = max(held.share_denominator)
            then min(held.share_denominator) else 1 end as share_denominator,
        bool_or(bool_or(held.is_together)) over same_month
        and count(*) over same_month > 1 as are_told_apart
    from windows
    inner join parties_in_eras as held
        on
            windows.account_id = held.account_id
            and windows.first_date <= held.last_date
            and windows.last_date >= held.first_date
            and case
                when windows.liability = 'capital_repair' then held.holder_kind <> 'tenants'
                else held.is_let = (held.holder_kind = 'tenants')
            end
    group by
        windows.account_id, windows.liability, windows.period, windows.due_date,
        windows.stood_date, held.party_no
    window same_month as (
        partition by
            windows.account_id, windows.liability, windows.period, windows.due_date,
            windows.stood_date
    )
),

-- The part of those who hold together bears the number of one of them. Where others held in the same
-- month too, it is somebody who stands in as few of its parties as possible: A and B sold to A and C,
-- and the parts are those of B and of C, so that a case against the one does not meet the other.
told_apart as (
    select distinct on (
        standing.account_id, standing.liability, standing.period, standing.due_date,
        standing.stood_date, standing.party_no
    )
        standing.account_id,
        standing.liability,
        standing.period,
        standing.due_date,
        standing.stood_date,
        standing.party_no,
        standing.person_id
    from (
        select
            months.account_id,
            months.liability,
            months.period,
            months.due_date,
            months.stood_date,
            months.party_no,
            months.is_together,
            member.person_id,
            count(*) over (
                partition by
                    months.account_id, months.liability, months.period, months.due_date,
                    months.stood_date, member.person_id
            ) as parties
        from parties_of_months as months
        inner join parties
            on
                months.account_id = parties.account_id
                and months.party_no = parties.party_no
        cross join lateral unnest(parties.members) as member (person_id)
        where months.are_told_apart
    ) as standing
    where standing.is_together
    order by
        standing.account_id, standing.liability, standing.period, standing.due_date,
        standing.stood_date, standing.party_no, standing.parties, standing.person_id
),

holders as (
    select
        months.account_id,
        months.liability,
        months.period,
        months.due_date,
        months.stood_date,
        months.party_no,
        parties.holder_kind,
        parties.holder_organisation_id,
        parties.holder_name,
        months.weight,
        months.whole_weight,
        months.share_numerator,
        months.share_denominator,
        coalesce(told_apart.person_id, months.first_person_id) as person_id
    from parties_of_months as months
    inner join parties
        on months.account_id = parties.account_id and months.party_no = parties.party_no
    left join told_apart
        on
            months.account_id = told_apart.account_id
            and months.liability = told_apart.liability
            and months.period = told_apart.period
            and months.due_date = told_apart.due_date
            and months.stood_date = told_apart.stood_date
            and months.party_no = told_apart.party_no
),

holders_of_months as (
    select
        account_id,
        liability,
        period,
        due_date,
        stood_date,
        min(whole_weight) as whole_weight,
        sum(weight) as known_weight,
        array_agg(weight order by party_no) as weights,
        array_agg(party_no order by party_no) as party_nos,
        array_agg(holder_kind order by party_no) as kinds,
        array_agg(holder_organisation_id order by party_no) as organisations,
        array_agg(holder_name order by party_no) as names,
        array_agg(person_id order by party_no) as persons,
        array_agg(share_numerator order by party_no) as numerators,
        array_agg(share_denominator order by party_no) as denominators,
        -- Three who changed places within a month: the ledger of claims cannot tell their parts.
        count(person_id) > count(distinct person_id) as are_mixed_up
    from holders
    group by account_id, liability, period, due_date, stood_date
)
{%- endmacro %}
