{#-
The state duty of one application, in whole roubles (НК 333.19): the fee of a claim, of which an
order costs a share, rounded once, 50 kopecks up (НК 52 п. 6). Above the limit of orders only a claim
is possible, and it costs the whole. Reads the CTE `duty_steps`; null where no scale is in force.
-#}
{% macro filing_duty(amount) -%}
(
    select round(
        least(
            greatest(
                steps.base_rub
                + ({{ amount }} - coalesce(steps.claim_over, 0)) * coalesce(steps.pct_over, 0) / 100,
                coalesce(steps.min_rub, 0)
            ),
            coalesce(steps.max_rub, 'infinity')
        )
        * case when {{ amount }} <= steps.order_max then steps.order_share else 1 end
    )
    from duty_steps as steps
    where
        {{ amount }} > coalesce(steps.claim_over, 0)
        and ({{ amount }} <= steps.claim_upto_incl or steps.claim_upto_incl is null)
)
{%- endmacro %}

{#- The CTEs `duty_steps` and `estimates`, of the day that the build or the session speaks of. -#}
{% macro filing_estimates() -%}
duty_steps as materialized (
    select
        claim.claim_over,
        claim.claim_upto_incl,
        claim.base_rub,
        claim.pct_over,
        claim.min_rub,
        claim.max_rub,
        orders.claim_fee_share_pct / 100 as order_share,
        (
            select max(terms.value)
            from {{ source('reference', 'legal_term') }} as terms
            where
                terms.code = 'court_order_claim_max' and terms.is_enabled
                and terms.valid_from <= (select ops.as_of())
                and (terms.valid_to is null or terms.valid_to >= (select ops.as_of()))
        ) as order_max
    from {{ source('reference', 'state_duty_step') }} as claim
    inner join {{ source('reference', 'state_duty_step') }} as orders
        on claim.forum = orders.forum and claim.payer = orders.payer
    where
        claim.forum = 'SOYU' and claim.payer = 'any' and claim.kind = 'claim'
        and orders.kind = 'court_order'
        and claim.valid_from <= (select ops.as_of())
        and (claim.valid_to is null or claim.valid_to >= (select ops.as_of()))
        and orders.valid_from <= (select ops.as_of())
        and (orders.valid_to is null or orders.valid_to >= (select ops.as_of()))
),

estimates as materialized (
    select
        max(value) filter (where code = 'recovery_share') / 100 as typical_share,
        max(value) filter (where code = 'observation') as observation_months,
        max(value) filter (where code = 'observed_cases_min') as observed_cases_min,
        max(value) filter (where code = 'limitation_reserve') as reserve_days,
        cast(sum(value) filter (where kind = 'unit_cost') as numeric(14, 2)) as unit_cost
    from {{ source('reference', 'filing_economics') }}
)
{%- endmacro %}

{#-
What every application that could be filed today may be expected to bring, and whether to wait. For
all accounts agreements are gathered once (`fence` is «materialized», and `offset 0` keeps what is
gathered apart); where one account is asked for, only its own are looked into («not materialized»).
-#}
{% macro expected_of_applications(fence) -%}
with {{ filing_estimates() }},

-- The day once, so that the twelve months are compared with plain dates.
today as materialized (
    select
        ops.as_of() as day,
        cast(date_trunc('month', ops.as_of()) as date) as this_month,
        cast(date_trunc('month', ops.as_of()) - interval '12 months' as date) as year_ago
),

rates as materialized (
    select * from {{ ref('screen_recovery_rates') }}
),

agreed as {{ fence }} (
    select
        account_id,
        liability,
        period,
        due_date,
        part_no
    from {{ ref('screen_agreed_parts') }}
    where is_put_off
),

-- Hardly any account has family beside its owners, or an agreement: these are looked up, and the
-- others are spared the joining and the sorting.
looked_into as {{ fence }} (
    select account_id
    from {{ ref('debt_parts') }}
    where
        family_ids is not null
        and organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
    union
    select account_id
    from agreed
),

plain_parts as (
    select
        parts.account_id,
        {{ columns_of_asked_parts() }},
        false as is_agreed
    from {{ ref('debt_parts') }} as parts
    where
        {{ is_asked_of_people() }}
        and not exists (
            select 1 from looked_into
            where looked_into.account_id = parts.account_id
        )
),

parts_looked_into as (
    select
        parts.looked_into_id as account_id,
        {{ columns_of_asked_parts() }},
        -- An agreement puts off its own months: later ones may go to court without them.
        agreed.account_id is not null as is_agreed
    from (
        select
            looked_into.account_id as looked_into_id,
            found.*
        from looked_into
        cross join lateral (
            select of_account.* from {{ ref('debt_parts') }} as of_account
            where of_account.account_id = looked_into.account_id
            offset 0
        ) as found
        {{ 'offset 0' if fence == 'materialized' }}
    ) as parts
    left join agreed
        on
            parts.looked_into_id = agreed.account_id
            and parts.liability = agreed.liability
            and parts.period = agreed.period
            and parts.due_date = agreed.due_date
            and parts.part_no = agreed.part_no
    where {{ is_asked_of_people() }}
),

parts as (
    select
        plain_parts.*,
        cast(null as bigint []) as named_family_ids
    from plain_parts
    union all
    select
        parts_looked_into.*,
        {{ family_of_application('is_agreed') }} as named_family_ids
    from parts_looked_into
    -- Not in the order of accounts that they might have: sorting a town takes longer than a hash.
    {{ 'offset 0' if fence == 'materialized' }}
),

applications as (
    select
        parts.account_id,
        parts.organisation_id,
        -- The house of an account is one: fewer keys are put together faster.
        min(parts.house_id) as house_id,
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
        -- Counted afterwards: a count of distinct values here would sort all parts of the town.
        array_agg(parts.period) filter (where parts.claimable_amount > 0) as claimed_periods,
        min(parts.limitation_date) filter (where parts.claimable_amount > 0) as limitation_date,
        -- By so much a month the unpaid has grown in the last twelve whole months.
        cast(coalesce(sum(parts.part_amount) filter (
            where
                parts.period >= (select today.year_ago from today)
                and parts.period < (select today.this_month from today)
        ), 0) / 12 as numeric(14, 2)) as monthly_growth
    from parts
    group by
        parts.account_id, parts.organisation_id, parts.house_id, parts.holder_kind,
        case when parts.debtors is null then parts.holder_person_id end,
        parts.holder_organisation_id, parts.holder_name, parts.debtors,
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
        duty.duty_amount,
        today.day,
        applications.limitation_date - cast(rates.reserve_days as integer) as wait_until
    from applications
    inner join rates on applications.organisation_id = rates.organisation_id
    cross join today
    -- Once an application (offset 0), though it is spoken of in several columns.
    cross join lateral (
        select {{ filing_duty('applications.claim_amount') }} as duty_amount
        offset 0
    ) as duty
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
    (
        select cast(count(distinct claimed.period) as integer)
        from unnest(claimed_periods) as claimed (period)
    ) as claim_months,
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
{%- endmacro %}

{#- What an application is put together from, of a row `parts` of debt_parts. -#}
{% macro columns_of_asked_parts() -%}
parts.organisation_id,
        parts.house_id,
        parts.liability,
        parts.period,
        parts.due_date,
        parts.holder_kind,
        parts.holder_person_id,
        parts.holder_organisation_id,
        parts.holder_name,
        parts.debtors,
        parts.family_ids,
        parts.has_share_problem,
        parts.part_amount,
        parts.claimable_amount,
        parts.limitation_date
{%- endmacro %}

{#- Organisations are sued in arbitration courts, by another scale. -#}
{% macro is_asked_of_people() -%}
parts.organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
        and parts.liability <> 'refund'
        and parts.holder_kind not in ('organisation', 'public_owner')
{%- endmacro %}
