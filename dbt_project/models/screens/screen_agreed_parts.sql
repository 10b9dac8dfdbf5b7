{{ config(
    alias='agreed_parts',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What may be claimed of accounts that have a living agreement by instalments, and which of it an
-- agreement puts off. What nobody signed for may go to court.
with holds as materialized (
    select
        agreed.account_id,
        agreed.number,
        agreed.state,
        agreed as hold
    from {{ source('ops', 'instalment_hold') }} as agreed
    where agreed.organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
)

select
    parts.account_id,
    parts.liability,
    parts.period,
    parts.due_date,
    parts.part_no,
    parts.organisation_id,
    parts.holder_kind,
    parts.holder_person_id,
    parts.claimable_amount,
    count(*) filter (where told.is_put_off) > 0 as is_put_off,
    count(*) filter (where told.is_put_off and holds.state = 'kept') > 0 as is_kept,
    string_agg(holds.number, ', ' order by holds.number) filter (where told.is_put_off)
        as agreement_numbers
from holds
inner join {{ ref('debt_parts') }} as parts on holds.account_id = parts.account_id
cross join lateral (
    select
        coalesce(ops.is_put_off(
            holds.hold, parts.period, parts.holder_person_id, parts.debtors, parts.family_ids
        ), false) as is_put_off
) as told
where parts.claimable_amount > 0 and parts.liability <> 'refund'
group by
    parts.account_id, parts.liability, parts.period, parts.due_date, parts.part_no,
    parts.organisation_id, parts.holder_kind, parts.holder_person_id, parts.claimable_amount
