{#-
What a month comes to when some of its lines lower it.

Charges count first, then recalculations and adjustments in the order of their documents; of one day
what raises the month before what lowers it, so that the order of lines decides nothing. Whatever
would turn the month negative becomes a credit dated by the document that did it, and the month goes
on from nothing, for every service. What is left of the month is divided between the services that
still owe, in proportion to what they owe.
-#}
{% macro function_settle_month() %}
do $types$
begin
    if to_regtype('warehouse.settled_month') is null then
        create type warehouse.settled_month as (
            kopecks bigint,
            service_ids integer[],
            service_kopecks bigint[],
            credit_dates date[],
            credit_kopecks bigint[],
            credit_ids bigint[]
        );
    end if;
    if to_regtype('warehouse.service_shares') is null then
        create type warehouse.service_shares as (service_ids integer[], kopecks bigint[]);
    end if;
end
$types$;

create or replace function warehouse.settle_month(
    service_ids integer[], kopecks bigint[], is_charge boolean[], booked_on date[], line_ids bigint[]
)
returns warehouse.settled_month
language plpgsql immutable parallel safe
as $function$
declare
    month warehouse.settled_month;
    running bigint := 0;
    counted integer[] := '{}';
    line integer;
begin
    for line in
        select i
        from generate_subscripts(kopecks, 1) as i
        order by not is_charge[i], booked_on[i], kopecks[i] < 0, line_ids[i]
    loop
        running := running + kopecks[line];
        counted := counted || line;
        if running < 0 then
            month.credit_dates := month.credit_dates || booked_on[line];
            month.credit_kopecks := month.credit_kopecks || -running;
            month.credit_ids := month.credit_ids || line_ids[line];
            running := 0;
            counted := '{}';
        end if;
    end loop;
    month.kopecks := running;
    if running > 0 then
        select array_agg(owed.service_id order by owed.service_id),
            array_agg(owed.kopecks order by owed.service_id)
        into month.service_ids, month.service_kopecks
        from (
            select service_ids[i] as service_id, sum(kopecks[i])::bigint as kopecks
            from unnest(counted) as i
            group by service_ids[i]
            having sum(kopecks[i]) > 0
        ) as owed;
        month.service_kopecks := warehouse.apportion(running, month.service_kopecks);
    end if;
    return month;
end
$function$;
{% endmacro %}
