-- Days of penalty that a case asks for; «по день фактической уплаты» has no last one.
create function ops.claimed_days(penalty_from date, penalty_to date, until_paid boolean)
returns daterange
language sql immutable parallel safe
return daterange(penalty_from, case when not until_paid then penalty_to end, '[]');
comment on function ops.claimed_days(date, date, boolean) is
    'Days of penalty that a case asks for; without a last day where it asks till the day of payment';

-- A claim «по день фактической уплаты» asks for the penalty of every month that it names: where it
-- has no sum of penalty for a month, from the first day of delay.
create function ops.asked_days(asked ops.claimed_month, until_paid boolean)
returns daterange
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
return case
    when asked.part = 'penalty'
        then ops.claimed_days(asked.penalty_from, asked.penalty_to, until_paid)
    when until_paid and not exists (
        select 1 from ops.claimed_month as p
        where p.case_id = asked.case_id and p.account_id = asked.account_id
            and p.period = asked.period and p.liability = asked.liability
            and p.part = 'penalty'
            and (
                p.portion_person_id is null or asked.portion_person_id is null
                or p.portion_person_id = asked.portion_person_id
            )
    ) then daterange(null, null)
end;
comment on function ops.asked_days(ops.claimed_month, boolean) is
    'Days of penalty that a row of a case asks for; null: it asks for no penalty';

create or replace function ops.refuse_claimed_twice(cases bigint[]) returns void
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
        and m.claimed_month_id <> o.claimed_month_id
        -- The whole month meets everybody's part of it.
        and (
            m.portion_person_id is null or o.portion_person_id is null
            or m.portion_person_id = o.portion_person_id
        )
    inner join ops.court_case as other on o.case_id = other.case_id
    where m.case_id = any (cases)
        -- Penalty grows day by day: other days of the same month may be claimed later.
        and (
            m.part = 'principal' and o.part = 'principal'
            or ops.asked_days(m, mine.penalty_until_paid)
            && ops.asked_days(o, other.penalty_until_paid)
        )
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
        and m.case_id <> o.case_id
        and (
            m.portion_person_id is null or o.portion_person_id is null
            or m.portion_person_id = o.portion_person_id
        )
    inner join ops.court_case as other on o.case_id = other.case_id
    inner join ops.case_event as e on o.case_id = e.case_id and e.kind = 'cancelled'
    where m.case_id = any (cases)
        and (
            m.part = 'principal' and o.part = 'principal'
            or ops.asked_days(m, mine.penalty_until_paid)
            && ops.asked_days(o, other.penalty_until_paid)
        )
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

-- A document as it reads now: an act that was registered with a mistake is corrected by a row.
create view ops.execution_document_current with (security_invoker = true) as
select
    d.execution_document_id,
    d.account_id,
    d.kind,
    coalesce(latest.number, d.number) as number,
    coalesce(latest.issued_on, d.issued_on) as issued_on,
    coalesce(latest.court_code, d.court_code) as court_code,
    d.period_from,
    d.period_to,
    d.case_id,
    latest.execution_document_correction_id is not null as is_corrected,
    d.recorded_at
from ops.execution_document as d
left join lateral (
    select c.* from ops.execution_document_correction as c
    where c.execution_document_id = d.execution_document_id
        and c.recorded_at <= (select ops.known_at())
    order by c.execution_document_correction_id desc
    limit 1
) as latest on true
where d.recorded_at <= (select ops.known_at());
comment on view ops.execution_document_current is
    'Orders and writs as they read now, after corrections. One row per document';
grant select on ops.execution_document_current to dolgomer_screens;

create trigger account_changed after insert on ops.execution_document_correction
referencing new table as new_rows
for each statement execute function ops.note_account_change();
