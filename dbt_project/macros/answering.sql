{#-
Who is asked for the part of a party, by month; reads the CTEs of parties_of_premises.

`answering` has a row for a party and a run of months in which the answer is the same, unless that
answer is simply «the owner himself»: then there is none. `debtors` lists people as JSON,
[{"person_id": 1, "kind": "joint", "ward_id": 2}, …], holders first:

* share, joint: who holds the premises, of age in the month (its last day counts: the month falls due
  after it). A child of a tenant does not answer;
* representative: parent or guardian of an owner under age, the `ward_id` (ПП ВС 22 п. 28; СК 60, 64);
* minor: an owner under age for whom nobody was written down;
* family: members of a tenant's family, who answer for all that he owes (ЖК 69 ч. 3).

`family_ids` are the family that lives with an owner and answers with him for utilities only (ЖК 31
ч. 3; ПП ВС 22 п. 29), where the organisation names it. Family means grown-up people who were
registered the whole month; not those who answer separately by agreement, and not the dead.
-#}
{% macro answering_for_parties(account=none) -%}
{%- set of_account = 'account_id = ' ~ account if account else 'true' -%}
-- Months that grown-up people were registered for from the first day to the last.
registered as (
    select
        account_id,
        person_id,
        bool_or(is_close) as is_close,
        range_agg(daterange(first_day, next_day)) as days
    from (
        select
            residencies.account_id,
            residencies.person_id,
            coalesce(residencies.relation in ({{ close_family() }}), false) as is_close,
            greatest(
                residencies.valid_from_date,
                {{ comes_of_age('people.birth_date') }}
            ) as first_day,
            coalesce(residencies.valid_to_date + 1, date 'infinity') as next_day
        from {{ ref('stg_residencies') }} as residencies
        -- One person at a time (offset 0), or everybody would be read for a single account.
        cross join lateral (
            select persons.*
            from {{ ref('stg_persons') }} as persons
            where persons.person_id = residencies.person_id
            offset 0
        ) as people
        where
            residencies.is_permanent
            and people.death_date is null
            {% if account -%}
            and residencies.{{ of_account }}
            {%- endif %}
    ) as of_age
    where first_day < next_day
    group by account_id, person_id
),

apart as (
    select
        account_id,
        person_id,
        range_agg(daterange(
            valid_from_date, coalesce(valid_to_date + 1, date 'infinity')
        )) as days
    from {{ ref('stg_separate_liabilities') }}
    where {{ of_account }}
    group by account_id, person_id
),

lodgers as (
    select
        registered.account_id,
        registered.person_id,
        registered.is_close,
        {{ month_of("lower(run.days) + interval '1 month' - interval '1 day'") }} as first_month,
        {{ month_of('upper(run.days)') }} as next_month
    from registered
    left join apart
        on registered.account_id = apart.account_id and registered.person_id = apart.person_id
    cross join lateral unnest(registered.days - coalesce(apart.days, '{}')) as run (days)
    where
        {{ month_of("lower(run.days) + interval '1 month' - interval '1 day'") }}
        < {{ month_of('upper(run.days)') }}
),

-- Holders who were under age when they came to hold, and the month in which they came of age.
children as (
    select distinct
        rights.account_id,
        rights.person_id,
        {{ month_of(comes_of_age('people.birth_date')) }} as adult_month
    from rights
    cross join lateral (
        select persons.birth_date
        from {{ ref('stg_persons') }} as persons
        where persons.person_id = rights.person_id
        offset 0
    ) as people
    where {{ comes_of_age('people.birth_date') }} > rights.valid_from_date
),

standing_for as (
    select
        children.account_id,
        children.person_id as ward_id,
        representing.representative_id,
        {{ month_of('representing.valid_from_date') }} as first_month,
        least(
            coalesce({{ month_of('representing.valid_to_date + 1') }}, date 'infinity'),
            children.adult_month
        ) as next_month
    from children
    cross join lateral (
        select representatives.*
        from {{ ref('stg_representatives') }} as representatives
        where representatives.person_id = children.person_id
        offset 0
    ) as representing
),

-- Runs of months in which nobody came, left or came of age.
answer_spans as (
    select
        account_id,
        month as first_month,
        coalesce(
            lead(month) over (partition by account_id order by month), date 'infinity'
        ) as next_month
    from (
        select
            account_id,
            date '-infinity' as month
        from accounts
        union
        select
            account_id,
            first_month
        from lodgers
        union
        select
            account_id,
            next_month
        from lodgers
        where next_month < date 'infinity'
        union
        select
            accounts.account_id,
            moment.month
        from accounts
        inner join children on accounts.account_id = children.account_id
        left join standing_for
            on
                children.account_id = standing_for.account_id
                and children.person_id = standing_for.ward_id
        cross join lateral (
            values (children.adult_month), (standing_for.first_month), (standing_for.next_month)
        ) as moment (month)
        where moment.month < date 'infinity'
    ) as moments
),

parties_in_time as (
    select
        answer_spans.account_id,
        answer_spans.first_month,
        answer_spans.next_month,
        parties.party_no,
        parties.holder_kind,
        parties.members,
        parties.holder_kind = 'tenants' or coalesce(
            practices.is_family_named,
            exists(
                select 1
                from {{ source('reference', 'legal_term') }}
                where code = 'family_answers_jointly' and is_enabled
            )
        ) as is_family_named
    from answer_spans
    inner join accounts on answer_spans.account_id = accounts.account_id
    inner join parties on accounts.account_id = parties.account_id
    left join {{ ref('stg_family_practices') }} as practices
        on accounts.organisation_id = practices.organisation_id
    where parties.holder_kind in ('owner', 'joint_owners', 'tenants')
),

holders_asked as (
    select
        held.account_id,
        held.party_no,
        held.holder_kind,
        held.first_month,
        held.next_month,
        coalesce(standing_for.representative_id, member.person_id) as person_id,
        case
            when standing_for.representative_id is not null then 'representative'
            when held.first_month < children.adult_month then 'minor'
            when held.holder_kind = 'owner' then 'share'
            else 'joint'
        end as asked_as,
        case when standing_for.representative_id is not null then member.person_id end as ward_id
    from parties_in_time as held
    cross join lateral unnest(held.members) as member (person_id)
    left join children
        on held.account_id = children.account_id and member.person_id = children.person_id
    left join standing_for
        on
            held.account_id = standing_for.account_id
            and member.person_id = standing_for.ward_id
            and held.first_month >= standing_for.first_month
            and held.first_month < standing_for.next_month
    where
        held.holder_kind <> 'tenants'
        or children.adult_month is null
        or held.first_month >= children.adult_month
        -- Children of a tenant do not answer; where all tenants are children, their parents do.
        or not exists (
            select 1
            from unnest(held.members) as other (person_id)
            where not exists (
                select 1
                from children as under_age
                where
                    under_age.account_id = held.account_id
                    and under_age.person_id = other.person_id
                    and under_age.adult_month > held.first_month
            )
        )
),

-- Parties of which somebody lives in the flat himself.
at_home as (
    select distinct
        held.account_id,
        held.party_no,
        held.first_month
    from parties_in_time as held
    cross join lateral unnest(held.members) as member (person_id)
    inner join lodgers
        on
            held.account_id = lodgers.account_id
            and member.person_id = lodgers.person_id
            and held.first_month >= lodgers.first_month
            and held.first_month < lodgers.next_month
),

family_asked as (
    select
        held.account_id,
        held.party_no,
        held.holder_kind,
        held.first_month,
        held.next_month,
        lodgers.person_id
    from parties_in_time as held
    inner join lodgers
        on
            held.account_id = lodgers.account_id
            and held.first_month >= lodgers.first_month
            and held.first_month < lodgers.next_month
    left join at_home
        on
            held.account_id = at_home.account_id
            and held.party_no = at_home.party_no
            and held.first_month = at_home.first_month
    where
        held.is_family_named
        and lodgers.person_id <> all(held.members)
        -- Whoever lives there without the owner does not live with him.
        and (held.holder_kind = 'tenants' or (lodgers.is_close and at_home.party_no is not null))
        -- Who is asked for a child of the party already is not asked twice.
        and not exists (
            select 1
            from holders_asked
            where
                holders_asked.account_id = held.account_id
                and holders_asked.party_no = held.party_no
                and holders_asked.first_month = held.first_month
                and holders_asked.person_id = lodgers.person_id
                and holders_asked.asked_as = 'representative'
        )
),

answering as {{ 'materialized' if account else '' }} (
    select
        asked.account_id,
        asked.party_no,
        asked.first_month,
        asked.next_month,
        case
            when bool_or(asked.asked_as not in ('share', 'family') or asked.is_of_tenants)
                then jsonb_agg(told.entry order by asked.place, asked.person_id, asked.ward_id)
                filter (where asked.asked_as <> 'family' or asked.is_of_tenants)
        end as debtors,
        array_agg(asked.person_id order by asked.person_id)
            filter (where asked.asked_as = 'family' and not asked.is_of_tenants) as family_ids
    from (
        select
            account_id,
            party_no,
            first_month,
            next_month,
            person_id,
            asked_as,
            ward_id,
            holder_kind = 'tenants' as is_of_tenants,
            1 as place
        from holders_asked
        union all
        select
            account_id,
            party_no,
            first_month,
            next_month,
            person_id,
            'family' as asked_as,
            cast(null as bigint) as ward_id,
            holder_kind = 'tenants' as is_of_tenants,
            2 as place
        from family_asked
    ) as asked
    cross join lateral (
        select jsonb_strip_nulls(jsonb_build_object(
            'person_id', asked.person_id, 'kind', asked.asked_as, 'ward_id', asked.ward_id
        )) as entry
    ) as told
    group by asked.account_id, asked.party_no, asked.first_month, asked.next_month
    having bool_or(asked.asked_as <> 'share' or asked.is_of_tenants)
)
{%- endmacro %}

{#- The day on which somebody comes of age (ГК 21), by the term of the law. -#}
{% macro comes_of_age(birth_date) -%}
    cast({{ birth_date }} + (select ops.age_of_majority()) as date)
{%- endmacro %}

{#- The first day of the month of a day. -#}
{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{#-
How registration cards name those who are family of an owner by the law itself (ЖК 31 ч. 1: spouse,
children and parents who live with him), and those taken in as members of his family. A person who is
merely registered is not: the Supreme Court narrowed it so (5-КГ24-46-К2).
-#}
{% macro close_family() -%}
    'супруг', 'супруга', 'муж', 'жена', 'сын', 'дочь', 'отец', 'мать', 'родитель',
    'член семьи', 'член семьи собственника'
{%- endmacro %}
