{{ config(
    alias='recovery_rates',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What an application of an organisation brings and costs: its own rate where enough of its cases
-- have been observed for long enough, the common estimate elsewhere.
with {{ filing_estimates() }},

organisations as (
    select * from {{ ref('stg_organisations') }}
),

observed as (
    select
        outcomes.organisation_id,
        count(*) as observed_cases,
        sum(outcomes.claimed_amount) as claimed_amount,
        sum(outcomes.recovered_amount) as recovered_amount
    from {{ ref('case_outcomes') }} as outcomes
    cross join estimates
    where
        outcomes.filed_date
        <= (select ops.as_of()) - make_interval(months => cast(estimates.observation_months as int))
    group by outcomes.organisation_id
),

rates as (
    select
        organisations.organisation_id,
        coalesce(observed.observed_cases, 0) as observed_cases,
        coalesce(observed.claimed_amount, 0) as claimed_amount,
        coalesce(observed.recovered_amount, 0) as recovered_amount,
        coalesce(observed.observed_cases >= estimates.observed_cases_min, false) as is_observed,
        case
            when observed.observed_cases >= estimates.observed_cases_min
                then round(observed.recovered_amount / observed.claimed_amount, 4)
            else estimates.typical_share
        end as recovery_share,
        estimates.unit_cost,
        estimates.reserve_days
    from organisations
    cross join estimates
    left join observed on organisations.organisation_id = observed.organisation_id
    where
        organisations.organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
),

-- Within a step the fee is a line: where it meets share × sum less costs, there is the sum that
-- breaks even.
crossings as (
    select
        rates.organisation_id,
        crossing.amount
    from rates
    cross join duty_steps as steps
    cross join lateral (
        select
            steps.order_share * (
                steps.base_rub
                - coalesce(steps.claim_over, 0) * coalesce(steps.pct_over, 0) / 100
            ) as fee_at_zero,
            steps.order_share * coalesce(steps.pct_over, 0) / 100 as fee_per_rouble,
            steps.order_share * coalesce(steps.min_rub, 0) as least_fee
    ) as line
    cross join lateral (
        select ceil(greatest(
            (rates.unit_cost + line.fee_at_zero)
            / nullif(rates.recovery_share - line.fee_per_rouble, 0),
            (rates.unit_cost + line.least_fee) / nullif(rates.recovery_share, 0),
            coalesce(steps.claim_over, 0)
        )) as amount
    ) as crossing
    where
        rates.recovery_share > line.fee_per_rouble
        and (crossing.amount <= steps.claim_upto_incl or steps.claim_upto_incl is null)
        and crossing.amount <= steps.order_max
)

select
    rates.*,
    (
        select cast(min(crossings.amount) as numeric(14, 2)) from crossings
        where crossings.organisation_id = rates.organisation_id
    ) as break_even
from rates
