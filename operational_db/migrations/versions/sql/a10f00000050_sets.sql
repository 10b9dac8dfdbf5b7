-- Who answers first-hand for a part, and for whom: [{"person_id": 1, "ward_id": null}, …], the same
-- text for the same people. Family that answers beside them is left out: it comes and goes by months.
create function ops.who_answers(holder bigint, debtors jsonb) returns jsonb
language sql immutable parallel safe
as $$
    select jsonb_agg(
        distinct jsonb_build_object('person_id', w.person_id, 'ward_id', w.ward_id)
    )
    from ops.people_asked(holder, debtors, null) as w
    where w.asked_as <> 'family'
$$;
comment on function ops.who_answers is
    'The people who answer together for a part, each with the child he answers for; null when nobody '
    'is known';
grant execute on function ops.who_answers to dolgomer_screens;

-- An agreement that ends twice at once: the second clerk waits for the first and is refused. No
-- number is told: the refusal comes before the policies, to whoever guessed the agreement.
create function ops.keep_one_end() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform 1 from ops.instalment_agreement as a
    where a.instalment_agreement_id = new.instalment_agreement_id
    for update;
    if new.kind <> 'undone' and exists (
        select 1 from ops.instalment_event as e
        where e.instalment_agreement_id = new.instalment_agreement_id and e.kind <> 'undone'
            and not exists (
                select 1 from ops.instalment_event as u
                where u.undoes_event_id = e.instalment_event_id
            )
    ) then
        raise exception 'Соглашение уже закончено: обновите экран'
            using errcode = 'check_violation';
    end if;
    return new;
end
$$;

create trigger one_end_at_a_time before insert on ops.instalment_event
for each row execute function ops.keep_one_end();

create view ops.instalment_annulled with (security_invoker = true) as
select e.instalment_agreement_id
from ops.instalment_event as e
where e.kind = 'annulled' and e.recorded_at <= (select ops.known_at())
    and not exists (
        select 1 from ops.instalment_event as u
        where u.undoes_event_id = e.instalment_event_id
            and u.recorded_at <= (select ops.known_at())
    );
comment on view ops.instalment_annulled is
    'Agreements by instalments that were entered by mistake, as is known at the moment asked about';
grant select on ops.instalment_annulled to dolgomer_screens;

-- What an agreement is on the day asked about, from the payments that were known by then. A payment
-- counts when it came on or after the day of signing, not under a writ, and named no month outside of
-- the debt: what names the current month pays for the current month (ГК 319.1). The debt was told
-- net of what was known when the agreement was recorded, so only later entries pay the schedule.
-- Where other agreements of the account could have been meant as well (co-owners by share have one
-- each), a payment is nobody's until somebody says whose it is (instalment_payment): meanwhile it
-- makes no agreement fulfilled, and calls none late or broken. A word that names an agreement which
-- was annulled is no word: the money is asked about again, or is that of the only one left.
drop view ops.instalment_state;
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
    received.doubtful as doubtful_amount,
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
    -- The creditor keeps his word too: no court while the agreement lives. Once it is broken the
    -- whole rest is due without any termination (clause 4.1 of the paper), until what was missed
    -- comes in.
    ended.kind is null and received.amount < a.principal_amount + a.penalty_amount
        and schedule.missed < a.missed_limit as holds_filing,
    a.answering,
    a.user_id,
    a.recorded_at
