{#-
Who owes which part of every open month, and what of it is claimed already.

A month falls to those who held the premises in it: each by share and by the days of the month on
which he held it (ГК 249; ЖК 153, 158; ПП ВС 22 of 27.06.2017 п. 27), joint owners and tenants together as one. Capital
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

{{ holders_of_months('open_months', account) }},

divided as (
    select
        windows.account_id,
        windows.organisation_id,
        windows.house_id,
        windows.liability,
        windows.period,
        windows.due_date,
        windows.open_kopecks,
        months.kinds,
        months.persons,
        months.organisations,
        months.names,
        months.numerators,
        months.denominators,
        months.known_weight is not null and months.known_weight <> months.whole_weight
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
        coalesce(divided.kinds[part.place], 'unknown') as holder_kind,
        -- Whoever answers for a month alone answers for the whole of it.
        case when not divided.is_whole then divided.persons[part.place] end as portion_person_id,
        divided.persons[part.place] as holder_person_id,
        divided.organisations[part.place] as holder_organisation_id,
        divided.names[part.place] as holder_name,
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
The CTEs `windows` and `holders_of_months`: who held the premises in the months of the CTE `months`,
with which weight of the whole. Reads the CTE `accounts` beside it. A month stands in `months` with
its `stood_date`, the day on which its parts are asked about: capital repair falls to the owner of
that day, everything else to those who held the premises in the month itself.
-#}
{% macro holders_of_months(months, account=none) -%}
{%- set once = 'materialized' if account else 'not materialized' -%}
-- A right that ended before it began was recorded by mistake.
rights as {{ once }} (
    select
        *,
        coalesce(valid_to_date, date 'infinity') as last_date
    from {{ ref('stg_ownerships') }}
    where
        (valid_to_date is null or valid_to_date >= valid_from_date)
        and right_kind <> 'unknown'
        and num_nonnulls(person_id, holder_organisation_id, holder_name) = 1
        {% if account -%}
        and premises_id = (select accounts.premises_id from accounts)
        {%- endif %}
),

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
        open_months.stood_date,
        open_months.open_kopecks,
        case when passing.passes_on then open_months.stood_date else open_months.period end
            as first_date,
        case
            when passing.passes_on then open_months.stood_date
            else cast(open_months.period + interval '1 month' as date) - 1
        end as last_date
    from {{ months }} as open_months
    inner join accounts on open_months.account_id = accounts.account_id
    cross join lateral (
        select
            open_months.liability = 'capital_repair'
            and not exists (
                select 1
                from rights as public_rights
                where
                    public_rights.premises_id = accounts.premises_id
                    and public_rights.organisation_id = open_months.organisation_id
                    and public_rights.right_kind = 'municipal_property'
                    and public_rights.valid_from_date
                    < cast(open_months.period + interval '1 month' as date)
                    and public_rights.last_date >= open_months.period
            ) as passes_on
    ) as passing
),

held as (
    select
        windows.account_id,
        windows.liability,
        windows.period,
        windows.due_date,
        windows.stood_date,
        case rights.right_kind
            when 'joint_ownership' then 'joint_owners'
            when 'social_tenancy' then 'tenants'
            when 'municipal_property' then 'public_owner'
            else case when rights.person_id is null then 'organisation' else 'owner' end
        end as holder_kind,
        rights.person_id,
        rights.holder_organisation_id,
        rights.holder_name,
        rights.share_numerator,
        rights.share_denominator,
        least(rights.last_date, windows.last_date)
        - greatest(rights.valid_from_date, windows.first_date) + 1 as held_days,
        windows.last_date - windows.first_date + 1 as window_days,
        bool_or(rights.right_kind = 'social_tenancy') over same_month as is_let
    from windows
    inner join rights
        on
            windows.premises_id = rights.premises_id
            -- Each organisation rests on its own record of who holds the premises.
            and windows.organisation_id = rights.organisation_id
            and windows.first_date <= rights.last_date
            and windows.last_date >= rights.valid_from_date
    window same_month as (
        partition by
            windows.account_id, windows.liability, windows.period, windows.due_date,
            windows.stood_date
    )
),

-- A social tenant pays for the flat instead of its owner, but not for capital repair (ЖК 154).
answering as (
    select
        *,
        warehouse.common_denominator(cast(share_denominator as numeric)) over (
            partition by account_id, liability, period, due_date, stood_date
        ) as denominator
    from held
    where case
        when liability = 'capital_repair' then holder_kind <> 'tenants'
        else not is_let or holder_kind = 'tenants'
    end
),

holders as (
    select
        account_id,
        liability,
        period,
        due_date,
        stood_date,
        holder_kind,
        min(person_id) as person_id,
        holder_organisation_id,
        holder_name,
        case
            when holder_kind = 'tenants' then min(denominator) * min(window_days)
            else sum(share_numerator * (denominator / share_denominator) * held_days)
        end as weight,
        min(denominator) * min(window_days) as whole_weight,
        min(share_numerator) as share_numerator,
        min(share_denominator) as share_denominator,
        count(*) as right_count
    from answering
    group by
        account_id, liability, period, due_date, stood_date, holder_kind,
        holder_organisation_id, holder_name,
        case when holder_kind in ('joint_owners', 'tenants') then null else person_id end
),

holders_of_months as (
    select
        holders.account_id,
        holders.liability,
        holders.period,
        holders.due_date,
        holders.stood_date,
        min(holders.whole_weight) as whole_weight,
        sum(holders.weight) as known_weight,
        array_agg(holders.weight order by {{ order_of_holders() }}) as weights,
        array_agg(holders.holder_kind order by {{ order_of_holders() }}) as kinds,
        array_agg(holders.person_id order by {{ order_of_holders() }}) as persons,
        array_agg(holders.holder_organisation_id order by {{ order_of_holders() }})
            as organisations,
        array_agg(holders.holder_name order by {{ order_of_holders() }}) as names,
        array_agg(
            case when holders.right_count = 1 then holders.share_numerator else 1 end
            order by {{ order_of_holders() }}
        ) as numerators,
        array_agg(
            case when holders.right_count = 1 then holders.share_denominator else 1 end
            order by {{ order_of_holders() }}
        ) as denominators
    from holders
    group by
        holders.account_id, holders.liability, holders.period, holders.due_date,
        holders.stood_date
)
{%- endmacro %}

{#- The order in which holders of a month stand, for every array of them alike. -#}
{% macro order_of_holders() -%}
    holders.holder_kind, holders.person_id, holders.holder_organisation_id, holders.holder_name
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
