{#-
One pass over the ledger: the lines of a month that are due on the same day, side by side.

`own_due_days` gives due days that a contract set; a ledger without contracts passes none.
-#}
{% macro months_summed(charges, own_due_days=none) -%}
-- What is read twice is not materialised: `where account_id = …` must reach the index.
with charges as not materialized (
    select * from {{ charges }}
),

services as not materialized (
    select * from {{ ref('stg_services') }}
),

due_dates as (
    select * from {{ ref('int_due_dates') }}
),
{% if own_due_days %}
own_due_days as (
    select * from {{ own_due_days }}
),

due_dates_by_day as (
    select * from {{ ref('int_due_dates_by_day') }}
),
{% endif %}
-- A recalculation without a due date of its own follows the charge that it corrects.
named_due_dates as (
    select
        charges.account_id,
        charges.period,
        services.liability,
        min(charges.named_due_date) as first_named_due_date
    from charges
    inner join services on charges.service_id = services.service_id
    where charges.named_due_date is not null and charges.charge_kind = 'charge'
    group by charges.account_id, charges.period, services.liability
),

placed as (
    select
        charges.account_id,
        services.liability,
        charges.period,
        coalesce(charges.named_due_date, named_due_dates.first_named_due_date) as source_due_date,
        {%- if own_due_days %}
        -- Asked line by line, which hardly any account needs: a join would walk the calendar of all
        -- days for every account that is counted anew.
        case
            when own_due_days.due_day is not null then (
                select calendar.due_date
                from due_dates_by_day as calendar
                where
                    calendar.liability = services.liability
                    and calendar.period = charges.period
                    and calendar.due_day = own_due_days.due_day
            )
        end as own_due_date,
        {%- else %}
        cast(null as date) as own_due_date,
        {%- endif %}
        charges.service_id,
        charges.charge_id,
        charges.charge_kopecks,
        charges.charge_kind = 'charge' as is_charge,
        charges.booked_date
    from charges
    inner join services on charges.service_id = services.service_id
    left join named_due_dates
        on
            charges.account_id = named_due_dates.account_id
            and charges.period = named_due_dates.period
            and services.liability = named_due_dates.liability
            and charges.charge_kind <> 'charge'
    {%- if own_due_days %}
    left join own_due_days
        on
            charges.account_id = own_due_days.account_id
            and services.liability = own_due_days.liability
            and charges.period <@ own_due_days.months
    {%- endif %}
    where charges.charge_amount <> 0
),

lines as (
    select
        placed.*,
        -- A source that names the very date of the contract or of the law names nothing new: one
        -- obligation.
        case
            when placed.source_due_date is not null then nullif(
                placed.source_due_date,
                coalesce(placed.own_due_date, (
                    select due_dates.due_date
                    from due_dates
                    where
                        due_dates.liability = placed.liability
                        and due_dates.period = placed.period
                ))
            )
        end as named_due_date
    from placed
)

select
    account_id,
    liability,
    period,
    named_due_date,
    -- The same for all lines of a month.
    min(own_due_date) as own_due_date,
    cast(sum(charge_kopecks) as bigint) as net_kopecks,
    cast(coalesce(sum(charge_kopecks) filter (where is_charge), 0) as bigint) as charged_kopecks,
    bool_or(charge_kopecks < 0) as has_reduction,
    -- One order whatever the plan: a build writes what differs from what stands.
    array_agg(service_id order by service_id, charge_id) as service_ids,
    array_agg(charge_kopecks order by service_id, charge_id) as line_kopecks,
    -- Nearly all months are plain sums; only those that something lowers are walked line by line.
    case when bool_or(charge_kopecks < 0) then warehouse.settle_month(
        array_agg(service_id order by service_id, charge_id),
        array_agg(charge_kopecks order by service_id, charge_id),
        array_agg(is_charge order by service_id, charge_id),
        array_agg(booked_date order by service_id, charge_id),
        array_agg(charge_id order by service_id, charge_id)
    ) end as walked
from lines
group by account_id, liability, period, named_due_date
{%- endmacro %}

{#- What months came to, and when they are due: as the source says, by the contract, by the law. -#}
{% macro obligations_of_months(months) -%}
with months as (
    select * from {{ months }}
),

due_dates as (
    select * from {{ ref('int_due_dates') }}
)

select
    months.account_id,
    months.liability,
    months.period,
    coalesce(months.named_due_date, months.own_due_date, due_dates.due_date) as due_date,
    months.named_due_date is not null as is_due_date_named,
    least(
        cast(months.period + interval '1 month' as date), months.named_due_date
    ) as arises_date,
    least(
        cast(months.period + interval '1 month' as date) - 1, months.named_due_date
    ) as opened_date,
    months.charged_kopecks,
    case
        when months.has_reduction then (months.walked).kopecks
        else months.net_kopecks
    end as obligation_kopecks,
    case
        when months.has_reduction then (months.walked).service_ids
        else months.service_ids
    end as service_ids,
    case
        when months.has_reduction then (months.walked).service_kopecks
        else months.line_kopecks
    end as service_kopecks,
    (months.walked).credit_dates as surplus_dates,
    (months.walked).credit_kopecks as surplus_kopecks,
    (months.walked).credit_ids as surplus_charge_ids
from months
inner join due_dates
    on months.liability = due_dates.liability and months.period = due_dates.period
{%- endmacro %}
