{#-
Who owes which part of every open month, and what of it is claimed already.

A month falls to those who held the premises in it: each by share and by the days of the month on
which he held it (ГК 249; ЖК 153, 158; ПП ВС 22 of 27.06.2017 п. 27). Joint owners, and tenants, are one
party as long as they are the same people. `debtors` and `family_ids` are those who are asked for the
part (see answering.sql). Capital
repair passes to the present owner (ЖК 158 ч. 3), except what a public owner left unpaid. Shares that
come to less than one leave a part to an unknown owner; more than one divide in proportion.

The same text serves the live view and the mart; `kopecks` is the amount of a piece of `intervals`.
With `account` (a column of the query around) all is asked of that account alone, and each thing once.
-#}
{% macro debt_parts(intervals, kopecks, account=none) -%}
{%- set once = 'materialized' if account else 'not materialized' -%}
{%- set of_account = 'account_id = ' ~ account if account else 'true' -%}
with intervals as {{ once }} (
    select
        *,
        {{ kopecks }} as kopecks
    from {{ intervals }}
    where {{ of_account }}
),

open_months as (
    select
        account_id,
        organisation_id,
        coalesce(liability, 'refund') as liability,
        period,
        due_date,
        coalesce(bool_or(service_ids && (
            select array_agg(cast(services.service_id as integer))
            from {{ ref('stg_services') }} as services
            where services.service_kind = 'utility'
        )), false) as has_utilities,
        (select ops.as_of()) as stood_date,
        cast(sum(kopecks) as bigint) as open_kopecks
    from intervals
    where
        interval_kind <> 'advance'
        and opened_date <= (select ops.as_of())
        and (closed_date is null or closed_date > (select ops.as_of()))
    group by account_id, organisation_id, liability, period, due_date
),

accounts as {{ once }} (
    select * from {{ ref('int_accounts_placed') }}
    where {{ of_account }}
),

claimed_months as (
    select
        claimed.account_id,
        claimed.case_id,
        claimed.liability,
        claimed.period,
        claimed.portion_person_id,
        claimed.claimed_kopecks,
        cases.is_live,
        cases.freed_by
    from {{ ref('stg_claimed_months') }} as claimed
    inner join {{ ref('stg_court_cases') }} as cases
        on claimed.case_id = cases.case_id and claimed.account_id = cases.account_id
    where claimed.claimed_part = 'principal' and {{ 'claimed.' ~ of_account if account else 'true' }}
),

{{ recovered_under_orders(account) }},

-- Claims on a month, side by side; `rest` is what the case still asks for it.
claims_of_months as (
    select
        claimed_months.account_id,
        claimed_months.liability,
        claimed_months.period,
        array_agg(
            claimed_months.portion_person_id order by claimed_months.case_id
        ) as portions,
        array_agg(claimed_months.case_id order by claimed_months.case_id) as case_ids,
        array_agg(
            case when claimed_months.is_live then greatest(
                claimed_months.claimed_kopecks - coalesce(recovered.recovered_kopecks, 0), 0
            ) else 0 end
            order by claimed_months.case_id
        ) as rests,
        array_agg(
            coalesce(recovered.recovered_kopecks, 0) order by claimed_months.case_id
        ) as recovered,
        array_agg(claimed_months.is_live order by claimed_months.case_id) as is_live,
        array_agg(
            coalesce(claimed_months.freed_by = 'cancelled', false)
            order by claimed_months.case_id
        ) as is_cancelled
    from claimed_months
    left join recovered
        on
            claimed_months.account_id = recovered.account_id
            and claimed_months.case_id = recovered.case_id
            and claimed_months.liability = recovered.liability
            and claimed_months.period = recovered.period
    group by claimed_months.account_id, claimed_months.liability, claimed_months.period
),

{{ holders_of_months('open_months', account, 'has_utilities') }},

{{ answering_for_parties(account) }},

divided as (
    select
        windows.account_id,
        windows.organisation_id,
        windows.house_id,
        windows.liability,
        windows.period,
        windows.due_date,
        windows.judged_month,
        windows.has_utilities,
        windows.open_kopecks,
        months.party_nos,
        months.persons,
        months.numerators,
        months.denominators,
        months.known_weight is not null
        and (months.known_weight <> months.whole_weight or months.are_mixed_up)
            as has_share_problem,
        claims.portions,
        claims.case_ids,
        claims.rests,
        claims.is_live,
        claims.is_cancelled,
        coalesce(cardinality(months.weights), 0) = 1
        and months.known_weight >= months.whole_weight as is_whole,
        warehouse.split_month(
            windows.open_kopecks,
            months.weights,
            months.whole_weight,
            case when claims.account_id is null then array_fill(
                cast(0 as bigint), array[coalesce(cardinality(months.weights), 0)]
            ) else (
                select array_agg(
                    cast(coalesce((
                        select sum(own.recovered)
                        from unnest(claims.portions, claims.recovered) as own (portion, recovered)
                        where own.portion = holder.person_id
                    ), 0) as bigint) order by holder.place
                )
                from unnest(months.persons) with ordinality as holder (person_id, place)
            ) end
        ) as parts
    from windows
    left join holders_of_months as months
        on
            windows.account_id = months.account_id
            and windows.liability = months.liability
            and windows.period = months.period
            and windows.due_date = months.due_date
    left join claims_of_months as claims
        on
            windows.account_id = claims.account_id
            and windows.liability = claims.liability
            and windows.period = claims.period
),

parts as (
    select
        divided.account_id,
        divided.organisation_id,
        divided.house_id,
        divided.liability,
        divided.period,
        divided.due_date,
        cast(part.place as integer) as part_no,
        coalesce(parties.holder_kind, 'unknown') as holder_kind,
        -- Whoever answers for a month alone answers for the whole of it.
        case when not divided.is_whole then divided.persons[part.place] end as portion_person_id,
        divided.persons[part.place] as holder_person_id,
        parties.holder_organisation_id,
        parties.holder_name,
        answering.debtors,
        -- Whose family lives there is clear where one party holds the whole flat.
        case when divided.is_whole and divided.has_utilities then answering.family_ids end
            as family_ids,
        divided.numerators[part.place] as share_numerator,
        divided.denominators[part.place] as share_denominator,
        divided.has_share_problem,
        divided.case_ids is not null as has_claims,
        part.kopecks as part_kopecks,
        claimed.own_kopecks,
        claimed.live_case_id,
        claimed.cancelled_case_id,
        case when claimed.whole_kopecks > 0 then (warehouse.split_exactly(
            least(claimed.whole_kopecks, divided.open_kopecks), cast(divided.parts as numeric[])
        ))[part.place] else 0 end as whole_kopecks
    from divided
    cross join lateral unnest(divided.parts) with ordinality as part (kopecks, place)
    left join parties
        on
            divided.account_id = parties.account_id
            and parties.party_no = divided.party_nos[part.place]
    left join answering
        on
            divided.account_id = answering.account_id
            and parties.party_no = answering.party_no
            and divided.judged_month >= answering.first_month
            and divided.judged_month < answering.next_month
    left join lateral (
        select
            cast(sum(claim.rest) filter (
                where divided.is_whole or claim.portion = divided.persons[part.place]
            ) as bigint) as own_kopecks,
            cast(
                sum(claim.rest) filter (where not divided.is_whole and claim.portion is null)
                as bigint
            ) as whole_kopecks,
            max(claim.case_id) filter (where claim.is_live and claim.concerns) as live_case_id,
            max(claim.case_id) filter (where claim.is_cancelled and claim.concerns)
                as cancelled_case_id
        from (
            select
                listed.*,
                divided.is_whole or listed.portion is null
                or listed.portion = divided.persons[part.place] as concerns
            from unnest(
                divided.portions, divided.case_ids, divided.rests, divided.is_live,
                divided.is_cancelled
            ) as listed (portion, case_id, rest, is_live, is_cancelled)
        ) as claim
    ) as claimed on divided.case_ids is not null
    where part.kopecks > 0
),

-- The limitation of a part is stopped by cases against whoever answers for it.
stops as {{ once }} (
    select * from {{ ref('int_claims_that_stop') }}
    where {{ of_account }}
),

limitation as (
    {{ years_of_limitation() }}
),

dated as (
    select
        parts.*,
        cast(least(
            parts.part_kopecks, coalesce(parts.own_kopecks, 0) + coalesce(parts.whole_kopecks, 0)
        ) as bigint) as claimed_kopecks,
        case
            when not parts.has_claims
                then cast(parts.due_date + make_interval(years => limitation.years) as date)
            else (
                select warehouse.limitation_end(
                    cast(parts.due_date + make_interval(years => limitation.years) as date),
                    array_agg(stops.filed_date order by stops.filed_date, stops.case_id),
                    array_agg(stops.ended_date order by stops.filed_date, stops.case_id),
                    array_agg(stops.is_extended order by stops.filed_date, stops.case_id),
                    min(stops.least_rest)
                )
                from stops
                where
                    stops.account_id = parts.account_id
                    and stops.liability = parts.liability
                    and stops.period = parts.period
                    and (
                        parts.portion_person_id is null
                        or stops.portion_person_id is null
                        or stops.portion_person_id = parts.portion_person_id
                    )
            )
        end as term_end
    from parts
    cross join limitation
),

holds as {{ once }} (
    select * from {{ ref('stg_debt_holds') }}
    where
        {{ of_account }}
        and hold_kind = 'no_pursuit'
        and valid_from_date <= (select ops.as_of())
        and (valid_to_date is null or valid_to_date >= (select ops.as_of()))
)

select
    dated.account_id,
    dated.organisation_id,
    dated.house_id,
    dated.liability,
    dated.period,
    dated.due_date,
    dated.part_no,
    dated.holder_kind,
    dated.portion_person_id,
    dated.holder_person_id,
    dated.holder_organisation_id,
    dated.holder_name,
    dated.share_numerator,
    dated.share_denominator,
    dated.has_share_problem,
    dated.debtors,
    dated.family_ids,
    dated.part_kopecks,
    dated.claimed_kopecks,
    dated.part_kopecks - dated.claimed_kopecks as unclaimed_kopecks,
    dated.live_case_id,
    dated.cancelled_case_id,
    -- While a case lives the term does not run, and there is no last day.
    case when dated.term_end < date 'infinity' then dated.term_end end as limitation_date,
    dated.due_date < (select ops.as_of()) as is_due,
    dated.term_end < (select ops.as_of()) as is_time_barred,
    exists (select 1 from holds where holds.account_id = dated.account_id) as is_held
from dated
{%- endmacro %}

{#-
What may be taken to court today: due, not time-barred, not under a hold, no debt of a refund. What grew
in a month that a live case claims waits for the end of that case: a month is in one live case only.
-#}
{% macro claimable(unclaimed_kopecks) -%}
    {{ roubles(
        "case when is_due and not is_time_barred and not is_held and liability <> 'refund' "
        ~ "and live_case_id is null then "
        ~ unclaimed_kopecks ~ " else 0 end"
    ) }}
{%- endmacro %}

{#-
The CTE `recovered`: what orders of ours brought for a month, less what was given back since. Reads
the CTE `intervals` with its kopecks.
-#}
{% macro recovered_under_orders(account=none) -%}
order_payments as (
    select
        payments.account_id,
        payments.payment_id,
        documents.case_id
    from {{ ref('stg_execution_documents') }} as documents
    inner join {{ ref('stg_payments') }} as payments
        on
            documents.execution_document_id = payments.execution_document_id
            and documents.account_id = payments.account_id
    where documents.case_id is not null and {{ 'documents.account_id = ' ~ account if account else 'true' }}
),

recovered_pieces as (
    select
        intervals.account_id,
        order_payments.case_id,
        intervals.liability,
        intervals.period,
        intervals.kopecks
    from intervals
    inner join order_payments
        on
            intervals.account_id = order_payments.account_id
            and intervals.credit_id = order_payments.payment_id
    where
        intervals.interval_kind = 'debt'
        and intervals.credit_kind = 'payment'
        and intervals.closed_date <= (select ops.as_of())
    union all
    select
        intervals.account_id,
        order_payments.case_id,
        intervals.liability,
        intervals.period,
        -intervals.kopecks
    from intervals
    inner join {{ ref('stg_payments') }} as refunds
        on
            intervals.account_id = refunds.account_id
            and intervals.reopened_by_id = refunds.payment_id
    inner join order_payments
        on
            refunds.account_id = order_payments.account_id
            and refunds.reverses_payment_id = order_payments.payment_id
    where
        intervals.interval_kind = 'debt'
        and intervals.reopened_by_kind = 'payment'
        and intervals.opened_date <= (select ops.as_of())
),

recovered as (
    select
        account_id,
        case_id,
        liability,
        period,
        cast(greatest(sum(kopecks), 0) as bigint) as recovered_kopecks
    from recovered_pieces
    group by account_id, case_id, liability, period
)
{%- endmacro %}
