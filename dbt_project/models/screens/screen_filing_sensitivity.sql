{{ config(
    alias='filing_sensitivity',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What an application brings on the average at other sums and other shares of recovery.
with {{ filing_estimates() }},

sums (claim_amount) as (
    values (1000), (2000), (3000), (5000), (7500), (10000), (15000), (20000), (30000), (50000),
    (100000), (200000), (500000)
),

shares as (
    select percents.percent / 100.0 as recovery_share
    from generate_series(10, 90, 10) as percents (percent)
),

priced as (
    select
        cast(sums.claim_amount as numeric(14, 2)) as claim_amount,
        {{ filing_duty('cast(sums.claim_amount as numeric(14, 2))') }} as duty_amount
    from sums
)

select
    priced.claim_amount,
    priced.duty_amount,
    estimates.unit_cost,
    shares.recovery_share,
    cast(shares.recovery_share * priced.claim_amount as numeric(14, 2))
    - priced.duty_amount - estimates.unit_cost as expected_net
from priced
cross join shares
cross join estimates
where (select ops.session_user_id()) is not null
