-- Who owes which part of the penalty, of months that are open and of those that were paid late:
-- what no live case asks for yet and what has not passed the limitation. One row per month, holder
-- and run of days that can be claimed together. Ask it with an account_id: it must come from
-- outside, so that everything within is asked of that account alone.
--
-- * Penalty of a piece falls to those who owed the month on the day on which the piece was closed
--   (today if it is open), in the parts that they owed of it then: nobody pays for months of
--   others, nor for a part that another holder had paid before him.
-- * What one holder paid under an order against him is his alone.
-- * Days of penalty that a live case asks for are taken out; a claim «по день фактической уплаты»
--   takes out all later days as well. Penalty of an order that was cancelled goes on in the claim
--   (ГПК 129).
-- * Limitation of penalty runs for each day apart (ПП ВС 43 of 29.09.2015 п. 25); penalty of a part
--   that is time-barred itself has passed with it (ГК 207).
select
    one.account_id,
    one.organisation_id,
    told.liability,
    told.period,
    told.due_date,
    told.holder_kind,
    told.holder_person_id,
    told.holder_organisation_id,
    told.holder_name,
    told.debtors,
    told.portion_person_id,
    cast(told.run_no as integer) as run_no,
    told.penalty_from_date,
    told.penalty_to_date,
    {{ roubles('told.penalty_kopecks') }} as penalty_amount,
    told.is_verified,
    told.is_open,
    told.is_held
