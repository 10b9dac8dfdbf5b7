{{ config(meta={'dagster': {'ref': {'name': 'debt_flow'}}}) }}

-- The mart is kept up by adding what changed; a change that was lost or counted twice would stay.
{% if are_only_changes_tested() -%}
-- A build of changes holds it against the balances of the day, which were added up by account. A
-- house whose account moved while the build ran is left out.
with moved as (
    select coalesce(places.house_id, -1) as house_id
    from ops.account_change as changed
    inner join {{ ref('int_accounts_placed') }} as places
        on changed.account_id = places.account_id
    union all
    select coalesce(balances.house_id, -1) as house_id
    from ops.account_change as changed
    inner join {{ ref('account_balances') }} as balances
        on changed.account_id = balances.account_id
),

expected as (
    select
        organisation_id,
        coalesce(house_id, -1) as house_id,
        as_of_date as day,
        sum(debt) as debt,
        sum(overdue_debt) as overdue_debt,
        sum(advance) as advance
    from {{ ref('account_balances') }}
    where coalesce(house_id, -1) not in (select moved.house_id from moved)
    group by organisation_id, coalesce(house_id, -1), as_of_date
),

days as (
    select max(as_of_date) as day from {{ ref('account_balances') }}
),
{%- else -%}
-- On the day and on three days of the past, beside the pieces themselves.
with days as (
    select cast(state.day - step.number * interval '9 months' as date) as day
    from (select max(as_of_date) as day from {{ ref('account_balances') }}) as state
    cross join generate_series(0, 3) as step (number)
),

expected as (
    select
        intervals.organisation_id,
        coalesce(intervals.house_id, -1) as house_id,
        days.day,
        coalesce(sum(intervals.interval_amount) filter (where intervals.interval_kind <> 'advance'), 0)
            as debt,
        coalesce(sum(intervals.interval_amount) filter (
            where intervals.interval_kind <> 'advance' and intervals.due_date < days.day
        ), 0) as overdue_debt,
        coalesce(sum(intervals.interval_amount) filter (where intervals.interval_kind = 'advance'), 0)
            as advance
    from {{ ref('debt_intervals') }} as intervals
    inner join days
        on
            intervals.opened_date <= days.day
            and (intervals.closed_date is null or intervals.closed_date > days.day)
    group by intervals.organisation_id, coalesce(intervals.house_id, -1), days.day
),
{%- endif %}

flows as (
    select
        flow.organisation_id,
        coalesce(flow.house_id, -1) as house_id,
        days.day,
        sum(flow.debt_change) as debt,
        sum(flow.overdue_change) as overdue_debt,
        sum(flow.advance_change) as advance
    from {{ ref('debt_flow') }} as flow
    inner join days on flow.flow_date <= days.day
    {% if are_only_changes_tested() -%}
    where coalesce(flow.house_id, -1) not in (select moved.house_id from moved)
    {%- endif %}
    group by flow.organisation_id, coalesce(flow.house_id, -1), days.day
)

select
    coalesce(flows.organisation_id, expected.organisation_id) as organisation_id,
    coalesce(flows.house_id, expected.house_id) as house_id,
    coalesce(flows.day, expected.day) as day,
    flows.debt,
    expected.debt as expected_debt,
    flows.overdue_debt,
    expected.overdue_debt as expected_overdue_debt,
    flows.advance,
    expected.advance as expected_advance
from flows
full outer join expected
    on
        flows.organisation_id = expected.organisation_id
        and flows.house_id = expected.house_id
        and flows.day = expected.day
where
    coalesce(flows.debt, 0) <> coalesce(expected.debt, 0)
    or coalesce(flows.overdue_debt, 0) <> coalesce(expected.overdue_debt, 0)
    or coalesce(flows.advance, 0) <> coalesce(expected.advance, 0)
