{{ config(
    alias='agreed_parts',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What may be claimed of accounts that have a living agreement by instalments, and which of it an
-- agreement puts off. What nobody signed for may go to court. Nothing is gathered for all accounts
-- first, so that who asks for one account pays for its agreements only.
with asked_together as (
    select
        holds.account_id,
        holds.instalment_agreement_id,
        holds.number,
        holds.state,
        holds.period_from,
        holds.period_to,
        -- Whose debt an agreement puts off is the same for all its months: the rule is asked once.
        coalesce(ops.is_put_off(
            holds.hold, holds.period_from, parts.holder_person_id, parts.debtors, parts.family_ids
        ), false) as is_of_signers,
        parts.organisation_id,
        parts.holder_kind,
        parts.holder_person_id,
        array_agg(parts.liability) as liabilities,
        array_agg(parts.period) as periods,
        array_agg(parts.due_date) as due_dates,
        array_agg(parts.part_no) as part_nos,
        array_agg(parts.claimable_amount) as claimable_amounts
    from (
        select
            agreed.account_id,
            agreed.instalment_agreement_id,
            agreed.number,
            agreed.state,
            agreed.period_from,
            agreed.period_to,
            agreed as hold
        from {{ source('ops', 'instalment_hold') }} as agreed
        where agreed.organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
    ) as holds
    inner join {{ ref('debt_parts') }} as parts on holds.account_id = parts.account_id
    where parts.claimable_amount > 0 and parts.liability <> 'refund'
    group by
        holds.account_id, holds.instalment_agreement_id, holds.number, holds.state,
        holds.period_from, holds.period_to, holds.hold, parts.organisation_id, parts.holder_kind,
        parts.holder_person_id, parts.debtors, parts.family_ids
)

select
    asked.account_id,
    part.liability,
    part.period,
    part.due_date,
    part.part_no,
    asked.organisation_id,
    asked.holder_kind,
    asked.holder_person_id,
    part.claimable_amount,
    bool_or(told.is_put_off) as is_put_off,
    bool_or(told.is_put_off and asked.state = 'kept') as is_kept,
    string_agg(asked.number, ', ' order by asked.number) filter (where told.is_put_off)
        as agreement_numbers
from asked_together as asked
cross join lateral unnest(
    asked.liabilities, asked.periods, asked.due_dates, asked.part_nos, asked.claimable_amounts
) as part (liability, period, due_date, part_no, claimable_amount)
cross join lateral (
    select
        asked.is_of_signers and part.period between asked.period_from and asked.period_to
            as is_put_off
) as told
group by
    asked.account_id, part.liability, part.period, part.due_date, part.part_no,
    asked.organisation_id, asked.holder_kind, asked.holder_person_id, part.claimable_amount
