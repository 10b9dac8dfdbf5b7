{{ config(
    alias='debtor_people',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What a court wants to know of a person, and what bars a claim today; without names. Ask it with a
-- person_id.
select
    people.person_id,
    people.is_dead,
    people.is_bankrupt,
    people.has_identifier,
    people.has_birth_date
from {{ ref('int_debtor_people') }} as people
inner join {{ ref('stg_persons') }} as persons on people.person_id = persons.person_id
where
    persons.organisation_id = any((select ops.visible_organisations())::integer[])
    and (select ops.may_see_personal_data())
