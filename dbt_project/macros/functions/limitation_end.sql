{#-
The day on which the limitation of a month ends, moved by the cases that stopped it.

From the filing on the term does not run; while the case lives it does not end at all. When an order
is cancelled (or a claim left unheard) it goes on with what was left on the day of filing, and after
a cancelled order with six months at least (ГК 204; ПП ВС 43 of 29.09.2015 п. 17-18). A returned or
refused application stops nothing: such cases are not among the stops. A filing after the term had
run out brings nothing back.
-#}
{% macro function_limitation_end() %}
create or replace function warehouse.limitation_end(
    term_end date,
    filed_dates date[],
    ended_dates date[],
    is_extended boolean[],
    least_rest interval
)
returns date
language plpgsql immutable parallel safe
as $function$
declare
    last_day date := term_end;
    i integer;
begin
    for i in 1 .. coalesce(cardinality(filed_dates), 0) loop
        continue when last_day < filed_dates[i];
        if ended_dates[i] is null then
            return 'infinity';
        end if;
        last_day := ended_dates[i] + (last_day - filed_dates[i]);
        if is_extended[i] then
            last_day := greatest(last_day, (ended_dates[i] + least_rest)::date);
        end if;
    end loop;
    return last_day;
end
$function$;

-- The same for all obligations of an account; null where no case of the account stopped anything.
create or replace function warehouse.limitation_dates(
    due_dates date[],
    periods date[],
    liabilities text[],
    years integer,
    stop_periods date[],
    stop_liabilities text[],
    filed_dates date[],
    ended_dates date[],
    is_extended boolean[],
    least_rest interval
)
returns date[]
language sql immutable strict parallel safe
return (
    select array_agg(
        (
            select warehouse.limitation_end(
                (own.due_date + make_interval(years => years))::date,
                array_agg(stop.filed_date order by stop.place),
                array_agg(stop.ended_date order by stop.place),
                array_agg(stop.is_extended order by stop.place),
                least_rest
            )
            from unnest(
                stop_periods, stop_liabilities, filed_dates, ended_dates, is_extended
            ) with ordinality
                as stop (period, liability, filed_date, ended_date, is_extended, place)
            where stop.period = own.period and stop.liability = own.liability
        )
        order by own.place
    )
    from unnest(due_dates, periods, liabilities) with ordinality
        as own (due_date, period, liability, place)
);
{% endmacro %}
