-- A municipality reads the rows of those that it oversees; it writes its own.
create function ops.own_organisation() returns integer
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select u.organisation_id from ops.app_user as u where u.user_id = ops.session_user_id()
$$;
comment on function ops.own_organisation() is
    'The organisation of the session''s user; without those that it oversees';

create function ops.keeps_registries() returns boolean
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select ops.has_any_role('administrator') and exists (
        select 1 from ops.organisation as o
        where o.organisation_id = ops.own_organisation() and o.keeps_registries
    )
$$;
comment on function ops.keeps_registries() is
    'Whether the session''s user keeps what all organisations use: courts, payment details, territories';

-- As its owner: accounts of others are not shown to screens. It answers for houses only where the
-- organisation of the session has an account itself.
create function ops.is_alone_in_house(asked_house integer) returns boolean
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(bool_and(a.organisation_id = ops.own_organisation()), false)
    from ops.premises as p
    inner join ops.account as a on p.premises_id = a.premises_id
    where p.house_id = asked_house
        and exists (
            select 1 from ops.premises as q
            inner join ops.account as b on q.premises_id = b.premises_id
            where q.house_id = asked_house and b.organisation_id = ops.own_organisation()
        )
$$;
comment on function ops.is_alone_in_house(integer) is
    'Whether the session''s organisation, and no other, keeps accounts in a house';

-- These two answer as their owner. Inside them the owner is the current user and the session's user
-- is who asks: to a screen, rows out of its sight are rows that are not there.
create or replace function ops.batch_is_open(batch bigint) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select not exists (
        select 1 from ops.filing_step as s
        where s.batch_id = b.batch_id and s.kind in ('approved', 'cancelled')
    )
    from ops.filing_batch as b
    where b.batch_id = batch
        and (
            session_user = current_user
            or (
                b.organisation_id = any (ops.visible_organisations())
                and ops.has_any_role('lawyer', 'manager')
            )
        )
$$;
comment on function ops.batch_is_open(bigint) is
    'Whether a batch may still be changed; null for one that does not exist or is out of sight';

alter function ops.call_refusal(bigint, timestamptz) rename to call_limit_reached;
revoke execute on function ops.call_limit_reached(bigint, timestamptz) from public;
create function ops.call_refusal(for_account bigint, at_moment timestamptz) returns text
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select case
        when exists (
            select 1 from ops.account as a
            where a.account_id = for_account
                and (
                    session_user = current_user
                    or (
                        a.organisation_id = any (ops.visible_organisations())
                        and ops.may_see_personal_data()
                    )
                )
        ) then ops.call_limit_reached(for_account, at_moment)
        else 'no_such_account' end
$$;
-- For everybody: the hour is the same for all accounts, and none is spoken of.
create function ops.call_hour_refusal(at_moment timestamptz) returns text
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$ select ops.call_limit_reached(0, at_moment) $$;
comment on function ops.call_hour_refusal(timestamptz) is
    'hour where nobody may be called at a moment; null where it is a time for calls';
comment on function ops.call_refusal(bigint, timestamptz) is
    'hour, day, week or month: the limit that a call would break; no_such_account for one that does '
    'not exist or is out of sight; null when the call may be made';
