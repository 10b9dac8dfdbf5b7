{#-
What services an account was charged for, and which of them a meter measured: one row for months on
end in which that stayed the same, so that an account has a handful of rows however old it is. What a
recalculation names stands for its own day.
-#}
{% macro charged_services(accounts, charge_days) -%}
with accounts as (
    select * from {{ accounts }}
),

charge_days as not materialized (
    select * from {{ charge_days }}
),

followed as (
    select
        account_id,
        line_date,
        service_ids,
        metered_service_ids,
        lag(line_date) over in_order as previous_date,
        lag(service_ids) over in_order as previous_service_ids,
        lag(metered_service_ids) over in_order as previous_metered_service_ids,
        max(line_date) over (partition by account_id) as last_date
    from charge_days
    where line_kind = 'charge'
    window in_order as (partition by account_id order by line_date)
),

starts as (
    select
        *,
        lead(previous_date) over (partition by account_id order by line_date) as last_before_next
    from followed
    where
        previous_date is null
        or previous_date <> cast(date_trunc('month', line_date) as date) - 1
        or previous_service_ids <> service_ids
        or previous_metered_service_ids <> metered_service_ids
),

spans as (
    select
        account_id,
        'charge' as line_kind,
        line_date as first_date,
        coalesce(last_before_next, last_date) as last_date,
        service_ids,
        metered_service_ids
    from starts
    union all
    select
        account_id,
        line_kind,
        line_date as first_date,
        line_date as last_date,
        service_ids,
        metered_service_ids
    from charge_days
    where line_kind = 'recalculation'
)

select
    spans.account_id,
    spans.line_kind,
    spans.first_date,
    spans.last_date,
    accounts.organisation_id,
    accounts.house_id,
    accounts.premises_id,
    spans.service_ids,
    spans.metered_service_ids
from spans
inner join accounts on spans.account_id = accounts.account_id
{%- endmacro %}
