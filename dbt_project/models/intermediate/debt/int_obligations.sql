with months as (
    select * from {{ ref('int_months_summed') }}
),

due_dates as (
    select * from {{ ref('int_due_dates') }}
)

select
    months.account_id,
    months.liability,
    months.period,
    coalesce(months.named_due_date, due_dates.due_date) as due_date,
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
