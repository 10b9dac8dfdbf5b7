-- The bill of a month as last recorded, and whether a penalty should have stood in it.
with bills as (
    select * from {{ ref('stg_bill_events') }}
),

accounts as (
    select * from {{ ref('int_accounts_placed') }}
),

intervals as (
    select * from {{ ref('debt_intervals') }}
),

holds as (
    select * from {{ ref('stg_debt_holds') }}
),

moratoria as (
    select * from {{ source('reference', 'moratorium') }}
),

last_bills as (
    -- distinct on: a bill that was recorded again replaces the one before it
    select distinct on (account_id, period)
        account_id,
        period,
        issued_date,
        has_penalty_information,
        penalty_amount
    from bills
    order by account_id asc, period asc, recorded_at desc, bill_event_id desc
)

select
    last_bills.account_id,
    last_bills.period,
    accounts.organisation_id,
    accounts.house_id,
    last_bills.issued_date,
    last_bills.has_penalty_information,
    coalesce(last_bills.penalty_amount, 0) > 0 as has_penalty,
    cast(coalesce(last_bills.penalty_amount, 0) as numeric(14, 2)) as penalty_amount,
    (
        exists (
            select 1
            from intervals
            where
                intervals.account_id = last_bills.account_id
                and intervals.interval_kind <> 'advance'
                and intervals.opened_date <= last_bills.issued_date
                and intervals.due_date < last_bills.issued_date - 30
                and (
                    intervals.closed_date is null
                    or intervals.closed_date > last_bills.issued_date
                )
        )
        and not exists (
            select 1
            from holds
            where
                holds.account_id = last_bills.account_id
                and holds.hold_kind in ('no_penalty', 'exempt_person', 'late_bill')
                and holds.valid_from_date <= last_bills.issued_date
                and (
                    holds.valid_to_date is null or holds.valid_to_date >= last_bills.issued_date
                )
        )
        and not exists (
            select 1
            from moratoria
            where
                moratoria.is_enabled
                and moratoria.kind = 'exclude_days'
                and moratoria.date_from <= last_bills.issued_date
                and (moratoria.date_to is null or moratoria.date_to >= last_bills.issued_date)
        )
    ) as is_penalty_due
from last_bills
inner join accounts on last_bills.account_id = accounts.account_id
where last_bills.issued_date <= (select ops.as_of())
