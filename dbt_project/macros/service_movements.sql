{#-
The turnover sheet of accounts line by line: account, service, day and what moved. The same text
reads the marts (`charge_days`, `intervals`) and the live views; ask it with account_ids.
-#}
{% macro service_movements(charge_days, intervals) -%}
{{ service_settlements('select settled.*, 1 as sign from ' ~ intervals ~ ' as settled') }},

charge_days as (
    select * from {{ charge_days }}
),

movements as (
    select
        charge_days.account_id,
        charge_days.organisation_id,
        line.service_id,
        charge_days.line_date,
        case when charge_days.line_kind = 'charge' then line.kopecks else 0 end
            as charged_kopecks,
        case when charge_days.line_kind in ('recalculation', 'offset') then line.kopecks else 0 end
            as recalculated_kopecks,
        cast(0 as bigint) as paid_kopecks,
        case when charge_days.line_kind = 'adjustment' then line.kopecks else 0 end
            as adjusted_kopecks,
        cast(0 as bigint) as written_off_kopecks
    from charge_days
    cross join lateral unnest(charge_days.service_ids, charge_days.line_kopecks)
        as line (service_id, kopecks)
    union all
    select
        account_id,
        organisation_id,
        service_id,
        line_date,
        0 as charged_kopecks,
        case when line_kind = 'recalculation' then -kopecks else 0 end as recalculated_kopecks,
        case when line_kind = 'payment' then kopecks else 0 end as paid_kopecks,
        0 as adjusted_kopecks,
        case when line_kind = 'write_off' then kopecks else 0 end as written_off_kopecks
    from lines
)

select
    account_id,
    organisation_id,
    service_id,
    line_date,
    {{ roubles('charged_kopecks') }} as charged,
    {{ roubles('recalculated_kopecks') }} as recalculated,
    {{ roubles('paid_kopecks') }} as paid,
    {{ roubles('adjusted_kopecks') }} as adjusted,
    {{ roubles('written_off_kopecks') }} as written_off
from movements
{%- endmacro %}
