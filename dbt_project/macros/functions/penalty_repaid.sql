{#-
What receipts under one order have repaid of the penalty that the court awarded, kopecks.

The walk repays the duty before the penalty, whichever of the two the law puts beside the debt, so a
piece repays the penalty once no duty is left. A refund takes back the latest of what its receipt had
repaid: duty that is owed again comes before the penalty once more.

`receipts` and `kopecks` are the award pieces of the order in the order of the walk, below zero what a
refund took back; `duty` is what the court awarded of it.
-#}
{% macro function_penalty_repaid() %}
create or replace function warehouse.penalty_repaid(
    receipts bigint[], kopecks bigint[], duty bigint
)
returns bigint
language plpgsql immutable parallel safe
as $function$
declare
    pieces constant integer := coalesce(cardinality(kopecks), 0);
    duty_left bigint := duty;
    penalty bigint := 0;
    left_of_piece bigint[] := array_fill(0::bigint, array[pieces]);
    is_duty boolean[];
    need bigint;
    take bigint;
begin
    for i in 1 .. pieces loop
        if kopecks[i] > 0 then
            left_of_piece[i] := kopecks[i];
            is_duty[i] := duty_left > 0;
            if is_duty[i] then
                duty_left := duty_left - kopecks[i];
            else
                penalty := penalty + kopecks[i];
            end if;
            continue;
        end if;
        need := -kopecks[i];
        for j in reverse i - 1 .. 1 loop
            exit when need = 0;
            continue when receipts[j] <> receipts[i];
            take := least(need, left_of_piece[j]);
            left_of_piece[j] := left_of_piece[j] - take;
            need := need - take;
            if is_duty[j] then
                duty_left := duty_left + take;
            else
                penalty := penalty - take;
            end if;
        end loop;
    end loop;
    return penalty;
end
$function$;
{% endmacro %}
