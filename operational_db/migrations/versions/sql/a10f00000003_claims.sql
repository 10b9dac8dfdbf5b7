-- Cases of an account change one after another, whatever the isolation level: the row of the lock
-- is really updated, so a transaction with an older snapshot fails instead of overlooking a case.
create function ops.take_claim_turns(accounts bigint[]) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
    insert into ops.claim_lock (account_id)
    select distinct a.account_id from unnest(accounts) as a (account_id) order by a.account_id
    on conflict (account_id) do update set turns = claim_lock.turns + 1
$$;

create function ops.frees_months(kind text) returns boolean
language sql immutable parallel safe
return kind in ('returned', 'refused', 'left_unheard', 'withdrawn', 'cancelled');
comment on function ops.frees_months(text) is
    'Whether an event ends a case without an act on its months, so that another case may claim them';

-- Months of the given cases that another live case claims already, or that only a claim may ask for.
create function ops.refuse_claimed_twice(cases bigint[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    clash record;
begin
    select mine.number as own_number, other.number as other_number, m.period
    into clash
    from ops.claimed_month as m
    inner join ops.court_case as mine on m.case_id = mine.case_id
    inner join ops.claimed_month as o
        on m.account_id = o.account_id
        and m.period = o.period
        and m.liability = o.liability
        and m.part = o.part
        and m.claimed_month_id <> o.claimed_month_id
        -- The whole month meets everybody's part of it.
        and (
            m.portion_person_id is null or o.portion_person_id is null
            or m.portion_person_id = o.portion_person_id
        )
        -- Penalty grows day by day: other days of the same month may be claimed later.
        and (
            m.part = 'principal'
            or daterange(m.penalty_from, m.penalty_to, '[]')
            && daterange(o.penalty_from, o.penalty_to, '[]')
        )
    inner join ops.court_case as other on o.case_id = other.case_id
    where m.case_id = any (cases)
        and not exists (
            select 1 from ops.case_event as e
            where e.case_id in (m.case_id, o.case_id) and ops.frees_months(e.kind)
                and not exists (
                    select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
                )
        )
    limit 1;
    if found then
        raise exception 'Месяц % уже заявлен в деле %: в дело % он не войдёт',
            to_char(clash.period, 'MM.YYYY'), clash.other_number, clash.own_number
            using errcode = 'exclusion_violation';
    end if;

    -- ГПК 129: after an order is cancelled the same demand goes on as a claim only.
    select mine.number as own_number, other.number as other_number, m.period
    into clash
    from ops.claimed_month as m
    inner join ops.court_case as mine on m.case_id = mine.case_id
    inner join ops.claimed_month as o
        on m.account_id = o.account_id
        and m.period = o.period
        and m.liability = o.liability
        and m.part = o.part
        and m.case_id <> o.case_id
        and (
            m.portion_person_id is null or o.portion_person_id is null
            or m.portion_person_id = o.portion_person_id
        )
        and (
            m.part = 'principal'
            or daterange(m.penalty_from, m.penalty_to, '[]')
            && daterange(o.penalty_from, o.penalty_to, '[]')
        )
    inner join ops.court_case as other on o.case_id = other.case_id
    inner join ops.case_event as e on o.case_id = e.case_id and e.kind = 'cancelled'
    where m.case_id = any (cases)
        and (mine.kind <> 'claim' or mine.parent_case_id is null)
        and not exists (
            select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
        )
    limit 1;
    if found then
        raise exception
            'Приказ по делу % отменён: месяц % теперь взыскивают только иском в продолжение этого дела',
            clash.other_number, to_char(clash.period, 'MM.YYYY')
            using errcode = 'exclusion_violation';
    end if;
end
$$;

create function ops.number_case() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    new.number := coalesce(
        new.number,
        to_char(now() at time zone 'Europe/Moscow', 'YYYY') || '-'
        || lpad(nextval('ops.court_case_number')::text, 6, '0')
    );
    return new;
end
$$;

create trigger cases_are_numbered before insert on ops.court_case
for each row execute function ops.number_case();

create function ops.keep_months_in_one_case() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    filed text;
begin
    perform ops.take_claim_turns(array(select n.account_id from new_rows as n));
    select c.number into filed
    from new_rows as n
    inner join ops.court_case as c on n.case_id = c.case_id
    inner join ops.case_event as e on n.case_id = e.case_id
    where e.kind not in ('drafted', 'annulled')
        and not exists (
            select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
        )
    limit 1;
    if filed is not null then
        raise exception 'Дело % уже подано: месяцы в него не добавляют', filed
            using errcode = 'restrict_violation';
    end if;
    perform ops.refuse_claimed_twice(array(select distinct n.case_id from new_rows as n));
    return null;
end
$$;

create function ops.keep_order_of_case_events() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    clash record;
begin
    perform ops.take_claim_turns(array(select n.account_id from new_rows as n));
    -- What came back, was refused, withdrawn or cancelled is at its end: a new case goes on from it.
    select c.number into clash
    from new_rows as n
    inner join ops.court_case as c on n.case_id = c.case_id
    inner join ops.case_event as e
        on n.case_id = e.case_id and n.case_event_id <> e.case_event_id
    where n.kind <> 'annulled' and ops.frees_months(e.kind)
        and not exists (
            select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
        )
    limit 1;
    if found then
        raise exception 'Дело % закончено: по нему больше ничего не регистрируют', clash.number
            using errcode = 'restrict_violation';
    end if;
    select c.number, e.kind into clash
    from new_rows as n
    inner join ops.court_case as c on n.case_id = c.case_id
    inner join ops.case_event as e on n.annuls_event_id = e.case_event_id
    where e.kind in ('drafted', 'annulled')
    limit 1;
    if found then
        raise exception 'В деле % это событие не отменяют: %', clash.number,
            case clash.kind
                when 'drafted' then 'отзовите заявление'
                else 'зарегистрируйте отменённое событие заново'
            end
            using errcode = 'restrict_violation';
    end if;
    -- A return that never was gives the months back to the case, if nobody claims them meanwhile.
    perform ops.refuse_claimed_twice(array(
        select distinct n.case_id from new_rows as n where n.kind = 'annulled'
    ));
    return null;
end
$$;

create trigger months_are_in_one_case after insert on ops.claimed_month
referencing new table as new_rows
for each statement execute function ops.keep_months_in_one_case();
create trigger events_are_in_order after insert on ops.case_event
referencing new table as new_rows
for each statement execute function ops.keep_order_of_case_events();

do $$
declare
    fact text;
begin
    foreach fact in array array[
        'court_case', 'case_debtor', 'claimed_month', 'case_event'
    ] loop
        execute format(
            'create trigger facts_are_only_added before update or delete on ops.%I '
            'for each statement execute function ops.refuse_change()', fact
        );
        execute format(
            'create trigger facts_are_not_thrown_away before truncate on ops.%I '
            'for each statement execute function ops.refuse_change()', fact
        );
    end loop;
    -- Who owes how much changes with owners, residents, holds and cases, not with money alone.
    foreach fact in array array[
        'court_case', 'case_debtor', 'claimed_month', 'case_event', 'debt_hold', 'residency'
    ] loop
        execute format(
            'create trigger account_changed after insert on ops.%I '
            'referencing new table as new_rows '
            'for each statement execute function ops.note_account_change()', fact
        );
    end loop;
    foreach fact in array array['debt_hold', 'residency'] loop
        execute format(
            'create trigger account_changed_again after update on ops.%I '
            'referencing new table as new_rows '
            'for each statement execute function ops.note_account_change()', fact
        );
    end loop;
end
$$;

create index ix_residency_person_id on ops.residency (person_id);

-- What a case is, folded from its events as of a day and as known at a moment. Whose rows are
-- shown is decided by the policies of the tables: the view asks as whoever asks it.
create view ops.court_case_state with (security_invoker = true) as
select
    c.case_id,
    c.organisation_id,
    c.account_id,
    c.kind,
    c.number,
    c.court_code,
    c.parent_case_id,
    coalesce(folded.freed_by, folded.last_kind, 'drafted') as state,
    coalesce(folded.freed_on, folded.last_on) as state_on,
    folded.freed_by is null as is_live,
    folded.freed_by,
    folded.freed_on,
    folded.freed_reason_code,
    folded.filed_on,
    folded.accepted_on,
    folded.court_number,
    folded.issued_on,
    folded.issued_number,
    folded.copy_received_on,
    folded.in_force_on,
    folded.dismissed_on,
    folded.principal_awarded,
    folded.penalty_awarded,
    folded.duty_awarded,
    folded.sent_to,
    folded.sent_on,
    folded.destination,
    folded.document_returned_on,
    folded.ended_on,
    c.user_id,
    c.recorded_at
from ops.court_case as c
left join lateral (
    select
        -- Cases that were led on paper are drafted here after they were filed there.
        (array_agg(
            e.kind order by e.kind = 'drafted', e.happened_on desc, e.case_event_id desc
        ) filter (where e.kind <> 'copy_received'))[1] as last_kind,
        (array_agg(
            e.happened_on order by e.kind = 'drafted', e.happened_on desc, e.case_event_id desc
        ) filter (where e.kind <> 'copy_received'))[1] as last_on,
        max(e.kind) filter (where ops.frees_months(e.kind)) as freed_by,
        max(e.happened_on) filter (where ops.frees_months(e.kind)) as freed_on,
        max(e.reason_code) filter (where ops.frees_months(e.kind)) as freed_reason_code,
        max(e.happened_on) filter (where e.kind = 'filed') as filed_on,
        max(e.happened_on) filter (where e.kind = 'accepted') as accepted_on,
        (array_agg(e.court_number order by e.happened_on desc, e.case_event_id desc)
            filter (where e.court_number is not null))[1] as court_number,
        max(e.happened_on) filter (where e.kind = 'issued') as issued_on,
        (array_agg(e.document_number order by e.happened_on desc, e.case_event_id desc)
            filter (where e.kind = 'issued'))[1] as issued_number,
        max(e.happened_on) filter (where e.kind = 'copy_received') as copy_received_on,
        max(e.happened_on) filter (where e.kind = 'in_force') as in_force_on,
        max(e.happened_on) filter (where e.kind = 'dismissed') as dismissed_on,
        (array_agg(e.principal_amount order by e.happened_on desc, e.case_event_id desc)
            filter (where e.kind = 'issued'))[1] as principal_awarded,
        (array_agg(e.penalty_amount order by e.happened_on desc, e.case_event_id desc)
            filter (where e.kind = 'issued'))[1] as penalty_awarded,
        (array_agg(e.duty_amount order by e.happened_on desc, e.case_event_id desc)
            filter (where e.kind = 'issued'))[1] as duty_awarded,
        (array_agg(e.kind order by e.happened_on desc, e.case_event_id desc)
            filter (where e.kind like 'sent\_to\_%'))[1] as sent_to,
        max(e.happened_on) filter (where e.kind like 'sent\_to\_%') as sent_on,
        (array_agg(e.destination order by e.happened_on desc, e.case_event_id desc)
            filter (where e.kind like 'sent\_to\_%'))[1] as destination,
        max(e.happened_on) filter (where e.kind = 'document_returned') as document_returned_on,
        max(e.happened_on) filter (where e.kind in ('paid', 'ended')) as ended_on
    from ops.case_event as e
    where e.case_id = c.case_id
        and e.kind <> 'annulled'
        and e.happened_on <= (select ops.as_of())
        and e.recorded_at <= (select ops.known_at())
        and not exists (
            select 1 from ops.case_event as a
            where a.annuls_event_id = e.case_event_id and a.recorded_at <= (select ops.known_at())
        )
) as folded on true
where c.recorded_at <= (select ops.known_at());
comment on view ops.court_case_state is
    'What each case is on the day asked about: its state, dates, sums awarded. One row per case';

create view ops.case_event_visible with (security_barrier) as
select
    e.case_event_id, e.case_id, e.account_id, e.kind, e.happened_on, e.court_number,
    e.document_number, e.principal_amount, e.penalty_amount, e.duty_amount,
    e.reason_code, e.destination,
    case when (select ops.may_see_personal_data()) then e.comment end as comment,
    e.annuls_event_id,
    exists (
        select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
    ) as is_annulled,
    e.import_id, e.import_line, u.full_name as registered_by, e.recorded_at
from ops.case_event as e
inner join ops.court_case as c on e.case_id = c.case_id
left join ops.app_user as u on e.user_id = u.user_id
where c.organisation_id = any ((select ops.visible_organisations())::integer[]);
comment on view ops.case_event_visible is
    'Events of cases of the visible organisations; free words only for those who work with names';

grant select on ops.court_case_state, ops.case_event_visible to dolgomer_screens;
-- Only the trigger takes turns; screens must not hold up the cases of others.
revoke execute on function ops.take_claim_turns(bigint[]) from public;
