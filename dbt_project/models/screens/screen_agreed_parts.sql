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
        holds.number,
        holds.state,
        holds.period_from,
        holds.period_to,
        rule.is_of_signers,
        parts.organisation_id,
        parts.holder_kind,
        parts.holder_person_id,
        parts.liabilities,
        parts.periods,
        parts.due_dates,
        parts.part_nos,
        parts.claimable_amounts
    from (
        select
            agreed.account_id,
            agreed.number,
            agreed.state,
            agreed.period_from,
            agreed.period_to,
            agreed as hold
        from {{ source('ops', 'instalment_hold') }} as agreed
        where agreed.organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
    ) as holds
    -- Account by account: together, the parts would be sorted by all that an agreement says.
    cross join lateral (
        select
            found.organisation_id,
            found.holder_kind,
            found.holder_person_id,
            found.debtors,
            found.family_ids,
            array_agg(found.liability) as liabilities,
            array_agg(found.period) as periods,
            array_agg(found.due_date) as due_dates,
            array_agg(found.part_no) as part_nos,
            array_agg(found.claimable_amount) as claimable_amounts
        from {{ ref('debt_parts') }} as found
        where
            found.account_id = holds.account_id
            and found.claimable_amount > 0
            and found.liability <> 'refund'
        group by
            found.organisation_id, found.holder_kind, found.holder_person_id, found.debtors,
            found.family_ids
    ) as parts
    -- Whose debt an agreement puts off is the same for all its months: the rule is asked once
    -- (offset 0), not of every month.
    cross join lateral (
        select
            coalesce(ops.is_put_off(
                holds.hold, holds.period_from, parts.holder_person_id, parts.debtors,
                parts.family_ids
            ), false) as is_of_signers
        offset 0
    ) as rule
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
