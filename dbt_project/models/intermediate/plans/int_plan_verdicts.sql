-- Every event beside every indicator that reads its kind: whether it is counted, and if not, why.
-- Bills are counted in bulk and stand in account_bills.
with indicators as (
    select * from {{ ref('stg_plan_indicators') }}
),

organisations as (
    select
        organisation_id,
        coalesce(municipality_id, organisation_id) as municipality_id
    from {{ ref('stg_organisations') }}
),

-- Looked up for each event, so by their indexes (not materialized).
days as not materialized (
    select * from {{ source('reference', 'calendar_day') }}
),

publication_debts as (
    select * from {{ ref('publication_debts') }}
),

account_events as not materialized (
    select * from {{ ref('account_events') }}
),

public_events as (
    select * from {{ ref('stg_public_events') }}
),

watched as (
    select
        indicators.*,
        kind.event_kind
    from indicators
    cross join lateral unnest(
        case
            when indicators.counts = 'documents_dispatched' then array['execution_document']
            else indicators.event_kinds
        end
    ) as kind (event_kind)
    where indicators.counts not in ('bills_marked', 'bills_with_penalty')
),

events as (
    select
        account_events.event_table,
        account_events.event_id,
        account_events.account_id,
        account_events.organisation_id,
        array[account_events.house_id] as house_ids,
        account_events.event_kind,
        account_events.event_date,
        account_events.event_at,
        account_events.result_code,
        account_events.event_amount,
        cast(null as numeric(14, 2)) as amount_after,
        cast(null as text) as bailiff_office,
        account_events.marks,
        account_events.document_number,
        account_events.days_to_payment,
        account_events.overdue_debt,
        account_events.band_code,
        account_events.debt_in_average_charges,
        account_events.is_cancelled,
        account_events.is_doubled,
        account_events.user_id,
        account_events.executor,
        account_events.event_source,
        account_events.recorded_at
    from account_events

    union all

    select
        'public' as event_table,
        public_events.public_event_id as event_id,
        cast(null as bigint) as account_id,
        public_events.organisation_id,
        public_events.house_ids,
        public_events.event_kind,
        public_events.event_date,
        cast(public_events.event_date as timestamp) at time zone 'Europe/Moscow' as event_at,
        cast(null as text) as result_code,
        public_events.event_amount,
        public_events.amount_after,
        public_events.bailiff_office,
        array_remove(array[
            case when public_events.file_sha256 is not null then 'photo' end,
            case when public_events.is_signed then 'signed' end
        ], null) as marks,
        concat_ws(' ', public_events.title, public_events.document_number) as document_number,
        cast(null as integer) as days_to_payment,
        publication_debts.overdue_debt,
        cast(null as text) as band_code,
        cast(null as numeric(8, 2)) as debt_in_average_charges,
        exists(
            select 1
            from public_events as back
            where back.cancels_event_id = public_events.public_event_id
        ) as is_cancelled,
        false as is_doubled,
        public_events.user_id,
        public_events.executor,
        public_events.event_source,
        public_events.recorded_at
    from public_events
    left join publication_debts
        on public_events.public_event_id = publication_debts.public_event_id
    where
        public_events.cancels_event_id is null
        and public_events.event_date <= (select ops.as_of())
),

