{#-
The heart of Dolgomer: which credit closed which part of which month, and when.

Walks one account once, in the order in which things happened, and returns the pieces of its debt
and of its advances. Rules (ГК 319.1; ПП ВС 22 of 27.06.2017 п.32; the model is in
docs/architecture.md):

* a month arises on the first day after it (or on its due date, if that is earlier) and is then
  closed by what was paid in advance, the oldest money first;
* a credit closes the months that it names, then the oldest month whose limitation has not run out
  on that day; write-offs that name nothing take time-barred months too;
* money under an order of a case of ours repays the duty that the court awarded, then closes what the
  case claims and nothing else: its liabilities, its months, up to the sums claimed and awarded. Then
  comes the penalty awarded (ГК 319), but not before the last month claimed is over. Duty and penalty
  are in no month and in no balance: what repays them is an award, a piece that counts on no day. What
  is left over closes only what arises or opens again after the day of the receipt;
* a credit that names a month which has not arisen waits for it: the creditor may not move it;
* months due on the same day share in proportion to what they owe, by largest remainder;
* what is left is an advance;
* a refund or a reversal first takes back the advance, then re-opens what the payment had closed,
  the latest first, with the services that it had closed, and takes back what it repaid of an award in
  its turn: so a receipt that was given back in part is one of the smaller sum. Of other receipts it
  takes awards last, and a cancelled write-off takes none. A part that finds nothing to re-open is a debt
  of its own, due at once.

`limitation_dates` moves the end of the limitation of an obligation (ГК 204: filing stops the term);
null, as a whole or for an obligation, leaves it at the due date and the years of the law.

`orders` are the orders of an account's cases with the receipts under them; nearly always null, and then
nothing of it is looked at.

All other arguments are arrays: obligations in the order of their due dates, credits in the order in which
they happened (negative: refunds and reversals). Amounts are kopecks.

Returned: `obligation_no` is the place in the arrays of obligations (null: an advance, whose amount is
negative; zero: an award, whose amount is negative where a refund took it back; below zero: a refund
that found nothing to re-open, by its place among the credits).
`opened_on`, `closed_on` bound the days on which the piece counts in the balance: Σ amounts open on a
day = the balance of that day.
-#}
{% macro function_allocate() %}
-- Row by row: receipts under orders of our cases; then what these cases claim, by case, liability and
-- month, each row with the limits of its whole case: principal, duty and penalty awarded. Kopecks.
do $$
begin
    if to_regtype('warehouse.court_orders') is null then
        create type warehouse.court_orders as (
            receipt_ids bigint[],
            receipt_cases bigint[],
            claim_cases bigint[],
            claim_liabilities text[],
            claim_periods date[],
            claim_kopecks bigint[],
            principals bigint[],
            duties bigint[],
            penalties bigint[],
            is_duty_first boolean
        );
    end if;
end
$$;

create or replace function warehouse.allocate(
    due_dates date[],
    periods date[],
    liabilities text[],
    opened_dates date[],
    arises_dates date[],
    kopecks bigint[],
    shares warehouse.service_shares[],
    credit_dates date[],
    credit_kopecks bigint[],
    credit_months datemultirange[],
    credit_ids bigint[],
    credit_reverses bigint[],
    credit_is_write_off boolean[],
    limitation_years integer,
    limitation_dates date[],
    orders warehouse.court_orders
)
returns table (
    obligation_no integer,
    amount bigint,
    opened_on date,
    closed_on date,
    credit_no integer,
    ended_by integer,
    reopened_by integer,
    service_ids integer[],
    service_kopecks bigint[]
)
language plpgsql immutable parallel safe
as $function$
#variable_conflict use_variable
declare
    obligation_count constant integer := coalesce(cardinality(kopecks), 0);
    credit_count constant integer := coalesce(cardinality(credit_kopecks), 0);
    limitation constant interval := make_interval(years => limitation_years);
    -- Younger than this needs no calendar arithmetic to be told that it is not time-barred.
    surely_alive constant integer := limitation_years * 365 - 5;

    -- Portions: the obligations themselves, then whatever refunds re-open.
    portions integer := obligation_count;
    p_obligation integer[];
    p_due date[] := due_dates;
    p_period date[] := periods;
    p_opened date[] := opened_dates;
    p_size bigint[] := kopecks;
    p_open bigint[];
    p_reopened_by integer[];
    p_from_piece integer[];
    p_first_piece integer[];
    p_last_piece integer[];
    by_due integer[];
    by_arising integer[];
    is_in_order boolean := true;
    first_open integer := 1;
    last_arisen integer := 0;

    -- Pieces that were closed.
    pieces integer := 0;
    q_portion integer[] := '{}';
    q_amount bigint[] := '{}';
    q_closed date[] := '{}';
    q_credit integer[] := '{}';
    q_next integer[] := '{}';
    q_returned bigint[] := '{}';
    -- Services of the closed pieces, kept only where a refund may ask for them.
    q_shares warehouse.service_shares[];

    -- Orders of our cases: the first claimed row of the case of a credit, what the rows and the cases
    -- still ask for, which row a piece was closed for, and which pieces are awards: they have no portion.
    credit_claim integer[];
    claim_left bigint[] := orders.claim_kopecks;
    principal_left bigint[] := orders.principals;
    duty_left bigint[] := orders.duties;
    penalty_left bigint[] := orders.penalties;
    q_claim integer[] := '{}';
    q_award text[] := '{}';
    order_claim integer;
    award text;
    came date;
    claims_left bigint[];
    claims_of_group integer[];

    -- Advances: credits with something left, in the order in which they came.
    waiting integer[] := '{}';
    rest bigint[] := credit_kopecks;
    release date;

    today date;
    next_arising date;
    next_credit date;
    arising integer := 1;
    credit integer := 1;
    to_apply integer[];
    k integer;
    months datemultirange;
    r bigint;
    before bigint;
    is_advance boolean;
    pass integer;
    pos integer;
    last_of_group integer;
    g integer;
    id integer;
    id2 integer;
    due date;
    total bigint;
    take bigint;
    parts bigint[];
    stage integer;
    target integer;
    need bigint;
    i integer;
    n integer;
    left_over bigint;
    vector bigint[];
    split bigint[];
    ids integer[];
    own_shares warehouse.service_shares;
begin
    if obligation_count > 0 then
        p_open := array_fill(0::bigint, array[obligation_count]);
        p_first_piece := array_fill(0, array[obligation_count]);
        p_last_piece := array_fill(0, array[obligation_count]);
        p_reopened_by := array_fill(0, array[obligation_count]);
        select array_agg(s) into p_obligation from generate_series(1, obligation_count) as s;
        by_due := p_obligation;
        for i in 2 .. obligation_count loop
            if arises_dates[i] < arises_dates[i - 1] then
                is_in_order := false;
                exit;
            end if;
        end loop;
        if is_in_order then
            by_arising := p_obligation;
        else
            select array_agg(s order by arises_dates[s], s) into by_arising
            from generate_series(1, obligation_count) as s;
        end if;
    end if;

    for i in 1 .. coalesce(cardinality(orders.receipt_ids), 0) loop
        credit_claim[array_position(credit_ids, orders.receipt_ids[i])] :=
            array_position(orders.claim_cases, orders.receipt_cases[i]);
    end loop;

    loop
        next_arising := case when arising <= obligation_count then
            arises_dates[by_arising[arising]] end;
        next_credit := case when credit <= credit_count then credit_dates[credit] end;
        today := least(next_arising, release, next_credit);
        exit when today is null;

        if next_arising = today then
            while arising <= obligation_count and arises_dates[by_arising[arising]] = today loop
                id := by_arising[arising];
                p_open[id] := p_size[id];
                pos := case when portions = obligation_count then id
                    else array_position(by_due, id) end;
                first_open := least(first_open, pos);
                last_arisen := greatest(last_arisen, pos);
                arising := arising + 1;
            end loop;
            to_apply := waiting;
        elsif release = today then
            to_apply := waiting;
        elsif credit_kopecks[credit] > 0 then
            to_apply := array[credit];
            credit := credit + 1;
        else
            -- A refund or a reversal.
            need := -credit_kopecks[credit];
            target := case when credit_reverses[credit] is not null then
                array_position(credit_ids, credit_reverses[credit]) end;
            for stage in 1 .. 5 loop
                exit when need = 0;
                -- Stages 1 and 2 look only at what is taken back by name; 3 and 4 at anything but
                -- awards, which come last.
                continue when stage < 3 and target is null and not credit_is_write_off[credit];
                exit when stage = 5 and (orders is null or credit_is_write_off[credit]);
                if stage in (1, 3) then
                    for i in reverse coalesce(cardinality(waiting), 0) .. 1 loop
                        exit when need = 0;
                        k := waiting[i];
                        continue when stage = 1 and (
                            k <> target or (target is null and not credit_is_write_off[k])
                        );
                        take := least(need, rest[k]);
                        continue when take = 0;
                        rest[k] := rest[k] - take;
                        need := need - take;
                        obligation_no := null; amount := -take; opened_on := credit_dates[k];
                        closed_on := today; credit_no := k; ended_by := credit;
                        reopened_by := null; service_ids := null; service_kopecks := null;
                        return next;
                    end loop;
                else
                    for i in reverse pieces .. 1 loop
                        exit when need = 0;
                        continue when stage = 2 and (
                            q_credit[i] <> target
                            or (target is null and not credit_is_write_off[q_credit[i]])
                        );
                        award := q_award[i];
                        continue when stage > 3 and (award is null) = (stage = 5);
                        take := least(need, q_amount[i] - q_returned[i]);
                        continue when take = 0;
                        q_returned[i] := q_returned[i] + take;
                        need := need - take;
                        if award is not null then
                            order_claim := credit_claim[q_credit[i]];
                            if award = 'duty' then
                                duty_left[order_claim] := duty_left[order_claim] + take;
                            else
                                penalty_left[order_claim] := penalty_left[order_claim] + take;
                            end if;
                            obligation_no := 0; amount := -take; opened_on := today;
                            closed_on := today; credit_no := q_credit[i]; ended_by := credit;
                            reopened_by := null; service_ids := null; service_kopecks := null;
                            return next;
                            continue;
                        end if;
                        if q_claim[i] is not null then
                            order_claim := credit_claim[q_credit[i]];
                            claim_left[q_claim[i]] := claim_left[q_claim[i]] + take;
                            principal_left[order_claim] := principal_left[order_claim] + take;
                        end if;
                        id := q_portion[i];
                        portions := portions + 1;
                        p_obligation[portions] := p_obligation[id];
                        p_due[portions] := p_due[id];
                        p_period[portions] := p_period[id];
                        p_opened[portions] := today;
                        p_size[portions] := take;
                        p_open[portions] := take;
                        p_reopened_by[portions] := credit;
                        p_from_piece[portions] := i;
                        p_first_piece[portions] := 0;
                        p_last_piece[portions] := 0;
                        -- Behind its own month, and before what is due on the same day after it.
                        pos := 1;
                        while pos <= cardinality(by_due) loop
                            id2 := by_due[pos];
                            exit when p_due[id2] > p_due[id];
                            exit when p_due[id2] = p_due[id] and p_obligation[id] > 0
                                and p_obligation[id2] not between 1 and p_obligation[id];
                            pos := pos + 1;
                        end loop;
                        by_due := by_due[1 : pos - 1] || portions || by_due[pos :];
                        first_open := least(first_open, pos);
                        last_arisen := greatest(last_arisen + 1, pos);
                    end loop;
                end if;
            end loop;
            if need > 0 then
                portions := portions + 1;
                p_obligation[portions] := -credit;
                p_due[portions] := today;
                p_period[portions] := date_trunc('month', today)::date;
                p_opened[portions] := today;
                p_size[portions] := need;
                p_open[portions] := need;
                p_reopened_by[portions] := credit;
                p_first_piece[portions] := 0;
                p_last_piece[portions] := 0;
                pos := 1;
                while pos <= coalesce(cardinality(by_due), 0) and p_due[by_due[pos]] <= today loop
                    pos := pos + 1;
                end loop;
                by_due := by_due[1 : pos - 1] || portions || by_due[pos :];
                first_open := least(first_open, pos);
                last_arisen := greatest(last_arisen + 1, pos);
            end if;
            to_apply := waiting;
            credit := credit + 1;
        end if;

        -- Let credits close what is open.
        foreach k in array to_apply loop
            r := rest[k];
            continue when r = 0;
            months := credit_months[k];
            is_advance := k = any (waiting);
            before := r;
            order_claim := credit_claim[k];

            -- Money under an order of ours: the duty awarded, what its case claims, the penalty awarded
            -- (the duty beside it, where the law that puts it first is off), and then what comes later.
            for pass in 1 .. 2 loop
                exit when order_claim is null;
                exit when pass = 2 and upper(months) > today;
                foreach award in array case
                    when pass = 2 then array['duty', 'penalty']
                    when orders.is_duty_first then array['duty']
                    else array[]::text[]
                end loop
                    take := least(r, case award when 'duty' then duty_left[order_claim]
                        else penalty_left[order_claim] end);
                    continue when take = 0;
                    if award = 'duty' then
                        duty_left[order_claim] := duty_left[order_claim] - take;
                    else
                        penalty_left[order_claim] := penalty_left[order_claim] - take;
                    end if;
                    r := r - take;
                    pieces := pieces + 1;
                    q_award[pieces] := award;
                    q_amount[pieces] := take;
                    q_credit[pieces] := k;
                    q_returned[pieces] := 0;
                    obligation_no := 0; amount := take; opened_on := today; closed_on := today;
                    credit_no := k; ended_by := null; reopened_by := null; service_ids := null;
                    service_kopecks := null;
                    return next;
                end loop;
                pos := first_open;
                while pos <= last_arisen and r > 0 loop
                    due := p_due[by_due[pos]];
                    parts := '{}';
                    claims_of_group := '{}';
                    claims_left := claim_left;
                    total := 0;
                    last_of_group := pos - 1;
                    while last_of_group < last_arisen
                        and p_due[by_due[last_of_group + 1]] = due loop
                        last_of_group := last_of_group + 1;
                        id := by_due[last_of_group];
                        n := p_obligation[id];
                        take := 0;
                        i := null;
                        if pass = 1 and n > 0 then
                            for g in 1 .. cardinality(claim_left) loop
                                if orders.claim_cases[g] = orders.claim_cases[order_claim]
                                    and orders.claim_liabilities[g] = liabilities[n]
                                    and orders.claim_periods[g] = p_period[id] then
                                    i := g;
                                    take := least(p_open[id], claims_left[g]);
                                    claims_left[g] := claims_left[g] - take;
                                end if;
                            end loop;
                        elsif pass = 2 then
                            came := case when id <= obligation_count then arises_dates[n]
                                else p_opened[id] end;
                            if came > credit_dates[k]
                                and coalesce(limitation_dates[n], (due + limitation)::date)
                                    >= today then
                                take := p_open[id];
                            end if;
                        end if;
                        parts := parts || take;
                        claims_of_group := claims_of_group || i;
                        total := total + take;
                    end loop;
                    take := least(r, total);
                    if pass = 1 then
                        take := least(take, principal_left[order_claim]);
                    end if;
                    if take < total then
                        parts := warehouse.apportion(take, parts);
                    end if;
                    for g in pos .. last_of_group loop
                        take := parts[g - pos + 1];
                        continue when take = 0;
                        id := by_due[g];
                        pieces := pieces + 1;
                        q_portion[pieces] := id;
                        q_amount[pieces] := take;
                        q_closed[pieces] := today;
                        q_credit[pieces] := k;
                        q_next[pieces] := 0;
                        q_returned[pieces] := 0;
                        if p_last_piece[id] = 0 then
                            p_first_piece[id] := pieces;
                        else
                            q_next[p_last_piece[id]] := pieces;
                        end if;
                        p_last_piece[id] := pieces;
                        p_open[id] := p_open[id] - take;
                        r := r - take;
                        i := claims_of_group[g - pos + 1];
                        if i is not null then
                            q_claim[pieces] := i;
                            claim_left[i] := claim_left[i] - take;
                            principal_left[order_claim] := principal_left[order_claim] - take;
                        end if;
                    end loop;
                    pos := last_of_group + 1;
                end loop;
            end loop;

            -- Any other money: the months that it names, and then the oldest.
            for pass in 1 .. 2 loop
                exit when order_claim is not null;
                continue when pass = 1 and months is null;
                exit when pass = 2 and months is not null and upper(months) > today;
                pos := first_open;
                while pos <= last_arisen and r > 0 loop
                    id := by_due[pos];
                    if p_open[id] = 0 then
                        if pos = first_open then
                            first_open := first_open + 1;
                        end if;
                        pos := pos + 1;
                        continue;
                    end if;
                    due := p_due[id];
                    if pass = 1 then
                        if not p_period[id] <@ months then
                            pos := pos + 1;
                            continue;
                        end if;
                    elsif due < today - surely_alive
                        and coalesce(limitation_dates[p_obligation[id]], (due + limitation)::date)
                            < today
                        and not (credit_is_write_off[k] and months is null) then
                        pos := pos + 1;
                        continue;
                    end if;

                    -- All that is due on the same day shares in proportion.
                    total := p_open[id];
                    last_of_group := pos;
                    while last_of_group < last_arisen
                        and p_due[by_due[last_of_group + 1]] = due loop
                        last_of_group := last_of_group + 1;
                        id2 := by_due[last_of_group];
                        if pass = 2 or p_period[id2] <@ months then
                            total := total + p_open[id2];
                        end if;
                    end loop;
                    if r < total and last_of_group > pos then
                        parts := '{}';
                        for g in pos .. last_of_group loop
                            id2 := by_due[g];
                            parts := parts || case when pass = 2 or p_period[id2] <@ months then
                                p_open[id2] else 0 end;
                        end loop;
                        parts := warehouse.apportion(r, parts);
                    else
                        parts := null;
                    end if;
                    for g in pos .. last_of_group loop
                        id2 := by_due[g];
                        if parts is not null then
                            take := parts[g - pos + 1];
                        elsif pass = 2 or p_period[id2] <@ months then
                            take := least(r, p_open[id2]);
                        else
                            take := 0;
                        end if;
                        continue when take = 0;
                        pieces := pieces + 1;
                        q_portion[pieces] := id2;
                        q_amount[pieces] := take;
                        q_closed[pieces] := today;
                        q_credit[pieces] := k;
                        q_next[pieces] := 0;
                        q_returned[pieces] := 0;
                        if p_last_piece[id2] = 0 then
                            p_first_piece[id2] := pieces;
                        else
                            q_next[p_last_piece[id2]] := pieces;
                        end if;
                        p_last_piece[id2] := pieces;
                        p_open[id2] := p_open[id2] - take;
                        r := r - take;
                    end loop;
                    pos := last_of_group + 1;
                end loop;
            end loop;

            if is_advance and r < before then
                obligation_no := null; amount := r - before; opened_on := credit_dates[k];
                closed_on := today; credit_no := k; ended_by := null;
                reopened_by := null; service_ids := null; service_kopecks := null;
                return next;
            elsif not is_advance and r > 0 then
                waiting := waiting || k;
            end if;
            rest[k] := r;
        end loop;

        -- Whose money is used up waits no longer; a named month that never arose lets go in time.
        release := null;
        if waiting <> '{}' then
            to_apply := waiting;
            waiting := '{}';
            foreach k in array to_apply loop
                if rest[k] > 0 then
                    waiting := waiting || k;
                    if upper(credit_months[k]) > today then
                        release := least(release, upper(credit_months[k]));
                    end if;
                end if;
            end loop;
        end if;
    end loop;

    foreach k in array waiting loop
        obligation_no := null; amount := -rest[k]; opened_on := credit_dates[k];
        closed_on := null; credit_no := k; ended_by := null;
        reopened_by := null; service_ids := null; service_kopecks := null;
        return next;
    end loop;

    for id in 1 .. portions loop
        n := p_obligation[id];
        obligation_no := n;
        opened_on := p_opened[id];
        reopened_by := nullif(p_reopened_by[id], 0);
        ended_by := null;
        i := p_first_piece[id];
        if n < 0 then
            ids := null;
            vector := null;
        elsif id <= obligation_count then
            own_shares := shares[n];
            if i > 0 and (q_amount[i] < p_size[id] or q_returned[i] > 0) then
                own_shares := warehouse.by_service(own_shares);
            end if;
            ids := own_shares.service_ids;
            vector := own_shares.kopecks;
        else
            -- What was paid for a service is owed for that service again.
            own_shares := q_shares[p_from_piece[id]];
            ids := own_shares.service_ids;
            vector := warehouse.apportion(p_size[id], own_shares.kopecks);
            for g in 1 .. cardinality(vector) loop
                own_shares.kopecks[g] := own_shares.kopecks[g] - vector[g];
            end loop;
            q_shares[p_from_piece[id]] := own_shares;
        end if;
        service_ids := ids;
        left_over := p_size[id];
        while i > 0 loop
            amount := q_amount[i];
            closed_on := q_closed[i];
            credit_no := q_credit[i];
            if amount = left_over or vector is null then
                service_kopecks := vector;
            else
                split := warehouse.apportion(amount, vector);
                service_kopecks := split;
                for g in 1 .. cardinality(vector) loop
                    vector[g] := vector[g] - split[g];
                end loop;
            end if;
            left_over := left_over - amount;
            return next;
            if q_returned[i] > 0 and n > 0 then
                own_shares.service_ids := ids;
                own_shares.kopecks := service_kopecks;
                q_shares[i] := own_shares;
            end if;
            i := q_next[i];
        end loop;
        if left_over > 0 then
            amount := left_over;
            closed_on := null;
            credit_no := null;
            service_kopecks := vector;
            return next;
        end if;
    end loop;
end
$function$;
{% endmacro %}
