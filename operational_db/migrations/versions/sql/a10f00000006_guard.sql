-- Facts are only added, and the warehouse hears of accounts that somebody worked with.
do $$
declare
    fact text;
begin
    foreach fact in array array[
        'plan', 'plan_section', 'plan_measure', 'plan_indicator', 'plan_comment', 'contact_event',
        'account_event', 'public_event', 'bill_event', 'event_file', 'event_seal'
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
    foreach fact in array array['contact_event', 'account_event', 'bill_event'] loop
        execute format(
            'create trigger account_changed after insert on ops.%I '
            'referencing new table as new_rows '
            'for each statement execute function ops.note_account_change()', fact
        );
    end loop;
end
$$;

-- Whether the duty of a filing was paid is told by events that name the duty and not the account.
create function ops.note_duty_change() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ops.account_change (account_id)
    select distinct d.account_id
    from new_rows as n
    inner join ops.state_duty as d on d.state_duty_id in (n.state_duty_id, n.other_duty_id);
    return null;
end
$$;

create trigger account_changed after insert on ops.state_duty_event
referencing new table as new_rows
for each statement execute function ops.note_duty_change();

-- Why an account may not be called at a moment; null when it may. The limits are rows of
-- reference.legal_term; only calls that were answered count against them.
create function ops.call_refusal(for_account bigint, at_moment timestamptz) returns text
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    with local as (
        select
            at_moment at time zone 'Europe/Moscow' as moment,
            coalesce(
                (
                    select d.is_working from reference.calendar_day as d
                    where d.day = cast(at_moment at time zone 'Europe/Moscow' as date)
                ),
                extract(isodow from at_moment at time zone 'Europe/Moscow') < 6
            ) as is_working
    ),

    limits as (
        select t.code, min(t.value) as value
        from reference.legal_term as t
        cross join local
        where t.is_enabled and t.code like 'contact\_%'
            and t.valid_from <= local.moment::date
            and (t.valid_to is null or t.valid_to >= local.moment::date)
        group by t.code
    ),

    calls as (
        select
            count(*) filter (
                where c.happened_at >= date_trunc('day', local.moment) at time zone 'Europe/Moscow'
            ) as of_day,
            count(*) filter (
                where c.happened_at >= date_trunc('week', local.moment) at time zone 'Europe/Moscow'
            ) as of_week,
            count(*) filter (
                where c.happened_at
                    >= date_trunc('month', local.moment) at time zone 'Europe/Moscow'
            ) as of_month
        from ops.contact_event as c
        cross join local
        where c.account_id = for_account
            and c.kind in ('live_call', 'robot_call')
            and c.result in ('talked', 'third_person', 'refused')
            and c.cancels_event_id is null
            and c.happened_at > at_moment - interval '32 days'
            and c.happened_at <= at_moment
            and not exists (
                select from ops.contact_event as back
                where back.account_id = c.account_id
                    and back.cancels_event_id = c.contact_event_id
            )
    ),

    hours as (
        select
            (
                select value from limits
                where code = case
                    when local.is_working then 'contact_hour_from_working_day'
                    else 'contact_hour_from_day_off' end
            ) as opens,
            (
                select value from limits
                where code = case
                    when local.is_working then 'contact_hour_to_working_day'
                    else 'contact_hour_to_day_off' end
            ) as closes,
            extract(hour from local.moment) as hour
        from local
    )

    select case
        when hours.hour < hours.opens or hours.hour >= hours.closes then 'hour'
        when calls.of_day >= (select value from limits where code = 'contact_calls_per_day')
            then 'day'
        when calls.of_week >= (select value from limits where code = 'contact_calls_per_week')
            then 'week'
        when calls.of_month >= (select value from limits where code = 'contact_calls_per_month')
            then 'month'
    end
    from calls
    cross join hours
$$;
comment on function ops.call_refusal(bigint, timestamptz) is
    'hour, day, week or month: the limit that a call would break; null when none';

-- The next account of a list for the operator who asks. No account is in two hands at once: rows
-- are taken past those that others are just taking, and a hold stands until the call is recorded.
create function ops.take_call(from_list integer) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me constant integer := ops.session_user_id();
    taken bigint;
begin
    if me is null or not ops.has_any_role('operator', 'manager') then
        raise exception 'Звонят оператор и руководитель' using errcode = 'insufficient_privilege';
    end if;
    if not exists (
        select from ops.call_list as l
        where l.call_list_id = from_list and l.organisation_id = any (ops.visible_organisations())
    ) then
        raise exception 'Такого списка нет' using errcode = 'insufficient_privilege';
    end if;
    select h.account_id into taken
    from ops.call_hold as h
    where h.user_id = me and h.call_list_id = from_list and h.held_until > now()
        and not h.is_put_off
    order by h.account_id
    limit 1;
    if found then
        update ops.call_hold set held_until = now() + interval '20 minutes'
        where account_id = taken;
        return taken;
    end if;
    delete from ops.call_hold as h where h.user_id = me and not h.is_put_off;
    loop
        select i.account_id into taken
        from ops.call_list_item as i
        where i.call_list_id = from_list
            and not exists (
                select from ops.contact_event as c
                where c.account_id = i.account_id and c.call_list_id = from_list
            )
            and not exists (
                select from ops.call_hold as h
                where h.account_id = i.account_id and h.held_until > now()
            )
            and ops.call_refusal(i.account_id, now()) is null
        order by i.position
        limit 1
        for update of i skip locked;
        if not found then
            return null;
        end if;
        insert into ops.call_hold as h (account_id, call_list_id, user_id, held_until)
        values (taken, from_list, me, now() + interval '20 minutes')
        on conflict (account_id) do update
            set call_list_id = excluded.call_list_id, user_id = excluded.user_id,
                held_until = excluded.held_until, is_put_off = false
            where h.held_until <= now();
        if not found then
            continue;
        end if;
        -- Between our look at the list and our hold another operator may have called and let go.
        exit when not exists (
            select from ops.contact_event as c
            where c.account_id = taken and c.call_list_id = from_list
        );
        delete from ops.call_hold as h where h.account_id = taken and h.user_id = me;
    end loop;
    return taken;
end
$$;
comment on function ops.take_call(integer) is
    'The next account of a call list, held for the operator who asks; null when none is left';

-- Not now: the account comes back to the list after two hours.
create function ops.put_off_call(of_account bigint) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
    update ops.call_hold set is_put_off = true, held_until = now() + interval '2 hours'
    where account_id = of_account and user_id = ops.session_user_id()
$$;
comment on function ops.put_off_call(bigint) is 'Give an account back to its list for two hours';

-- The call was recorded.
create function ops.release_call(of_account bigint) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
    delete from ops.call_hold where account_id = of_account and user_id = ops.session_user_id()
$$;
comment on function ops.release_call(bigint) is 'Let go of an account that the operator holds';
