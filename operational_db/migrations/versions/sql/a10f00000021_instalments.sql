create sequence ops.instalment_number;

create function ops.number_instalment_agreement() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    new.number := coalesce(
        new.number,
        'Р-' || to_char(new.signed_on, 'YYYY') || '-'
        || lpad(nextval('ops.instalment_number')::text, 6, '0')
    );
    return new;
end
$$;

create trigger agreements_are_numbered before insert on ops.instalment_agreement
for each row execute function ops.number_instalment_agreement();

-- At the end of the transaction: a schedule that is a kopeck short is no schedule, and a line that is
-- added to an old agreement makes it one too long.
create function ops.keep_schedule_whole() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    agreed record;
    told record;
begin
    select * into agreed from ops.instalment_agreement as a
    where a.instalment_agreement_id = new.instalment_agreement_id;
    select
        count(*) as lines,
        sum(l.amount) as total,
        min(l.due_on) as first_day,
        bool_and(l.due_on > l.day_before) as is_in_order,
        (
            select count(*) from ops.instalment_debtor as d
            where d.instalment_agreement_id = new.instalment_agreement_id
        ) as debtors
    into told
    from (
        select x.amount, x.due_on, coalesce(
            lag(x.due_on) over (order by x.line_number), agreed.signed_on - 1
        ) as day_before
        from ops.instalment_line as x
        where x.instalment_agreement_id = new.instalment_agreement_id
    ) as l;
    if told.debtors = 0 then
        raise exception 'В соглашении % нет ни одного должника', agreed.number
            using errcode = 'check_violation';
    end if;
    if told.total is distinct from agreed.principal_amount + agreed.penalty_amount then
        raise exception 'Платежи соглашения % составляют %, а долг %', agreed.number,
            coalesce(told.total, 0), agreed.principal_amount + agreed.penalty_amount
            using errcode = 'check_violation';
    end if;
    if not told.is_in_order then
        raise exception 'Дни платежей соглашения % идут не по порядку или раньше подписания',
            agreed.number using errcode = 'check_violation';
    end if;
    return null;
end
$$;

create constraint trigger schedule_is_whole after insert on ops.instalment_agreement
deferrable initially deferred for each row execute function ops.keep_schedule_whole();
create constraint trigger schedule_is_whole after insert on ops.instalment_line
deferrable initially deferred for each row execute function ops.keep_schedule_whole();
create constraint trigger schedule_is_whole after insert on ops.instalment_debtor
deferrable initially deferred for each row execute function ops.keep_schedule_whole();

-- A term that ends on a day off ends on the next working day (ГК 193).
create function ops.working_day_from(day date) returns date
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce((
    select min(c.day) from reference.calendar_day as c
    where c.day >= working_day_from.day and c.day <= working_day_from.day + 30 and c.is_working
), day);
comment on function ops.working_day_from(date) is
    'The day itself if people work on it, else the next working day; itself where no calendar is known';

-- What an agreement is on the day asked about, from the payments that were known by then. A payment
-- counts when it came on or after the day of signing, not under a writ, and named no month outside of
-- the debt: what names the current month pays for the current month (ГК 319.1). The debt was told
-- net of what was known when the agreement was recorded, so only later entries pay the schedule.
create view ops.instalment_state with (security_invoker = true) as
select
    a.instalment_agreement_id,
    a.organisation_id,
    a.account_id,
    a.number,
    a.signed_on,
    a.place,
    a.period_from,
    a.period_to,
    a.principal_amount,
    a.penalty_amount,
    a.principal_amount + a.penalty_amount as total_amount,
    a.missed_limit,
    received.amount as received_amount,
    greatest(a.principal_amount + a.penalty_amount - received.amount, 0) as rest_amount,
    schedule.due_amount,
    schedule.lines,
    schedule.missed,
    schedule.next_due_on,
    schedule.next_amount,
    ended.kind as ended_by,
    ended.happened_on as ended_on,
    case
        when ended.kind is not null then ended.kind
        when received.amount >= a.principal_amount + a.penalty_amount then 'fulfilled'
        when schedule.missed >= a.missed_limit then 'broken'
        when schedule.missed > 0 then 'late'
        else 'kept'
    end as state,
    -- The creditor keeps his word too: no court while the agreement lives.
    ended.kind is null and received.amount < a.principal_amount + a.penalty_amount
        and schedule.missed < a.missed_limit as holds_filing,
    a.user_id,
    a.recorded_at
from ops.instalment_agreement as a
cross join lateral (
    select coalesce(sum(p.amount), 0) as amount
    from ops.payment as p
    left join ops.payment as taken_back
        on p.account_id = taken_back.account_id
        and p.reverses_payment_id = taken_back.payment_id
    where p.account_id = a.account_id
        and p.paid_on <= (select ops.as_of())
        and p.recorded_at <= (select ops.known_at())
        and coalesce(taken_back.paid_on, p.paid_on) >= a.signed_on
        and coalesce(taken_back.recorded_at, p.recorded_at) > a.recorded_at
        and coalesce(taken_back.execution_document_id, p.execution_document_id) is null
        and coalesce(
            coalesce(taken_back.named_period, p.named_period) between a.period_from and a.period_to,
            true
        )
) as received
cross join lateral (
    select
        count(*) as lines,
        coalesce(sum(l.amount) filter (where l.is_past), 0) as due_amount,
        count(*) filter (where l.is_past and l.total_by_then > received.amount) as missed,
        min(l.due_on) filter (where l.total_by_then > received.amount) as next_due_on,
        (array_agg(least(l.amount, l.total_by_then - received.amount) order by l.line_number)
            filter (where l.total_by_then > received.amount))[1] as next_amount
    from (
        select
            x.line_number, x.due_on, x.amount,
            sum(x.amount) over (order by x.line_number) as total_by_then,
            ops.working_day_from(x.due_on) < (select ops.as_of()) as is_past
        from ops.instalment_line as x
        where x.instalment_agreement_id = a.instalment_agreement_id
    ) as l
) as schedule
left join lateral (
    select e.kind, e.happened_on
    from ops.instalment_event as e
    where e.instalment_agreement_id = a.instalment_agreement_id and e.kind <> 'undone'
        and e.recorded_at <= (select ops.known_at())
        and (e.kind = 'annulled' or e.happened_on <= (select ops.as_of()))
        and not exists (
            select 1 from ops.instalment_event as u
            where u.undoes_event_id = e.instalment_event_id
                and u.recorded_at <= (select ops.known_at())
        )
    order by e.kind = 'annulled' desc, e.happened_on desc, e.instalment_event_id desc
    limit 1
) as ended on true
where a.signed_on <= (select ops.as_of()) and a.recorded_at <= (select ops.known_at());
comment on view ops.instalment_state is
    'Agreements by instalments on the day asked about: kept, late, broken, fulfilled, terminated or '
    'annulled, with what was received, what is missed and what comes next';

grant select on ops.instalment_state to dolgomer_screens;
