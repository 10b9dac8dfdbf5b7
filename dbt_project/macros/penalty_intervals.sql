{#- Intervals of kopecks in the shape in which penalty is reckoned: the names and the unit of the mart. -#}
{% macro penalty_intervals(intervals) -%}
select
    account_id,
    cast(interval_no as integer) as interval_no,
    organisation_id,
    interval_kind,
    liability,
    period,
    due_date,
    opened_date,
    closed_date,
    {{ roubles('interval_kopecks') }} as interval_amount,
    credit_kind,
    credit_id,
    credit_date,
    reopened_by_id
from {{ intervals }}
{%- endmacro %}
