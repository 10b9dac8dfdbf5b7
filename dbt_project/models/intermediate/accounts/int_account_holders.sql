-- Who answers to the door on a day: owners by share, otherwise tenants and residents in card order.
with accounts as (
    select * from {{ ref('int_accounts_placed') }}
),

ownerships as (
    select * from {{ ref('stg_ownerships') }}
    where
        valid_from_date <= (select ops.as_of())
        and (valid_to_date is null or valid_to_date >= (select ops.as_of()))
),

residencies as (
    select * from {{ ref('stg_residencies') }}
    where
        valid_from_date <= (select ops.as_of())
        and (valid_to_date is null or valid_to_date >= (select ops.as_of()))
),

persons as (
    select * from {{ ref('stg_persons') }}
),

organisations as (
    select * from {{ ref('stg_organisations') }}
),

candidates as (
    select
        accounts.account_id,
        1 as priority,
        cast(ownerships.share_numerator as numeric) / ownerships.share_denominator as weight,
        ownerships.person_id,
        ownerships.holder_organisation_id,
        ownerships.holder_name
    from accounts
    inner join ownerships
        on
            accounts.premises_id = ownerships.premises_id
            and accounts.organisation_id = ownerships.organisation_id
    where
        ownerships.person_id is not null
        or ownerships.holder_organisation_id is not null
        or ownerships.holder_name is not null
    union all
    select
        residencies.account_id,
        -- A social tenant answers before the municipality that owns the flat.
        case when residencies.relation = 'наниматель' then 0 else 2 end as priority,
        -residencies.card_position as weight,
        residencies.person_id,
        cast(null as integer) as holder_organisation_id,
        cast(null as text) as holder_name
    from residencies
),

ranked as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.account_id
            order by candidates.priority asc, candidates.weight desc, candidates.person_id asc
        ) as place,
        count(*) filter (where candidates.priority = 1) over (
            partition by candidates.account_id
        ) as owner_count
    from candidates
)

select
    ranked.account_id,
    ranked.person_id,
    ranked.holder_organisation_id,
    ranked.owner_count,
    persons.last_name,
    persons.first_name,
    persons.middle_name,
    -- A body that is none of our organisations is known by its name in ЕГРН alone.
    coalesce(
        organisations.organisation_short_name, ranked.holder_name
    ) as holder_organisation_name
from ranked
left join persons on ranked.person_id = persons.person_id
left join organisations on ranked.holder_organisation_id = organisations.organisation_id
where ranked.place = 1
