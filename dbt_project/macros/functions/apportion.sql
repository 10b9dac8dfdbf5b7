{#-
Largest remainder: divides a sum of kopecks by weights so that the parts equal the whole.

A part never exceeds its weight while the sum does not exceed all weights, so a month that is paid in
several pieces ends with exactly the charged sum of every service. Products of sums over 30 million
roubles would not fit bigint, hence the second branch.
-#}
{% macro function_apportion() %}
create or replace function warehouse.apportion(whole bigint, weights bigint[])
returns bigint[]
language plpgsql immutable strict parallel safe
as $function$
declare
    total bigint := 0;
    parts bigint[] := weights;
    rests bigint[] := weights;
    given bigint := 0;
    weight bigint;
    largest integer;
    i integer;
begin
    foreach weight in array weights loop
        total := total + weight;
    end loop;
    if total = 0 then
        raise exception 'Nothing to divide by: all weights are zero';
    end if;
    if whole = total then
        return weights;
    end if;
    for i in 1 .. cardinality(weights) loop
        if whole < 3000000000 and weights[i] < 3000000000 then
            parts[i] := whole * weights[i] / total;
            rests[i] := whole * weights[i] % total;
        else
            parts[i] := div(whole::numeric * weights[i], total::numeric);
            rests[i] := mod(whole::numeric * weights[i], total::numeric);
        end if;
        given := given + parts[i];
    end loop;
    while given < whole loop
        largest := 1;
        for i in 2 .. cardinality(weights) loop
            if rests[i] > rests[largest] then
                largest := i;
            end if;
        end loop;
        parts[largest] := parts[largest] + 1;
        rests[largest] := -1;
        given := given + 1;
    end loop;
    return parts;
end
$function$;
{% endmacro %}
