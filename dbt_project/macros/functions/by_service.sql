{#-
One line per service, in the order of their numbers: remainders must not depend on the order in which
rows happened to be read. Months nearly always come so already, which is cheap to see.
-#}
{% macro function_by_service() %}
create or replace function warehouse.by_service(shares warehouse.service_shares)
returns warehouse.service_shares
language plpgsql immutable parallel safe
as $function$
declare
    ids constant integer[] := shares.service_ids;
    sorted warehouse.service_shares;
    i integer;
begin
    for i in 2 .. coalesce(cardinality(ids), 0) loop
        if ids[i] <= ids[i - 1] then
            select array_agg(one.service_id order by one.service_id),
                array_agg(one.kopecks order by one.service_id)
            into sorted.service_ids, sorted.kopecks
            from (
                select line.service_id, sum(line.kopecks)::bigint as kopecks
                from unnest(ids, shares.kopecks) as line (service_id, kopecks)
                group by line.service_id
            ) as one;
            return sorted;
        end if;
    end loop;
    return shares;
end
$function$;
{% endmacro %}
