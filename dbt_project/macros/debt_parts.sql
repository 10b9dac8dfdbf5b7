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

{{ parties_of_premises(account) }},

{{ answering_for_parties(account) }},

-- The days on which somebody has to have held the premises to owe this month.
windows as (
    select
        open_months.account_id,
        open_months.organisation_id,
        accounts.house_id,
        accounts.premises_id,
        open_months.liability,
        open_months.period,
        open_months.due_date,
        open_months.has_utilities,
        open_months.open_kopecks,
        case when passing.passes_on then (select ops.as_of()) else open_months.period end
            as first_date,
        case
            when passing.passes_on then (select ops.as_of())
            else cast(open_months.period + interval '1 month' as date) - 1
        end as last_date
    from open_months
    inner join accounts on open_months.account_id = accounts.account_id
    cross join lateral (
        select
            open_months.liability = 'capital_repair'
            and not exists (
                select 1
                from rights as public_rights
                where
                    public_rights.premises_id = accounts.premises_id
                    and public_rights.right_kind = 'municipal_property'
                    and public_rights.valid_from_date
                    < cast(open_months.period + interval '1 month' as date)
                    and public_rights.last_date >= open_months.period
            ) as passes_on
    ) as passing
),

-- Days of the month that a party held, by its shares. A social tenant pays for the flat instead of
-- its owner, day by day, but not for capital repair (ЖК 154).
parties_of_months as (
    select
        windows.account_id,
        windows.liability,
        windows.period,
        windows.due_date,
        windows.premises_id,
        held.party_no,
        min(held.first_person_id) as first_person_id,
        bool_or(held.is_together) as is_together,
        sum(
            held.weight * (
                least(held.last_date, windows.last_date)
                - greatest(held.first_date, windows.first_date) + 1
            )
        ) as weight,
        min(held.whole_weight) * min(windows.last_date - windows.first_date + 1) as whole_weight,
        case when min(held.share_numerator) = max(held.share_numerator)
            and min(held.share_denominator) = max(held.share_denominator)
            then min(held.share_numerator) else 1 end as share_numerator,
        case when min(held.share_numerator) = max(held.share_numerator)
            and min(held.share_denominator) = max(held.share_denominator)
            then min(held.share_denominator) else 1 end as share_denominator,
        bool_or(bool_or(held.is_together)) over same_month
        and count(*) over same_month > 1 as are_told_apart
    from windows
    inner join parties_in_eras as held
        on
            windows.premises_id = held.premises_id
            and windows.first_date <= held.last_date
            and windows.last_date >= held.first_date
            and case
                when windows.liability = 'capital_repair' then held.holder_kind <> 'tenants'
                else held.is_let = (held.holder_kind = 'tenants')
            end
    group by
        windows.account_id, windows.liability, windows.period, windows.due_date,
        windows.premises_id, held.party_no
    window same_month as (
        partition by windows.account_id, windows.liability, windows.period, windows.due_date
    )
),

-- The part of those who hold together bears the number of one of them. Where others held in the same
-- month too, it is somebody who stands in as few of its parties as possible: A and B sold to A and C,
-- and the parts are those of B and of C, so that a case against the one does not meet the other.
told_apart as (
    select distinct on (
        standing.account_id, standing.liability, standing.period, standing.due_date,
        standing.party_no
    )
        standing.account_id,
        standing.liability,
        standing.period,
        standing.due_date,
        standing.party_no,
        standing.person_id
    from (
        select
            months.account_id,
            months.liability,
            months.period,
            months.due_date,
            months.party_no,
            months.is_together,
            member.person_id,
            count(*) over (
                partition by
                    months.account_id, months.liability, months.period, months.due_date,
                    member.person_id
            ) as parties
        from parties_of_months as months
        inner join parties
            on
                months.premises_id = parties.premises_id
                and months.party_no = parties.party_no
        cross join lateral unnest(parties.members) as member (person_id)
        where months.are_told_apart
    ) as standing
    where standing.is_together
    order by
        standing.account_id, standing.liability, standing.period, standing.due_date,
        standing.party_no, standing.parties, standing.person_id
),

holders as (
    select
        months.account_id,
        months.liability,
        months.period,
        months.due_date,
        months.party_no,
        months.weight,
        months.whole_weight,
        months.share_numerator,
        months.share_denominator,
        coalesce(told_apart.person_id, months.first_person_id) as person_id
    from parties_of_months as months
    left join told_apart
        on
            months.account_id = told_apart.account_id
            and months.liability = told_apart.liability
            and months.period = told_apart.period
            and months.due_date = told_apart.due_date
            and months.party_no = told_apart.party_no
),

holders_of_months as (
    select
        account_id,
        liability,
        period,
        due_date,
        min(whole_weight) as whole_weight,
        sum(weight) as known_weight,
        array_agg(weight order by party_no) as weights,
        array_agg(party_no order by party_no) as party_nos,
        array_agg(person_id order by party_no) as persons,
        array_agg(share_numerator order by party_no) as numerators,
        array_agg(share_denominator order by party_no) as denominators,
        -- Three who changed places within a month: the ledger of claims cannot tell their parts.
        count(person_id) > count(distinct person_id) as are_mixed_up
    from holders
    group by account_id, liability, period, due_date
),

divided as (
    select
        windows.account_id,
        windows.organisation_id,
        windows.house_id,
        windows.premises_id,
        windows.liability,
        windows.period,
        windows.due_date,
        -- The month by which it is judged who is of age, and who stands for whom.
        cast(date_trunc('month', windows.last_date) as date) as judged_month,
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
            divided.premises_id = parties.premises_id
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
    select min(value) as years
    from {{ source('reference', 'legal_term') }}
    where code = 'limitation' and is_enabled
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

{#- What may be taken to court today: due, not time-barred, not under a hold, no debt of a refund. -#}
{% macro claimable(unclaimed_kopecks) -%}
    {{ roubles(
        "case when is_due and not is_time_barred and not is_held and liability <> 'refund' then "
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