judged as (
    select
        watched.plan_indicator_id,
        watched.plan_id,
        watched.municipality_id,
        watched.counts,
        watched.counting_period,
        watched.tolerance,
        cast(date_trunc(watched.counting_period, events.event_date) as date) as period_start,
        events.*,
        (
            coalesce(watched.results is null or events.result_code = any(watched.results), false)
            and (watched.marks is null or watched.marks <@ events.marks)
            and (watched.counts <> 'documents_dispatched' or 'dispatched' = any(events.marks))
            and (watched.counts <> 'days_to_payment' or events.days_to_payment is not null)
            and (
                watched.counts <> 'share_followed'
                or exists (
                    select 1
                    from account_events as later
                    where
                        later.account_id = events.account_id
                        and later.event_kind = any(watched.follow_up_kinds)
                        and not later.is_cancelled
                        and later.event_date >= events.event_date
                        and later.event_date <= case
                            when watched.is_follow_up_working then coalesce(
                                (
                                    select days.day
                                    from days
                                    where days.is_working and days.day > events.event_date
                                    order by days.day
                                    offset watched.follow_up_days - 1
                                    limit 1
                                ),
                                -- Past the end of the calendar: five working days in a week.
                                events.event_date
                                + cast(ceil(watched.follow_up_days * 1.4) as integer)
                            )
                            else events.event_date + watched.follow_up_days
                        end
                )
            )
            and (
                watched.counts <> 'announced_sums'
                or abs(events.event_amount - events.overdue_debt)
                <= watched.tolerance * events.overdue_debt
            )
        ) as has_what_counts,
        coalesce(watched.results is null or events.result_code = any(watched.results), false)
            as has_result,
        case
            when events.is_cancelled then 'cancelled'
            when events.is_doubled then 'doubled'
            when
                events.event_date < watched.valid_from_date
                or events.event_date > watched.valid_to_date
                then 'out_of_plan'
            when watched.calendar = 'working' and not coalesce(
                (
                    select days.is_working
                    from days
                    where days.day = events.event_date
                ),
                extract(isodow from events.event_date) < 6
            ) then 'day_off'
            when watched.among_marks is not null and not watched.among_marks <@ events.marks
                then 'not_among'
            when
                watched.counts = 'announced_sums'
                and (events.event_amount is null or events.overdue_debt is null)
                then 'no_sum'
            when
                watched.counts = 'difference_removed'
                and (events.event_amount is null or events.amount_after is null)
                then 'no_sum'
            when
                watched.counts = 'difference_open'
                and coalesce(events.amount_after, events.event_amount) is null
                then 'no_sum'
            when watched.debt_over is not null and events.overdue_debt <= watched.debt_over
                then 'debt_too_small'
            when watched.bands is not null and events.band_code is null then 'no_band'
            when watched.bands is not null and not events.band_code = any(watched.bands)
                then 'other_band'
            when
                watched.average_charges_from is not null
                and coalesce(events.debt_in_average_charges, 0) < watched.average_charges_from
                then 'few_charges'
        end as hindrance
    from events
    inner join organisations on events.organisation_id = organisations.organisation_id
    inner join watched
        on
            events.event_kind = watched.event_kind
            and organisations.municipality_id = watched.municipality_id
),

-- Of an account (a house) that is counted once, the first event of the period that counts.
in_turn as (
    select
        judged.*,
        case
            when judged.counts in ('accounts', 'share_of_accounts', 'share_of_houses')
            then row_number() over (
                partition by
                    judged.plan_indicator_id, judged.period_start, judged.account_id,
                    case when judged.counts = 'share_of_houses' then judged.house_ids[1] end,
                    judged.hindrance is null and judged.has_what_counts
                order by judged.event_at, judged.event_id
            )
            -- What stays open after the last reconciliation is what there is.
            when judged.counts = 'difference_open' then row_number() over (
                partition by
                    judged.plan_indicator_id, judged.period_start, judged.organisation_id,
                    judged.bailiff_office, judged.hindrance is null and judged.has_what_counts
                order by judged.event_at desc, judged.event_id desc
            )
        end as turn
    from judged
)

select
    plan_indicator_id,
    plan_id,
    municipality_id,
    counts,
    counting_period,
    period_start,
    event_table,
    event_id,
    account_id,
    organisation_id,
    house_ids,
    event_kind,
    event_date,
    event_at,
    result_code,
    event_amount,
    amount_after,
    bailiff_office,
    marks,
    document_number,
    days_to_payment,
    overdue_debt,
    band_code,
    debt_in_average_charges,
    user_id,
    executor,
    event_source,
    recorded_at,
    hindrance is null and has_what_counts and coalesce(turn, 1) = 1 as is_counted,
    -- Shares of events stand on all that were fit to be counted.
    hindrance is null
    and counts in (
        'share_of_events', 'share_followed', 'documents_dispatched', 'share_of_amount',
        'difference_removed', 'announced_sums'
    )
        as is_in_denominator,
    case
        when hindrance is not null then hindrance
        when not has_what_counts and counts = 'documents_dispatched' then 'not_dispatched'
        when not has_what_counts and counts = 'days_to_payment' then 'not_paid'
        when not has_what_counts and counts = 'share_followed' then 'not_followed'
        when not has_what_counts and counts = 'announced_sums' then 'other_sum'
        when not has_what_counts and counts in ('share_of_events', 'share_of_amount')
            then 'only_in_denominator'
        when not has_result then 'other_result'
        when not has_what_counts then 'no_mark'
        when turn > 1 and counts = 'difference_open' then 'newer_reconciliation'
        when turn > 1 then 'counted_before'
    end as reason_code
from in_turn
