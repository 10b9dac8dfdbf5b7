{{ config(
    alias='portion_debtors',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Whom to ask for a part of the debt, and what stands in the way; ids without names. Ask it with
-- an account_id, or with a list of them.
select
    debtors.account_id,
    debtors.holder_kind,
    debtors.portion_person_id,
    debtors.person_id,
    debtors.liability_kind,
    debtors.represented_person_id,
    debtors.share_numerator,
    debtors.share_denominator,
    debtors.is_minor_alone,
    debtors.is_dead,
    debtors.is_bankrupt,
    debtors.has_identifier,
    debtors.has_birth_date
from {{ ref('int_portion_debtors') }} as debtors
inner join {{ ref('stg_accounts') }} as accounts on debtors.account_id = accounts.account_id
where
    accounts.organisation_id = any((select ops.visible_organisations())::integer[])
    and (select ops.may_see_personal_data())
