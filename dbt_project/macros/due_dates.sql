{#- Months of both liabilities with the rule of law that names the day by which they are paid. -#}
{% macro months_with_rules() -%}
    select
        months.liability,
        months.period,
        coalesce(own_rule.due_day_id, first_rule.due_day_id) as due_day_id,
        own_rule.due_day_id is not null as is_rule_known,
        coalesce(own_rule.due_day, first_rule.due_day) as due_day,
        coalesce(own_rule.is_override_allowed, first_rule.is_override_allowed)
            as is_override_allowed,
        coalesce(
            own_rule.is_shifted_from_day_off, first_rule.is_shifted_from_day_off
        ) as is_shifted_from_day_off
    from (
        select
            liability.liability,
            cast(months_of_years.first_day as date) as period
        from (values ('housing'), ('capital_repair')) as liability (liability)
        cross join
            generate_series(
                timestamp '1991-01-01', timestamp '2036-12-01', interval '1 month'
            ) as months_of_years (first_day)
    ) as months
    left join {{ source('reference', 'due_day') }} as own_rule
        on
            months.liability = own_rule.scope
            and months.period >= own_rule.period_from
            and (own_rule.period_to is null or months.period <= own_rule.period_to)
    -- Months before the first rule of the table take it too, and say so in is_rule_known.
    inner join lateral (
        select earliest.*
        from {{ source('reference', 'due_day') }} as earliest
        where earliest.scope = months.liability
        order by earliest.period_from
        limit 1
    ) as first_rule on true
{%- endmacro %}

{#-
A day of the month after the month that is owed for. Where that month is shorter, its last day: a
term that falls on a day that does not exist ends on the last day of the month (ГК 192 п. 3).
-#}
{% macro nominal_due_date(period, due_day) -%}
    least(
        cast({{ period }} + interval '1 month' as date) + {{ due_day }} - 1,
        cast({{ period }} + interval '2 months' as date) - 1
    )
{%- endmacro %}

{#-
Rows of `nominal` (nominal_date, is_shifted_from_day_off) with the day on which the term ends.

ГК 193: a term that ends on a day off ends on the next working day. Outside the production calendar
only Saturdays and Sundays are known to be days off.
-#}
{% macro moved_from_days_off(nominal) -%}
    select
        nominal.*,
        own_day.day is not null as is_calendar_known,
        case
            when not nominal.is_shifted_from_day_off then nominal.nominal_date
            when own_day.day is not null then working.next_day
            when extract(isodow from nominal.nominal_date) = 6 then nominal.nominal_date + 2
            when extract(isodow from nominal.nominal_date) = 7 then nominal.nominal_date + 1
            else nominal.nominal_date
        end as due_date
    from {{ nominal }} as nominal
    left join {{ source('reference', 'calendar_day') }} as own_day
        on nominal.nominal_date = own_day.day
    left join lateral (
        select min(days.day) as next_day
        from {{ source('reference', 'calendar_day') }} as days
        where days.is_working and days.day >= nominal.nominal_date
    ) as working on true
{%- endmacro %}
