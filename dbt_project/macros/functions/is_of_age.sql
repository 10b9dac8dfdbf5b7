{#-
Whether debt that was due on a day belongs on another day to the ageing bucket with these bounds (a row
of reference.ageing_bucket). Days count from the due date; whole years are those of the calendar, as
limitation counts them: three years after 1 March 2023 is 1 March 2026, whatever February had between.
-#}
{% macro function_is_of_age() %}
create or replace function warehouse.is_of_age(
    due_date date, day date, days_from integer, days_to integer, years_from integer, years_to integer
) returns boolean
language sql immutable parallel safe
as $$
    select (days_from is null or day - due_date >= days_from)
        and (days_to is null or day - due_date <= days_to)
        and (years_from is null or day > due_date + make_interval(years => years_from))
        and (years_to is null or day <= due_date + make_interval(years => years_to))
$$;
comment on function warehouse.is_of_age is
    'Whether debt due on due_date is in the ageing bucket with these bounds on day';
{% endmacro %}
