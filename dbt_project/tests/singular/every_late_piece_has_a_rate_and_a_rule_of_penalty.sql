{{ config(meta={'dagster': {'ref': {'name': 'debt_intervals'}}}) }}

-- A line without a rate has no sum, and a debtor whom no rule names has no lines: both would drop out
-- of the penalty without a word. Asked of what may still be claimed: older pieces are barred.
with limitation as (
    {{ first_day_within_limitation() }}
),

late_pieces as (
    select
        pieces.account_id,
        pieces.interval_no,
        accounts.debtor_kind,
        pieces.liability,
        least(pieces.closed_date, (select ops.as_of())) as end_date
    from {{ ref('debt_intervals') }} as pieces
    inner join {{ ref('stg_accounts') }} as accounts on pieces.account_id = accounts.account_id
    cross join limitation
    where
        pieces.interval_kind = 'debt'
        and pieces.due_date < least(pieces.closed_date, (select ops.as_of()))
        and coalesce(pieces.closed_date, date 'infinity') >= limitation.first_date
        and {{ is_settled('pieces.account_id') }}
),

-- Few: every question is asked once of a kind of debtor and a day.
asked as (
    select
        debtor_kind,
        liability,
        end_date,
        min(account_id) as account_id,
        min(interval_no) as interval_no,
        count(*) as pieces
    from late_pieces
    group by debtor_kind, liability, end_date
)

select
    asked.*,
    rates.rate_pct is null as is_without_rate
from asked
left join {{ ref('int_penalty_rates') }} as rates on asked.end_date = rates.rate_date
where
    rates.rate_pct is null
    or not exists (
        select 1
        from {{ source('reference', 'penalty_step') }} as steps
        where
            steps.is_enabled
            and steps.debtor_kind = asked.debtor_kind
            and steps.liability = asked.liability
            and steps.valid_from <= asked.end_date
            and (steps.valid_to is null or steps.valid_to >= asked.end_date)
    )
