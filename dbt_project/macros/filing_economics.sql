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
