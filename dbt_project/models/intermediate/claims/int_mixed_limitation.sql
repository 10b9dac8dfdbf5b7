-- Open months whose debtors have different terms of limitation: a filing stopped it for some of
-- them only, because it was for the part of one owner, or named one of those who answer jointly.
-- Ask it with an account_id.
-- Read twice, and asked account by account.
with parts as not materialized (
    select * from {{ ref('debt_parts') }}
)

select
    account_id,
    organisation_id,
    liability,
    period,
    due_date
from parts
group by account_id, organisation_id, liability, period, due_date
having
    min(coalesce(limitation_date, date 'infinity'))
    <> max(coalesce(limitation_date, date 'infinity'))
union
select
    parts.account_id,
    parts.organisation_id,
    parts.liability,
    parts.period,
    parts.due_date
from parts
inner join {{ ref('int_claims_that_stop') }} as stops
    on
        parts.account_id = stops.account_id
        and parts.liability = stops.liability
        and parts.period = stops.period
        and (
            parts.portion_person_id is null
            or stops.portion_person_id is null
            or parts.portion_person_id = stops.portion_person_id
        )
cross join lateral ops.people_asked(
    parts.holder_person_id, parts.debtors, parts.family_ids
) as asked
where not exists (
    select 1
    from {{ ref('stg_case_debtors') }} as debtors
    where
        debtors.account_id = stops.account_id
        and debtors.case_id = stops.case_id
        and debtors.person_id = asked.person_id
)
