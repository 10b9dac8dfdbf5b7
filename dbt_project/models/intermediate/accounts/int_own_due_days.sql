-- Due days that a management contract or a regional law sets, spread over the accounts of their
-- organisation or house. Of two rows for one month the later counts, and one for a house goes
-- before one for the organisation, so the months of an account never overlap.
with terms as (
    select
        own_due_day_id,
        organisation_id,
        house_id,
        liability,
        due_day,
        datemultirange(daterange(period_from, period_to, '[]')) as months
    from {{ ref('stg_own_due_days') }}
),

in_force as (
    select
        terms.*,
        terms.months - coalesce((
            select range_agg(later.months)
            from terms as later
            where
                later.own_due_day_id > terms.own_due_day_id
                and later.organisation_id = terms.organisation_id
                and later.house_id is not distinct from terms.house_id
                and later.liability = terms.liability
        ), '{}') as own_months
    from terms
),

accounts as (
    select * from {{ ref('int_accounts_placed') }}
)

select
    accounts.account_id,
    in_force.liability,
    in_force.due_day,
    run.months
from accounts
inner join in_force
    on
        accounts.organisation_id = in_force.organisation_id
        and (in_force.house_id is null or accounts.house_id = in_force.house_id)
cross join lateral unnest(
    in_force.own_months - case
        when in_force.house_id is null then coalesce((
            select range_agg(of_house.months)
            from terms as of_house
            where
                of_house.organisation_id = accounts.organisation_id
                and of_house.house_id = accounts.house_id
                and of_house.liability = in_force.liability
        ), '{}')
        else '{}'
    end
) as run (months)