from ops.instalment_agreement as a
cross join lateral (
    select
        coalesce(sum(p.amount) filter (where said.payment_id is not null or not shared.is_so), 0)
            as amount,
        coalesce(sum(p.amount) filter (where said.payment_id is null and shared.is_so), 0)
            as doubtful
    from ops.payment as p
    left join ops.payment as taken_back
        on p.account_id = taken_back.account_id
        and p.reverses_payment_id = taken_back.payment_id
    cross join lateral (
        select
            coalesce(taken_back.payment_id, p.payment_id) as payment_id,
            coalesce(taken_back.paid_on, p.paid_on) as paid_on,
            coalesce(taken_back.recorded_at, p.recorded_at) as recorded_at,
            coalesce(taken_back.named_period, p.named_period) as named_period,
            coalesce(taken_back.execution_document_id, p.execution_document_id)
                as execution_document_id
    ) as origin
    left join lateral (
        select word.payment_id, word.instalment_agreement_id
        from (
            select s.payment_id, s.instalment_agreement_id
            from ops.instalment_payment as s
            where s.account_id = a.account_id and s.payment_id = origin.payment_id
                and s.recorded_at <= (select ops.known_at())
            order by s.instalment_payment_id desc
            limit 1
        ) as word
        where not exists (
            select 1 from ops.instalment_annulled as x
            where x.instalment_agreement_id = word.instalment_agreement_id
        )
    ) as said on true
    cross join lateral (
        select exists (
            select 1 from ops.instalment_agreement as o
            where o.account_id = a.account_id
                and o.instalment_agreement_id <> a.instalment_agreement_id
                and o.recorded_at <= (select ops.known_at())
                and origin.paid_on >= o.signed_on and origin.recorded_at > o.recorded_at
                and coalesce(origin.named_period between o.period_from and o.period_to, true)
                and not exists (
                    select 1 from ops.instalment_event as e
                    where e.instalment_agreement_id = o.instalment_agreement_id
                        and e.kind <> 'undone' and e.recorded_at <= (select ops.known_at())
                        and (e.kind = 'annulled' or e.happened_on <= origin.paid_on)
                        and not exists (
                            select 1 from ops.instalment_event as u
                            where u.undoes_event_id = e.instalment_event_id
                                and u.recorded_at <= (select ops.known_at())
                        )
                )
        ) as is_so
    ) as shared
    where p.account_id = a.account_id
        and p.paid_on <= (select ops.as_of())
        and p.recorded_at <= (select ops.known_at())
        and origin.paid_on >= a.signed_on
        and origin.recorded_at > a.recorded_at
        and origin.execution_document_id is null
        and coalesce(origin.named_period between a.period_from and a.period_to, true)
        and (
            said.payment_id is null
            or said.instalment_agreement_id = a.instalment_agreement_id
        )
) as received
cross join lateral (
    select
        count(*) as lines,
        coalesce(sum(l.amount) filter (where l.is_past), 0) as due_amount,
        count(*) filter (where l.is_past and l.total_by_then > l.counted) as missed,
        min(l.due_on) filter (where l.total_by_then > l.counted) as next_due_on,
        (array_agg(least(l.amount, l.total_by_then - l.counted) order by l.line_number)
            filter (where l.total_by_then > l.counted))[1] as next_amount
    from (
        select
            x.line_number, x.due_on, x.amount, received.amount + received.doubtful as counted,
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

create view ops.instalment_hold with (security_invoker = true) as
select
    s.instalment_agreement_id,
    s.organisation_id,
    s.account_id,
    s.number,
    s.state,
    s.period_from,
    s.period_to,
    s.answering,
    (
        select array_agg(d.person_id) from ops.instalment_debtor as d
        where d.instalment_agreement_id = s.instalment_agreement_id
    ) as signer_ids
from ops.instalment_state as s
where s.holds_filing;
comment on view ops.instalment_hold is
    'Agreements that hold filing back on the day asked about, with those whom they bind the creditor '
    'against; which part of a debt that is, ops.is_put_off tells';
grant select on ops.instalment_hold to dolgomer_screens;

-- The one rule of what an agreement puts off: its own months, asked of people who signed it, as the
-- set that it was signed for. The same parent may answer for his own share and for that of a child:
-- these are two sets. Family that signed puts off what it is asked for beside somebody of the set,
-- and not what it is asked for beside a holder who signed nothing. An agreement without a set was
-- signed for all holders of the account.
create function ops.is_put_off(
    hold ops.instalment_hold, period date, holder bigint, debtors jsonb, family_ids bigint[]
) returns boolean
language sql immutable parallel safe
as $$
    select period between hold.period_from and hold.period_to and exists (
        select 1 from ops.people_asked(holder, debtors, family_ids) as w
        where w.person_id = any (hold.signer_ids) and case
            when hold.answering is null then true
            when w.asked_as = 'family'
                then not hold.answering
                    @> jsonb_build_array(jsonb_build_object('person_id', w.person_id))
                    and exists (
                        select 1 from ops.people_asked(holder, debtors, null) as f
                        where f.asked_as <> 'family' and hold.answering @> jsonb_build_array(
                            jsonb_build_object('person_id', f.person_id, 'ward_id', f.ward_id)
                        )
                    )
            else hold.answering @> jsonb_build_array(
                jsonb_build_object('person_id', w.person_id, 'ward_id', w.ward_id)
            )
        end
    )
$$;
comment on function ops.is_put_off is
    'Whether an agreement puts off what is asked for a month of these people';
grant execute on function ops.is_put_off to dolgomer_screens;
