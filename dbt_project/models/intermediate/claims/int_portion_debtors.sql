-- People who answer for a part of the debt on the day asked about, and what stands in the way of
-- asking them. `portion_person_id` is the holder whose part it is, as in int_debt_parts (there it
-- is null for a month that one holder answers for alone; here the holder is always named).
with accounts as (
    select * from {{ ref('int_accounts_placed') }}
),

persons as not materialized (
    select
        persons.person_id,
        persons.birth_date,
        persons.death_date,
        coalesce(persons.birth_date > (select ops.as_of()) - interval '18 years', false)
            as is_minor,
        persons.death_date is not null as is_dead,
        exists(
            select 1
            from {{ ref('stg_person_identifiers') }} as identifiers
            where
                identifiers.person_id = persons.person_id
                and identifiers.identifier_kind <> 'birth_certificate'
        ) as has_identifier,
        exists(
            select 1
            from {{ ref('stg_person_bankruptcies') }} as bankruptcies
            where
                bankruptcies.person_id = persons.person_id
                and bankruptcies.accepted_date <= (select ops.as_of())
                and (
                    bankruptcies.closed_date is null
                    or bankruptcies.closed_date > (select ops.as_of())
                )
        ) as is_bankrupt
    from {{ ref('stg_persons') }} as persons
),

rights as not materialized (
    select * from {{ ref('stg_ownerships') }}
    where person_id is not null and (valid_to_date is null or valid_to_date >= valid_from_date)
),

-- Former owners answer for their months as well, so the rights of all days count.
holders as not materialized (
    select
        accounts.account_id,
        accounts.premises_id,
        accounts.organisation_id,
        rights.person_id,
        case rights.right_kind
            when 'joint_ownership' then 'joint_owners'
            when 'social_tenancy' then 'tenants'
            else 'owner'
        end as holder_kind,
        max(rights.share_numerator) as share_numerator,
        max(rights.share_denominator) as share_denominator,
        min(rights.valid_from_date) as first_date,
        max(coalesce(rights.valid_to_date, date 'infinity')) as last_date
    from accounts
    -- Premises by premises (offset 0), or the rights of the whole town would be read for one.
    cross join lateral (
        select own.*
        from rights as own
        where
            own.premises_id = accounts.premises_id
            and own.organisation_id = accounts.organisation_id
        offset 0
    ) as rights
    where rights.right_kind <> 'unknown'
    group by
        accounts.account_id, accounts.premises_id, accounts.organisation_id, rights.person_id,
        holder_kind
),

-- Those who hold together stand under the first of them; who held before them is another party.
-- Read three times: inlined all the same, so that the account asked for reaches its tables.
portions as not materialized (
    select
        holders.*,
        case holders.holder_kind
            when 'owner' then holders.person_id
            else (
                select min(others.person_id)
                from rights as others
                where
                    others.premises_id = holders.premises_id
                    and others.organisation_id = holders.organisation_id
                    and others.right_kind = case holders.holder_kind
                        when 'tenants' then 'social_tenancy' else 'joint_ownership'
                    end
                    and others.valid_from_date <= holders.last_date
                    and coalesce(others.valid_to_date, date 'infinity') >= holders.first_date
            )
        end as portion_person_id
    from holders
),

-- Capable members of the tenant's family who live with him answer jointly (ЖК 69).
family as (
    select
        tenants.account_id,
        residencies.person_id,
        'tenants' as holder_kind,
        1 as share_numerator,
        1 as share_denominator,
        tenants.portion_person_id
    from (
        select distinct
            portions.account_id,
            portions.portion_person_id
        from portions
        where portions.holder_kind = 'tenants'
    ) as tenants
    inner join {{ ref('stg_residencies') }} as residencies
        on tenants.account_id = residencies.account_id
    where
        residencies.is_permanent
        and residencies.valid_from_date <= (select ops.as_of())
        and (
            residencies.valid_to_date is null or residencies.valid_to_date >= (select ops.as_of())
        )
),

everybody as (
    select
        account_id,
person_id,
holder_kind,
share_numerator,
share_denominator,
portion_person_id
    from portions
    union
    select
        family.account_id,
family.person_id,
family.holder_kind,
family.share_numerator,
        family.share_denominator,
family.portion_person_id
    from family
    where not exists (
        select 1
        from portions
        where
            portions.account_id = family.account_id
            and portions.person_id = family.person_id
            and portions.holder_kind = 'tenants'
    )
),

representatives as (
    select * from {{ ref('stg_representatives') }}
    where
        valid_from_date <= (select ops.as_of())
        and (valid_to_date is null or valid_to_date >= (select ops.as_of()))
)

select
    everybody.account_id,
    everybody.holder_kind,
    everybody.portion_person_id,
    coalesce(representatives.representative_id, everybody.person_id) as person_id,
    case
        when representatives.representative_id is not null then 'representative'
        when everybody.holder_kind = 'owner' then 'share'
        else 'joint'
    end as liability_kind,
    case when representatives.representative_id is not null then everybody.person_id end
        as represented_person_id,
    everybody.share_numerator,
    everybody.share_denominator,
    holder.is_minor and representatives.representative_id is null as is_minor_alone,
    coalesce(representing.is_dead, holder.is_dead) as is_dead,
    coalesce(representing.is_bankrupt, holder.is_bankrupt) as is_bankrupt,
    coalesce(representing.has_identifier, holder.has_identifier) as has_identifier,
    coalesce(representing.birth_date, holder.birth_date) is not null as has_birth_date,
    holder.death_date
from everybody
-- One person at a time (offset 0), or everybody would be looked through for a single account.
cross join lateral (
    select persons.*
    from persons
    where persons.person_id = everybody.person_id
    offset 0
) as holder
left join lateral (
    select own.*
    from representatives as own
    where own.person_id = everybody.person_id and holder.is_minor
    offset 0
) as representatives on true
left join lateral (
    select persons.*
    from persons
    where persons.person_id = representatives.representative_id
    offset 0
) as representing on true
-- Children of a tenant do not answer at all; a minor who holds the flat does, through his parents.
where not (everybody.holder_kind = 'tenants' and holder.is_minor)