from {{ ref('int_accounts_placed') }} as one
cross join lateral (
    with accounts as materialized (
        select placed.* from {{ ref('int_accounts_placed') }} as placed
        where placed.account_id = one.account_id
    ),

    limitation as (
        {{ first_day_within_limitation() }}
    ),

    pieces as materialized (
        select
            intervals.interval_no,
            intervals.liability,
            intervals.period,
            intervals.due_date,
            intervals.opened_date,
            case
                when intervals.closed_date <= ops.as_of() then intervals.closed_date
            end as closed_date,
            {{ kopecks('intervals.interval_amount') }} as kopecks,
            intervals.credit_kind,
            intervals.credit_id,
            intervals.reopened_by_kind,
            intervals.reopened_by_id
        from {{ ref('debt_intervals') }} as intervals
        where
            intervals.account_id = one.account_id
            and intervals.interval_kind = 'debt'
            and intervals.opened_date <= ops.as_of()
    ),

    -- A piece stands as of the day on which it was closed; an open one as of the end of today.
    lines as materialized (
        select
            lines.liability,
            lines.period,
            lines.due_date,
            lines.own_person_id,
            pieces.closed_date is null as is_open,
            coalesce(pieces.closed_date, ops.as_of() + 1) as stood_date,
            lines.base_amount,
            lines.rate_pct,
            lines.denominator,
            {{ kopecks('lines.penalty_amount') }} as penalty_kopecks,
            lines.is_verified,
            daterange(lines.date_from, lines.date_to, '[]') as days
        from {{ ref('int_penalty_lines_shared') }} as lines
        inner join pieces on lines.interval_no = pieces.interval_no
        where lines.account_id = one.account_id
    ),

    -- Payments under orders that asked a month of one holder of several.
    own_payments as materialized (
        select
            payments.payment_id,
            claimed.liability,
            claimed.period,
            min(claimed.portion_person_id) as person_id
        from {{ ref('stg_payments') }} as payments
        inner join {{ ref('stg_execution_documents') }} as documents
            on
                payments.execution_document_id = documents.execution_document_id
                and payments.account_id = documents.account_id
        inner join {{ ref('stg_claimed_months') }} as claimed
            on
                documents.case_id = claimed.case_id
                and documents.account_id = claimed.account_id
        where
            payments.account_id = one.account_id
            and documents.account_id = one.account_id
            and claimed.account_id = one.account_id
            and claimed.claimed_part = 'principal'
            and claimed.portion_person_id is not null
        group by payments.payment_id, claimed.liability, claimed.period
    ),

    -- What a holder paid by himself, and what of it was given back, each on its own day.
    own_moves as materialized (
        select
            pieces.liability,
            pieces.period,
            own_payments.person_id,
            pieces.closed_date as moved_date,
            pieces.kopecks
        from pieces
        inner join own_payments
            on
                pieces.credit_kind = 'payment'
                and pieces.credit_id = own_payments.payment_id
                and pieces.liability = own_payments.liability
                and pieces.period = own_payments.period
        where pieces.closed_date is not null
        union all
        select
            pieces.liability,
            pieces.period,
            own_payments.person_id,
            pieces.opened_date as moved_date,
            -pieces.kopecks as kopecks
        from pieces
        inner join {{ ref('stg_payments') }} as refunds
            on
                pieces.reopened_by_kind = 'payment'
                and one.account_id = refunds.account_id
                and pieces.reopened_by_id = refunds.payment_id
        inner join own_payments
            on
                pieces.liability = own_payments.liability
                and pieces.period = own_payments.period
        where refunds.reverses_payment_id = own_payments.payment_id
    ),

    -- What was open of a month just before each day on which some of it was closed.
    standing_months as (
        select
            one.account_id,
            one.organisation_id,
            standing.liability,
            standing.period,
            standing.due_date,
            standing.stood_date,
            cast(sum(pieces.kopecks) as bigint) as open_kopecks
        from (
            select distinct
                liability,
                period,
                due_date,
                stood_date
            from lines
        ) as standing
        inner join pieces
            on
                standing.liability = pieces.liability
                and standing.period = pieces.period
                and standing.due_date = pieces.due_date
                and standing.stood_date > pieces.opened_date
                and standing.stood_date <= coalesce(pieces.closed_date, date 'infinity')
        group by standing.liability, standing.period, standing.due_date, standing.stood_date
    ),

    {{ holders_of_months('standing_months', 'one.account_id') }},

    {{ answering_for_parties('one.account_id') }},

    -- Grouped once: joined straight, the holders of all months would be grouped for each of them.
    months as materialized (
        select * from holders_of_months
    ),

    divided as (
        select
            windows.liability,
            windows.period,
            windows.due_date,
            windows.stood_date,
            windows.judged_month,
            months.party_nos,
            months.kinds,
            months.persons,
            months.organisations,
            months.names,
            warehouse.split_month(
                windows.open_kopecks,
                months.weights,
                months.whole_weight,
                (
                    select array_agg(
                        cast(coalesce((
                            select sum(own_moves.kopecks)
                            from own_moves
                            where
                                own_moves.liability = windows.liability
                                and own_moves.period = windows.period
                                and own_moves.person_id = holder.person_id
                                and own_moves.moved_date < windows.stood_date
                        ), 0) as bigint) order by holder.place
                    )
                    from unnest(months.persons) with ordinality as holder (person_id, place)
                )
            ) as parts
        from windows
        left join months
            on
                windows.liability = months.liability
                and windows.period = months.period
                and windows.due_date = months.due_date
                and windows.stood_date = months.stood_date
    ),

    -- One row per group of lines that are divided alike, and holder who bears some of it.
    bearing as (
        select
            divided.liability,
            divided.period,
            divided.due_date,
            divided.stood_date,
            groups.own_person_id,
            groups.is_open,
            part.place,
            coalesce(divided.kinds[part.place], 'unknown') as holder_kind,
            divided.persons[part.place] as holder_person_id,
            divided.organisations[part.place] as holder_organisation_id,
            divided.names[part.place] as holder_name,
            answering.debtors,
            weighed.weights
        from (
            select distinct
                liability,
                period,
                due_date,
                stood_date,
                own_person_id,
                is_open
            from lines
        ) as groups
        inner join divided
            on
                groups.liability = divided.liability
                and groups.period = divided.period
                and groups.due_date = divided.due_date
                and groups.stood_date = divided.stood_date
        -- Whoever paid by himself bears it alone, unless he is none of the holders any more.
        cross join lateral (
            select
                case
                    when groups.own_person_id = any(divided.persons) then (
                        select array_agg(
                            case
                                when divided.persons[own.place] = groups.own_person_id then 1.0
                                else 0.0
                            end order by own.place
                        )
                        from generate_subscripts(divided.parts, 1) as own (place)
                    )
                    else cast(divided.parts as numeric[])
                end as weights
        ) as weighed
        cross join lateral unnest(weighed.weights) with ordinality as part (weight, place)
        left join answering
            on
                answering.party_no = divided.party_nos[part.place]
                and divided.judged_month >= answering.first_month
                and divided.judged_month < answering.next_month
        where part.weight > 0
    ),

    -- Whoever bears all the penalty of a month answers for the whole of it. Joined before their
    -- days are looked at, or those would be reckoned for every pair of a bearer and a month.
    bearers as materialized (
        select
            bearing.*,
            holders.is_only
        from bearing
        inner join (
            select
                borne.liability,
                borne.period,
                borne.due_date,
                count(distinct row(
                    borne.holder_kind,
                    borne.holder_person_id,
                    borne.holder_organisation_id,
                    borne.holder_name
                )) = 1 as is_only
            from bearing as borne
            group by borne.liability, borne.period, borne.due_date
        ) as holders
            on
                bearing.liability = holders.liability
                and bearing.period = holders.period
                and bearing.due_date = holders.due_date
    ),

    claims as materialized (
        select
            claimed.liability,
            claimed.period,
            claimed.portion_person_id,
            daterange(
                claimed.penalty_from_date,
                case when not cases.is_penalty_until_paid then claimed.penalty_to_date end,
                '[]'
            ) as days
        from {{ ref('stg_claimed_months') }} as claimed
        inner join {{ ref('stg_court_cases') }} as cases
            on claimed.case_id = cases.case_id and claimed.account_id = cases.account_id
        where
            claimed.account_id = one.account_id
            and cases.account_id = one.account_id
            and claimed.claimed_part = 'penalty'
            and (cases.is_live or cases.freed_by = 'cancelled')
        union all
        -- Till the day of payment and without a sum: from the first day of delay.
        select
            asked.liability,
            asked.period,
            asked.portion_person_id,
            daterange(null, null) as days
        from {{ ref('stg_claimed_months') }} as asked
        inner join {{ ref('stg_court_cases') }} as cases
            on asked.case_id = cases.case_id and asked.account_id = cases.account_id
        where
            asked.account_id = one.account_id
            and cases.account_id = one.account_id
            and asked.claimed_part = 'principal'
            and cases.is_penalty_until_paid
            and (cases.is_live or cases.freed_by = 'cancelled')
            and not exists (
                select 1
                from {{ ref('stg_claimed_months') }} as summed
                where
                    summed.account_id = one.account_id
                    and summed.case_id = asked.case_id
                    and summed.liability = asked.liability
                    and summed.period = asked.period
                    and summed.claimed_part = 'penalty'
                    and (
                        summed.portion_person_id is null
                        or asked.portion_person_id is null
                        or summed.portion_person_id = asked.portion_person_id
                    )
            )
    ),

    -- Parts of open months that have passed the limitation with their principal.
    barred as materialized (
        select
            parts.liability,
            parts.period,
            parts.due_date,
            parts.holder_kind,
            parts.holder_person_id,
            parts.holder_organisation_id,
            parts.holder_name
        from {{ ref('debt_parts') }} as parts
        where parts.account_id = one.account_id and parts.is_time_barred
    ),

    free as (
        select
            bearers.*,
            run.place as run_no,
            run.days as run_days
        from bearers
        cross join limitation
        cross join lateral unnest(
            datemultirange(daterange(limitation.first_date, ops.as_of(), '[]'))
            - coalesce((
                select range_agg(claims.days)
                from claims
                where
                    claims.liability = bearers.liability
                    and claims.period = bearers.period
                    and (
                        bearers.is_only
                        or claims.portion_person_id is null
                        or claims.portion_person_id = bearers.holder_person_id
                    )
            ), '{}')
        ) with ordinality as run (days, place)
        where
            not bearers.is_open
            or not exists (
                select 1
                from barred
                where
                    barred.liability = bearers.liability
                    and barred.period = bearers.period
                    and barred.due_date = bearers.due_date
                    and barred.holder_kind = bearers.holder_kind
                    and barred.holder_person_id is not distinct from bearers.holder_person_id
                    and barred.holder_organisation_id
                    is not distinct from bearers.holder_organisation_id
                    and barred.holder_name is not distinct from bearers.holder_name
            )
    ),

    -- The lines of a group within a run, cut to its days, over those who bear them.
    shared as (
        select
            free.liability,
            free.period,
            free.due_date,
            free.holder_kind,
            free.holder_person_id,
            free.holder_organisation_id,
            free.holder_name,
            free.debtors,
            free.is_only,
            free.is_open,
            free.run_no,
            free.run_days,
            (warehouse.split_exactly(cut.kopecks, free.weights))[free.place] as penalty_kopecks,
            cut.is_verified
        from free
        cross join lateral (
            select
                cast(sum({{ penalty_within('lines', 'free.run_days') }}) as bigint) as kopecks,
                bool_and(lines.is_verified) as is_verified
            from lines
            where
                lines.liability = free.liability
                and lines.period = free.period
                and lines.due_date = free.due_date
                and lines.stood_date = free.stood_date
                and lines.own_person_id is not distinct from free.own_person_id
                and lines.days && free.run_days
        ) as cut
        where cut.kopecks > 0
    )

    select
        shared.liability,
        shared.period,
        shared.due_date,
        shared.holder_kind,
        shared.holder_person_id,
        shared.holder_organisation_id,
        shared.holder_name,
        -- Of one holder the same, but where capital repair fell to several days' joint owners.
        cast(max(cast(shared.debtors as text)) as jsonb) as debtors,
        case when not shared.is_only then shared.holder_person_id end as portion_person_id,
        row_number() over (
            partition by
                shared.liability, shared.period, shared.due_date, shared.holder_kind,
                shared.holder_person_id, shared.holder_organisation_id, shared.holder_name
            order by shared.run_no
        ) as run_no,
        -- From its beginning, unless days before it are claimed already or have passed.
        case
            when
                lower(shared.run_days) > (select limitation.first_date from limitation)
                or lower(shared.run_days) > (
                    select min(lower(lines.days))
                    from lines
                    where
                        lines.liability = shared.liability
                        and lines.period = shared.period
                        and lines.due_date = shared.due_date
                )
                then lower(shared.run_days)
        end as penalty_from_date,
        upper(shared.run_days) - 1 as penalty_to_date,
        sum(shared.penalty_kopecks) as penalty_kopecks,
        bool_and(shared.is_verified) as is_verified,
        bool_or(shared.is_open) as is_open,
        exists(
            select 1
            from {{ ref('stg_debt_holds') }} as holds
            where
                holds.account_id = one.account_id
                and holds.hold_kind = 'no_pursuit'
                and holds.valid_from_date <= ops.as_of()
                and (holds.valid_to_date is null or holds.valid_to_date >= ops.as_of())
        ) as is_held
    from shared
    where shared.penalty_kopecks > 0
    group by
        shared.liability, shared.period, shared.due_date, shared.holder_kind,
        shared.holder_person_id, shared.holder_organisation_id, shared.holder_name,
        shared.is_only, shared.run_no, shared.run_days
) as told
