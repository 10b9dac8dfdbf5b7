{{ config(
    alias='case_deadlines',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What has to be done about cases, and by which day; terms are rows of reference.legal_term. Whose
-- time has passed stays in the list until it is done.
with cases as (
    select * from {{ ref('stg_court_cases') }}
    where organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
),

states as (
    select * from {{ source('ops', 'court_case_state') }}
),

terms as (
    select * from {{ source('reference', 'legal_term') }}
    where is_enabled
),

days as (
    select * from {{ source('reference', 'calendar_day') }}
    where is_working
),

-- Where an event starts a term: the term of the law on that day.
started as (
    -- The court decides on an order in some days after the application.
    select
        cases.case_id,
        'answer' as deadline_kind,
        'court_order_issue_term' as term_code,
        cases.filed_date as start_date
    from cases
    where
        cases.is_live and cases.case_kind = 'order' and cases.filed_date is not null
        and cases.issued_date is null
    union all
    -- The debtor may object for some days after he received the order.
    select
        states.case_id,
        'objections' as deadline_kind,
        'court_order_objection_term' as term_code,
        states.copy_received_on as start_date
    from states
    where
        states.is_live and states.kind = 'order' and states.issued_on is not null
        and states.copy_received_on is not null and states.in_force_on is null
        and states.sent_to is null and states.ended_on is null
    union all
    -- An execution document is presented within some years; its return starts them anew.
    select
        states.case_id,
        'presentation' as deadline_kind,
        case states.kind when 'order' then 'court_order_presentation' else 'writ_presentation' end
            as term_code,
        coalesce(
            states.document_returned_on,
            case states.kind when 'order' then states.issued_on else states.in_force_on end
        ) as start_date
    from states
    where
        states.is_live and states.issued_on is not null and states.ended_on is null
        and (states.sent_on is null or states.document_returned_on >= states.sent_on)
),

ended as (
    select
        started.case_id,
        started.deadline_kind,
        started.start_date,
        terms.act,
        case
            when terms.unit = 'year'
                then cast(started.start_date + make_interval(years => terms.value) as date)
            when terms.unit = 'month'
                then cast(started.start_date + make_interval(months => terms.value) as date)
            when terms.unit = 'day' then started.start_date + terms.value
            else coalesce(
                (
                    select days.day
                    from days
                    where days.day > started.start_date
                    order by days.day
                    offset terms.value - 1
                    limit 1
                ),
                -- Past the production calendar only Saturdays and Sundays are known to be off.
                (
                    select cast(following.day as date)
                    from
                        generate_series(
                            started.start_date + 1, started.start_date + 60, interval '1 day'
                        ) as following (day)
                    where extract(isodow from following.day) < 6
                    order by following.day
                    offset terms.value - 1
                    limit 1
                )
            )
        end as deadline_date,
        -- Holidays past the production calendar are not known yet.
        terms.unit <> 'working_day'
        or (
            select count(*)
            from (
                select days.day
                from days
                where days.day > started.start_date
                limit terms.value
            ) as known
        ) = terms.value as is_verified
    from started
    inner join terms
        on
            started.term_code = terms.code
            and started.start_date >= terms.valid_from
            and (terms.valid_to is null or started.start_date <= terms.valid_to)
    where started.start_date is not null
),

parts as not materialized (
    select * from {{ ref('debt_parts') }}
    where organisation_id = any(cast((select ops.visible_organisations()) as integer[]))
),

-- A draft has to be filed, and a cancelled order to be followed, before the first month is barred.
limited as (
    select
        cases.case_id,
        'filing' as deadline_kind,
        cast(null as date) as start_date,
        min(parts.limitation_date) as deadline_date
    from cases
    inner join parts
        on cases.account_id = parts.account_id and cases.case_id = parts.live_case_id
    where cases.case_state = 'drafted'
    group by cases.case_id
    union all
    select
        cases.case_id,
        'claim' as deadline_kind,
        cases.freed_date as start_date,
        min(parts.limitation_date) as deadline_date
    from cases
    inner join parts
        on cases.account_id = parts.account_id and cases.case_id = parts.cancelled_case_id
    where cases.freed_by = 'cancelled' and parts.unclaimed_amount > 0
    group by cases.case_id, cases.freed_date
),

limitation_act as (
    select min(act) as act
    from terms
    where code = 'limitation'
),

together as (
    select
        case_id,
        deadline_kind,
        start_date,
        deadline_date,
        act,
        is_verified
    from ended
    union all
    select
        limited.case_id,
        limited.deadline_kind,
        limited.start_date,
        limited.deadline_date,
        limitation_act.act,
        true as is_verified
    from limited
    cross join limitation_act
)

select
    together.case_id,
    cases.organisation_id,
    cases.account_id,
    cases.case_number,
    cases.case_kind,
    cases.case_state,
    cases.court_number,
    cases.court_code,
    together.deadline_kind,
    together.start_date,
    together.deadline_date,
    together.deadline_date - (select ops.as_of()) as days_left,
    together.act,
    together.is_verified
from together
inner join cases on together.case_id = cases.case_id
where together.deadline_date is not null
