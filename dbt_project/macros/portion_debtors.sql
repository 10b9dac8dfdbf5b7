{#-
People who are asked for parts of the debt, one row per party and person, out of a query of parts.

A dead owner is told by the ward as well: a claim for his part may not be brought against anybody.
-#}
{% macro portion_debtors(parts) -%}
select
    parties.account_id,
    parties.organisation_id,
    parties.holder_kind,
    parties.holder_person_id as portion_person_id,
    parties.debtors,
    parties.family_ids,
    parties.first_period,
    parties.last_period,
    parties.claimable_amount,
    asked.person_id,
    case asked.asked_as
        when 'minor' then 'share' when 'family' then 'joint' else asked.asked_as
    end as liability_kind,
    asked.asked_as,
    asked.ward_id as represented_person_id,
    parties.share_numerator,
    parties.share_denominator,
    asked.asked_as = 'minor' as is_minor_alone,
    people.is_dead or coalesce(wards.is_dead, false) as is_dead,
    people.is_bankrupt or coalesce(wards.is_bankrupt, false) as is_bankrupt,
    people.has_identifier,
    people.has_birth_date,
    people.death_date
from (
    select
        account_id,
        organisation_id,
        holder_kind,
        holder_person_id,
        debtors,
        family_ids,
        min(period) as first_period,
        max(period) as last_period,
        sum(claimable_amount) as claimable_amount,
        min(share_numerator) as share_numerator,
        min(share_denominator) as share_denominator
    from {{ parts }}
    where holder_person_id is not null
    group by
        account_id, organisation_id, holder_kind, holder_person_id, debtors, family_ids
) as parties
cross join lateral ops.people_asked(
    parties.holder_person_id, parties.debtors, parties.family_ids
) as asked
-- One person at a time (offset 0), or everybody would be looked through for a single account.
cross join lateral (
    select found.*
    from {{ ref('int_debtor_people') }} as found
    where found.person_id = asked.person_id
    offset 0
) as people
left join lateral (
    select
        found.is_dead,
        found.is_bankrupt
    from {{ ref('int_debtor_people') }} as found
    where found.person_id = asked.ward_id
    offset 0
) as wards on true
{%- endmacro %}

{#-
The same for screens: ids without names, of the organisations in sight, for those who may see personal
data.
-#}
{% macro shown_portion_debtors(debtors) -%}
select
    account_id,
    holder_kind,
    portion_person_id,
    debtors,
    family_ids,
    first_period,
    last_period,
    claimable_amount,
    person_id,
    liability_kind,
    asked_as,
    represented_person_id,
    share_numerator,
    share_denominator,
    is_minor_alone,
    is_dead,
    is_bankrupt,
    has_identifier,
    has_birth_date
from {{ debtors }}
where
    organisation_id = any((select ops.visible_organisations())::integer[])
    and (select ops.may_see_personal_data())
{%- endmacro %}
