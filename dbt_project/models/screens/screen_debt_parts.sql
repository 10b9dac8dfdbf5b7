{{ config(
    alias='debt_parts',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Who owes which part of the open months, as of the last build; names masked by role.
select
    parts.account_id,
    parts.liability,
    parts.period,
    parts.due_date,
    parts.part_no,
    parts.organisation_id,
    parts.house_id,
    parts.holder_kind,
    parts.portion_person_id,
    parts.holder_person_id,
    case
        when parts.holder_person_id is not null then persons.full_name
        else coalesce(organisations.organisation_short_name, parts.holder_name)
    end as holder_name,
    parts.share_numerator,
    parts.share_denominator,
    parts.has_share_problem,
    parts.debtors,
    parts.family_ids,
    parts.part_amount,
    parts.claimed_amount,
    parts.unclaimed_amount,
    parts.claimable_amount,
    parts.live_case_id,
    parts.cancelled_case_id,
    parts.limitation_date,
    parts.is_due,
    parts.is_time_barred,
    parts.is_held
from {{ ref('debt_parts') }} as parts
left join {{ source('ops', 'person_visible') }} as persons
    on parts.holder_person_id = persons.person_id
left join {{ ref('stg_organisations') }} as organisations
    on parts.holder_organisation_id = organisations.organisation_id
where parts.organisation_id = any((select ops.visible_organisations())::integer[])
