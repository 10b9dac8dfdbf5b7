-- What a court wants to know of a person who is asked for money, on the day asked about; and what
-- stands in the way of asking him.
select
    persons.person_id,
    persons.birth_date,
    persons.death_date,
    persons.birth_date is not null as has_birth_date,
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
