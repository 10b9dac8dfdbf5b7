{{ config(
    alias='filing_economics',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What every application that could be filed today may be expected to bring, and whether to wait.
with {{ filing_estimates() }},

-- The day once (offset 0), so that the twelve months are compared with plain dates.
today as materialized (
    select
        ops.as_of() as day,
        cast(date_trunc('month', ops.as_of()) as date) as this_month,
        cast(date_trunc('month', ops.as_of()) - interval '12 months' as date) as year_ago
),

rates as materialized (
    select * from {{ ref('screen_recovery_rates') }}
),

agreed as materialized (
    select * from {{ ref('screen_agreed_parts') }}
    where is_put_off
),

told_parts as not materialized (
    select
        *,
        -- An agreement puts off its own months: later ones may go to court without them.
        (account_id, liability, period, due_date, part_no) in (
            select
                agreed.account_id,
                agreed.liability,
                agreed.period,
                agreed.due_date,
                agreed.part_no
            from agreed
        ) as is_agreed
    from {{ ref('debt_parts') }}
    where
        organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
        and liability <> 'refund'
        -- Organisations are sued in arbitration courts, by another scale.
        and holder_kind not in ('organisation', 'public_owner')
),

-- Hardly any account has family beside its owners: the others are spared the sorting.
families as (
    select
        account_id,
        liability,
        period,
        due_date,
        part_no,
        {{ family_of_application('is_agreed') }} as named_family_ids
    from told_parts
    where exists (
        select 1
        from {{ ref('debt_parts') }} as any_part
        where any_part.account_id = told_parts.account_id and any_part.family_ids is not null
    )
),

parts as (
    select
        told_parts.*,
        case when told_parts.debtors is null then told_parts.holder_person_id end
            as sole_person_id,
        families.named_family_ids
    from told_parts
    left join families
        on
            told_parts.account_id = families.account_id
            and told_parts.liability = families.liability
            and told_parts.period = families.period
            and told_parts.due_date = families.due_date
            and told_parts.part_no = families.part_no
),

applications as (
    select
        parts.account_id,
        parts.organisation_id,
        parts.house_id,
        parts.holder_kind,
        min(parts.holder_person_id) as holder_person_id,
        parts.holder_organisation_id,
        parts.holder_name,
        parts.debtors,
        parts.named_family_ids as family_ids,
        parts.is_agreed,
        bool_or(parts.has_share_problem) filter (where parts.claimable_amount > 0)
            as has_share_problem,
        sum(parts.claimable_amount) as claim_amount,
        count(distinct parts.period) filter (where parts.claimable_amount > 0) as claim_months,
        min(parts.limitation_date) filter (where parts.claimable_amount > 0) as limitation_date,
        -- By so much a month the unpaid has grown in the last twelve whole months.
        cast(coalesce(sum(parts.part_amount) filter (
            where parts.period >= today.year_ago and parts.period < today.this_month
        ), 0) / 12 as numeric(14, 2)) as monthly_growth
    from parts
    cross join today
    group by
        parts.account_id, parts.organisation_id, parts.house_id, parts.holder_kind,
        parts.sole_person_id, parts.holder_organisation_id, parts.holder_name, parts.debtors,
        parts.named_family_ids, parts.is_agreed
    having sum(parts.claimable_amount) > 0
),

priced as (
    select
        applications.*,
        rates.recovery_share,
        rates.is_observed,
        rates.unit_cost,
        rates.break_even,
        {{ filing_duty('applications.claim_amount') }} as duty_amount,
        today.day,
        applications.limitation_date - cast(rates.reserve_days as integer) as wait_until
    from applications
    inner join rates on applications.organisation_id = rates.organisation_id
    cross join today
),

weighed as (
    select
        priced.*,
        cast(priced.recovery_share * priced.claim_amount as numeric(14, 2))
        - priced.duty_amount - priced.unit_cost as expected_net,
        cast(ceil(
            (priced.break_even - priced.claim_amount) / nullif(priced.monthly_growth, 0)
        ) as integer) as months_needed,
        -- Whole months that may still pass; the first month that would be lost is the limit.
        case when priced.wait_until > priced.day then cast(
            extract(year from age(priced.wait_until, priced.day)) * 12
            + extract(month from age(priced.wait_until, priced.day)) as integer
        ) else 0 end as months_possible
    from priced
)

select
    account_id,
    organisation_id,
    house_id,
    holder_kind,
    holder_person_id,
    holder_organisation_id,
    holder_name,
    debtors,
    family_ids,
    is_agreed,
    has_share_problem,
    claim_amount,
    cast(claim_months as integer) as claim_months,
    limitation_date,
    monthly_growth,
    recovery_share,
    is_observed,
    duty_amount,
    unit_cost,
    expected_net,
    break_even,
    case
        when expected_net >= 0 then 'file'
        when months_needed between 1 and months_possible then 'wait'
        else 'loss'
    end as advice,
    case
        when expected_net < 0 and months_needed between 1 and months_possible then months_needed
    end as wait_months,
    months_needed,
    months_possible
from weighed
