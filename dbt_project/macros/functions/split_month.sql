{#-
Divides the open debt of a month between those who hold the premises, by exact largest remainder.

`weights` are share x days of each holder, brought to whole numbers; `whole_weight` is what they come
to when every day of the month is held in full. What they lack belongs to an unknown owner: the last
of the parts. What was recovered from a holder under an order against him lowers his part and nobody
else's. The parts always equal the whole.

Returned: a part for each weight, in their order, and one more for the unknown owner. Kopecks.
-#}
{% macro function_split_month() %}
create or replace function warehouse.split_exactly(whole bigint, weights numeric[])
returns bigint[]
language plpgsql immutable strict parallel safe
as $function$
declare
    total numeric := 0;
    weight numeric;
    parts bigint[] := '{}';
    rests numeric[] := '{}';
    given bigint := 0;
    largest integer;
    i integer;
begin
    foreach weight in array weights loop
        total := total + weight;
    end loop;
    if total = 0 then
        raise exception 'Nothing to divide by: all weights are zero';
    end if;
    for i in 1 .. cardinality(weights) loop
        parts[i] := div(whole * weights[i], total);
        rests[i] := mod(whole * weights[i], total);
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

create or replace function warehouse.split_month(
    whole bigint, weights numeric[], whole_weight numeric, recovered bigint[]
)
returns bigint[]
language plpgsql immutable parallel safe
as $function$
declare
    holders constant integer := coalesce(cardinality(weights), 0);
    known numeric := 0;
    all_weights numeric[] := weights;
    parts bigint[];
    owed bigint := 0;
    i integer;
begin
    if holders = 0 then
        return array[whole];
    end if;
    foreach known in array weights loop
        whole_weight := whole_weight - known;
    end loop;
    if holders = 1 and whole_weight <= 0 then
        return array[whole, 0];
    end if;
    all_weights := all_weights || greatest(whole_weight, 0);
    -- What the month came to before any of them paid under an order.
    for i in 1 .. holders loop
        owed := owed + recovered[i];
    end loop;
    parts := warehouse.split_exactly(whole + owed, all_weights);
    if owed = 0 then
        return parts;
    end if;
    owed := 0;
    for i in 1 .. holders + 1 loop
        if i <= holders then
            parts[i] := greatest(parts[i] - recovered[i], 0);
        end if;
        owed := owed + parts[i];
    end loop;
    -- Somebody paid more than his part: the others owe what is open, in proportion.
    if owed > whole then
        parts := warehouse.split_exactly(whole, parts::numeric[]);
    end if;
    return parts;
end
$function$;

create or replace aggregate warehouse.common_denominator(numeric) (
    sfunc = pg_catalog.lcm, stype = numeric, initcond = '1', parallel = safe
);
{% endmacro %}
