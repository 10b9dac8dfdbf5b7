-- An attempt is counted before the password is looked at, and one after another: of a hundred that
-- come at once, each sees those before it. Failures slow down the pair of login and address, so a
-- stranger who guesses keeps nobody out who signs in from elsewhere. Guesses from ever new addresses
-- make those wait from which the login was not used lately, and only those.
create function ops.gate_attempt(asked_login text, from_address text)
returns table (
    attempt_id bigint, user_id integer, password_hash text, wait_seconds integer
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    wanted constant text := left(lower(btrim(asked_login)), 200);
    whence constant text := left(coalesce(from_address, ''), 100);
    free_failures constant integer := 4;
    longest_wait constant integer := 900;
    -- From all addresses together, in the last quarter of an hour.
    free_failures_of_all constant integer := 50;
    wait_of_strangers constant integer := 60;
    failures integer;
    latest timestamptz;
    wait integer := 0;
    written bigint;
begin
    perform pg_advisory_xact_lock(815162348, hashtext(wanted));
    -- Older failures slow nobody down any more, older successes make no address familiar.
    delete from ops.sign_in_attempt as a
    where a.login = wanted and a.recorded_at < clock_timestamp()
        - case when a.succeeded_at is null then interval '1 day' else interval '30 days' end;
    select count(*), max(a.recorded_at) into failures, latest
    from ops.sign_in_attempt as a
    where a.login = wanted and a.address = whence and a.succeeded_at is null
        and a.recorded_at > coalesce((
            select max(s.recorded_at) from ops.sign_in_attempt as s
            where s.login = wanted and s.address = whence and s.succeeded_at is not null
        ), '-infinity');
    if failures > free_failures then
        -- 5, 10, 20 … seconds after the fifth, sixth, seventh failure, at most a quarter of an hour.
        wait := ceil(extract(epoch from
            latest - clock_timestamp()
            + least(5 * power(2, least(failures - free_failures - 1, 20)), longest_wait)
            * interval '1 second'
        ));
    end if;
    if not exists (
        select from ops.sign_in_attempt as a
        where a.login = wanted and a.address = whence and a.succeeded_at is not null
    ) then
        select count(*), max(a.recorded_at) into failures, latest
        from ops.sign_in_attempt as a
        where a.login = wanted and a.succeeded_at is null
            and a.recorded_at > clock_timestamp() - interval '15 minutes';
        if failures > free_failures_of_all then
            wait := greatest(wait, ceil(extract(epoch from
                latest - clock_timestamp() + wait_of_strangers * interval '1 second'
            )));
        end if;
    end if;
    if wait > 0 then
        return query select null::bigint, null::integer, null::text, wait;
        return;
    end if;
    insert into ops.sign_in_attempt (login, address, recorded_at)
    values (wanted, whence, clock_timestamp())
    returning sign_in_attempt_id into written;
    -- A row for an unknown login too: the answer must not tell which logins there are.
    return query
    select written, u.user_id, cast(u.password_hash as text), 0
    from (select wanted as login) as asked
    left join ops.app_user as u on u.login = asked.login and u.is_active;
end
$$;
comment on function ops.gate_attempt(text, text) is
    'Counts an attempt to sign in and gives what to check it by, or how long to wait first';

create function ops.gate_succeeded(attempt bigint) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update ops.sign_in_attempt set succeeded_at = clock_timestamp()
    where sign_in_attempt_id = attempt
$$;

-- Whom an identity provider has verified needs no password here.
create function ops.gate_user(asked_login text) returns integer
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select u.user_id from ops.app_user as u
    where u.login = left(lower(btrim(asked_login)), 200) and u.is_active
$$;

drop function ops.gate_credentials(text);
drop function ops.gate_failed(text);

revoke execute on function
    ops.gate_attempt(text, text), ops.gate_succeeded(bigint), ops.gate_user(text)
from public;
grant execute on function
    ops.gate_attempt(text, text), ops.gate_succeeded(bigint), ops.gate_user(text)
to dolgomer_gate;
