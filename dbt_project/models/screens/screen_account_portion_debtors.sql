{{ config(
    alias='account_portion_debtors',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- The same live: for one account, at any day and state of knowledge. Ask it with an account_id.
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
from {{ ref('int_live_portion_debtors') }}
where
    organisation_id = any((select ops.visible_organisations())::integer[])
    and (select ops.may_see_personal_data())
