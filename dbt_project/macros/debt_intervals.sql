{#-
Pieces of debt, of advance and of awards, account by account.

The same text serves the live view (over int_obligations) and the mart (over the table of
obligations, which the same build has just made), so that both always agree.
-#}
{% macro debt_intervals(accounts, obligations, credits) -%}
with accounts as (
    select * from {{ accounts }}
),

-- Read twice, but not materialised: `where account_id = …` must reach the index.
obligations as not materialized (
    select * from {{ obligations }}
),

paid_credits as (
    select * from {{ credits }}
),

-- Law is data; a past limitation term would come as a row with its own dates.
limitation as (
    {{ years_of_limitation() }}
),

-- Months whose limitation a filing stopped (ГК 204); few accounts have any.
stops_of_accounts as (
    select
        account_id,
        array_agg(period order by filed_date, case_id) as periods,
        array_agg(liability order by filed_date, case_id) as liabilities,
        array_agg(filed_date order by filed_date, case_id) as filed_dates,
        array_agg(ended_date order by filed_date, case_id) as ended_dates,
        array_agg(is_extended order by filed_date, case_id) as is_extended,
        min(least_rest) as least_rest
    from {{ ref('int_claims_that_stop') }}
    group by account_id
),

-- What orders of our cases ask for; few accounts have any.
claims_of_accounts as (
    select
        account_id,
        array_agg(case_id order by case_id, period, liability) as claim_cases,
        array_agg(liability order by case_id, period, liability) as claim_liabilities,
        array_agg(period order by case_id, period, liability) as claim_periods,
        array_agg(claimed_kopecks order by case_id, period, liability) as claim_kopecks,
        array_agg(principal_kopecks order by case_id, period, liability) as principals,
        array_agg(duty_kopecks order by case_id, period, liability) as duties,
        array_agg(penalty_kopecks order by case_id, period, liability) as penalties,
        bool_and(is_duty_first) as is_duty_first
    from {{ ref('int_order_claims') }}
    group by account_id
),

surplus_credits as (
    select
        obligations.account_id,
        'recalculation' as credit_kind,
        surplus.charge_id as credit_id,
        surplus.surplus_date as credit_date,
        surplus.surplus_kopecks as credit_kopecks,
        cast(null as bigint) as reverses_credit_id,
        cast(null as datemultirange) as named_months,
        cast(null as bigint) as order_case_id
    from obligations
    cross join lateral unnest(
        obligations.surplus_dates, obligations.surplus_kopecks, obligations.surplus_charge_ids
    ) as surplus (surplus_date, surplus_kopecks, charge_id)
    where obligations.surplus_dates is not null
),

credits as (
    select * from paid_credits
    union all
    select * from surplus_credits
),

-- On one day receipts come before refunds, and payments before write-offs.
credits_in_order as (
    select
        account_id,
        array_agg(
            credit_kind order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as kinds,
        array_agg(
            credit_id order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as ids,
        -- A reversal names a payment; other credits are numbered apart and must not be taken for one.
        array_agg(
            case when credit_kind = 'payment' then credit_id end
            order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as payment_ids,
        array_agg(
            credit_kind = 'write_off'
            order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as is_write_off,
        array_agg(
            credit_date order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as dates,
        array_agg(
            credit_kopecks order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as kopecks,
        array_agg(
            reverses_credit_id order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as reverses,
        array_agg(
            named_months order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) as named_months,
        -- Receipts under orders of our cases are few.
        array_agg(
            credit_id order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) filter (where order_case_id is not null) as receipt_ids,
        array_agg(
            order_case_id order by credit_date, credit_kopecks < 0, credit_kind, credit_id
        ) filter (where order_case_id is not null) as receipt_cases
    from credits
    group by account_id
),

obligations_in_order as (
    select
        account_id,
        array_agg(due_date order by due_date, period, liability) as due_dates,
        array_agg(period order by due_date, period, liability) as periods,
        array_agg(liability order by due_date, period, liability) as liabilities,
        array_agg(opened_date order by due_date, period, liability) as opened_dates,
        array_agg(arises_date order by due_date, period, liability) as arises_dates,
        array_agg(obligation_kopecks order by due_date, period, liability) as kopecks,
        array_agg(
            cast(row(service_ids, service_kopecks) as warehouse.service_shares)
            order by due_date, period, liability
        ) as shares
    from obligations
    where obligation_kopecks > 0
    group by account_id
),

walked as (
    select
        accounts.account_id,
        accounts.organisation_id,
        accounts.house_id,
        obligations_in_order.due_dates,
        obligations_in_order.periods,
        obligations_in_order.liabilities,
        obligations_in_order.arises_dates,
        credits_in_order.kinds,
        credits_in_order.ids,
        credits_in_order.dates,
        piece.*
    from accounts
    left join obligations_in_order on accounts.account_id = obligations_in_order.account_id
    left join credits_in_order on accounts.account_id = credits_in_order.account_id
    left join stops_of_accounts on accounts.account_id = stops_of_accounts.account_id
    left join claims_of_accounts on accounts.account_id = claims_of_accounts.account_id
    cross join limitation
    -- A number tells where a piece belongs and not how many come before it: a payment that cuts one
    -- month leaves the pieces of the other months as they are, and a build finds nothing to write.
    cross join lateral (
        select
            numbered.*,
            row_number() over (
                partition by
                    numbered.obligation_no,
                    case when numbered.obligation_no is null then numbered.credit_no end
                order by numbered.position
            ) as place
        from warehouse.allocate(
            obligations_in_order.due_dates,
            obligations_in_order.periods,
            obligations_in_order.liabilities,
            obligations_in_order.opened_dates,
            obligations_in_order.arises_dates,
            obligations_in_order.kopecks,
            obligations_in_order.shares,
            credits_in_order.dates,
            credits_in_order.kopecks,
            credits_in_order.named_months,
            credits_in_order.payment_ids,
            credits_in_order.reverses,
            credits_in_order.is_write_off,
            limitation.years,
            warehouse.limitation_dates(
                obligations_in_order.due_dates,
                obligations_in_order.periods,
                obligations_in_order.liabilities,
                limitation.years,
                stops_of_accounts.periods,
                stops_of_accounts.liabilities,
                stops_of_accounts.filed_dates,
                stops_of_accounts.ended_dates,
                stops_of_accounts.is_extended,
                stops_of_accounts.least_rest
            ),
            case when credits_in_order.receipt_ids is not null then cast(row(
                credits_in_order.receipt_ids,
                credits_in_order.receipt_cases,
                claims_of_accounts.claim_cases,
                claims_of_accounts.claim_liabilities,
                claims_of_accounts.claim_periods,
                claims_of_accounts.claim_kopecks,
                claims_of_accounts.principals,
                claims_of_accounts.duties,
                claims_of_accounts.penalties,
                claims_of_accounts.is_duty_first
            ) as warehouse.court_orders) end
        ) with ordinality as numbered (
            obligation_no, piece_kopecks, opened_date, closed_date, credit_no, ended_by, reopened_by,
            service_ids, service_kopecks, position
        )
    ) as piece
)

select
    account_id,
    -- Months count up in the order in which they are due; refunds and advances count down by credit,
    -- awards as they happened: what was awarded first is repaid first, whatever receipt it came from.
    cast(case
        when obligation_no > 0 then obligation_no * 10000 + place
        when obligation_no < 0 then obligation_no * 20000 - place
        when obligation_no = 0 then -15000 - place
        else coalesce(credit_no, 0) * -20000 - 10000 - place
    end as integer) as interval_no,
    organisation_id,
    house_id,
    case
        when obligation_no is null then 'advance'
        when obligation_no < 0 then 'refund'
        when obligation_no = 0 then 'award'
        else 'debt'
    end as interval_kind,
    liabilities[obligation_no] as liability,
    case
        when obligation_no < 0 then cast(date_trunc('month', dates[-obligation_no]) as date)
        else periods[obligation_no]
    end as period,
    case when obligation_no < 0 then dates[-obligation_no] else due_dates[obligation_no] end
        as due_date,
    arises_dates[obligation_no] as arises_date,
    opened_date,
    closed_date,
    piece_kopecks as interval_kopecks,
    kinds[credit_no] as credit_kind,
    ids[credit_no] as credit_id,
    dates[credit_no] as credit_date,
    kinds[ended_by] as refund_kind,
    ids[ended_by] as refund_id,
    kinds[reopened_by] as reopened_by_kind,
    ids[reopened_by] as reopened_by_id,
    service_ids,
    service_kopecks
from walked
{%- endmacro %}

{#- The columns of a piece as the mart and the live view of the screens both show them. -#}
{% macro debt_interval_columns() -%}
    account_id,
    interval_no,
    organisation_id,
    house_id,
    interval_kind,
    liability,
    period,
    due_date,
    arises_date,
    opened_date,
    closed_date,
    {{ roubles('interval_kopecks') }} as interval_amount,
    credit_kind,
    credit_id,
    credit_date,
    refund_kind,
    refund_id,
    reopened_by_kind,
    reopened_by_id,
    service_ids,
    service_kopecks
{%- endmacro %}
