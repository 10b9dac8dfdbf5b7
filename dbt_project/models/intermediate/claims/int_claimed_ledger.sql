-- Live: what each case of an account claims month by month, what of it the court awarded, what came
-- under its order, and what is left. Ask it with an account_id.
select
    one.account_id,
    ledger.case_id,
    ledger.claimed_month_id,
    ledger.liability,
    ledger.period,
    ledger.portion_person_id,
    ledger.claimed_part,
    ledger.penalty_from_date,
    ledger.penalty_to_date,
    {{ roubles('ledger.claimed_kopecks') }} as claimed_amount,
    {{ roubles('ledger.awarded_kopecks') }} as awarded_amount,
    {{ roubles('ledger.recovered_kopecks') }} as recovered_amount,
    {{ roubles('ledger.claimed_kopecks - ledger.recovered_kopecks') }} as rest_amount
from {{ ref('int_accounts_placed') }} as one
cross join lateral (
    with intervals as materialized (
        select
            pieces.*,
            pieces.interval_kopecks as kopecks
        from {{ ref('int_debt_intervals') }} as pieces
        where pieces.account_id = one.account_id
    ),

    {{ recovered_under_orders('one.account_id') }},

    recovered_penalties as (
        select
            order_payments.case_id,
            warehouse.penalty_repaid(
                array_agg(intervals.credit_id order by intervals.interval_no desc),
                array_agg(intervals.kopecks order by intervals.interval_no desc),
                min({{ duty_awarded('cases') }})
            ) as penalty_kopecks
        from intervals
        inner join order_payments on intervals.credit_id = order_payments.payment_id
        inner join {{ ref('stg_court_cases') }} as cases
            on
                order_payments.case_id = cases.case_id
                and order_payments.account_id = cases.account_id
        where intervals.interval_kind = 'award' and intervals.opened_date <= (select ops.as_of())
        group by order_payments.case_id
    ),

    claimed as (
        select
            claimed_months.*,
            cases.principal_awarded_amount,
            cases.penalty_awarded_amount,
            cast(sum(claimed_months.claimed_kopecks) over (
                partition by claimed_months.case_id, claimed_months.claimed_part
            ) as bigint) as part_kopecks,
            row_number() over same_part as place,
            array_agg(cast(claimed_months.claimed_kopecks as numeric)) over (
                partition by claimed_months.case_id, claimed_months.claimed_part
                order by claimed_months.period, claimed_months.claimed_month_id
                rows between unbounded preceding and unbounded following
            ) as weights
        from {{ ref('stg_claimed_months') }} as claimed_months
        inner join {{ ref('stg_court_cases') }} as cases
            on
                claimed_months.case_id = cases.case_id
                and claimed_months.account_id = cases.account_id
        where claimed_months.account_id = one.account_id
        window same_part as (
            partition by claimed_months.case_id, claimed_months.claimed_part
            order by claimed_months.period, claimed_months.claimed_month_id
        )
    )

    select
        claimed.case_id,
        claimed.claimed_month_id,
        claimed.liability,
        claimed.period,
        claimed.portion_person_id,
        claimed.claimed_part,
        claimed.penalty_from_date,
        claimed.penalty_to_date,
        claimed.claimed_kopecks,
        -- The court names one sum: it falls to the months in proportion to what was asked for them.
        (warehouse.split_exactly(
            case claimed.claimed_part
                when 'principal' then {{ kopecks('claimed.principal_awarded_amount') }}
                else {{ kopecks('claimed.penalty_awarded_amount') }}
            end,
            claimed.weights
        ))[claimed.place] as awarded_kopecks,
        case
            when claimed.claimed_part = 'principal' then least(
                coalesce(recovered.recovered_kopecks, 0), claimed.claimed_kopecks
            )
            else (warehouse.split_exactly(
                least(coalesce(recovered_penalties.penalty_kopecks, 0), claimed.part_kopecks),
                claimed.weights
            ))[claimed.place]
        end as recovered_kopecks
    from claimed
    left join recovered_penalties on claimed.case_id = recovered_penalties.case_id
    left join recovered
        on
            claimed.account_id = recovered.account_id
            and claimed.case_id = recovered.case_id
            and claimed.liability = recovered.liability
            and claimed.period = recovered.period
) as ledger
