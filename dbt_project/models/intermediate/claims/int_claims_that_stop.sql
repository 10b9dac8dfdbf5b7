-- Filed claims that stopped the limitation of a month, once for each part of the month.
with claimed_months as (
    select * from {{ ref('stg_claimed_months') }}
    where claimed_part = 'principal'
),

cases as (
    select * from {{ ref('stg_court_cases') }}
),

least_rest as (
    select make_interval(months => min(value)) as term
    from {{ source('reference', 'legal_term') }}
    where code = 'limitation_rest_min' and is_enabled
)

select
    claimed_months.account_id,
    claimed_months.case_id,
    claimed_months.liability,
    claimed_months.period,
    claimed_months.portion_person_id,
    cases.filed_date,
    case when not cases.is_live then cases.freed_date end as ended_date,
    -- Left unheard is mostly the fault of the claimant, and then nothing is added (ГК 204 п. 3).
    coalesce(cases.freed_by = 'cancelled', false) as is_extended,
    least_rest.term as least_rest
from claimed_months
inner join cases
    on
        claimed_months.case_id = cases.case_id
        and claimed_months.account_id = cases.account_id
cross join least_rest
where
    cases.filed_date is not null
    -- Neither a returned nor a withdrawn application, nor a refused one, stops anything.
    and (cases.is_live or cases.freed_by in ('cancelled', 'left_unheard'))
