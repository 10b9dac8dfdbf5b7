-- Two session settings make time travel: which day is asked about, and as known at which moment.
create function ops.as_of() returns date
language sql stable parallel safe
return coalesce(
    nullif(current_setting('dolgomer.as_of', true), '')::date,
    (now() at time zone 'Europe/Moscow')::date
);
comment on function ops.as_of() is 'The day that is asked about: dolgomer.as_of, or today in Moscow';

create function ops.known_at() returns timestamptz
language sql stable parallel safe
return coalesce(
    nullif(current_setting('dolgomer.known_at', true), '')::timestamptz, 'infinity'::timestamptz
);
comment on function ops.known_at() is 'The state of knowledge that is asked about: dolgomer.known_at, or all';

-- The embedded server is built without ICU, and code points put ё after я: sort by this key instead.
create function ops.russian_sort_key(value text) returns text
language sql immutable strict parallel safe
return translate(
    lower(value),
    'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯё',
    'абвгдеежзийклмнопрстуфхцчшщъыьэюяе'
) collate "C";
comment on function ops.russian_sort_key(text) is
    'Key to sort and search Russian names by: case ignored, ё with е';

-- Who is asking. A screen states the secret token of its session; knowing another user's number
-- is of no use, and the table of sessions cannot be read by screens.
create function ops.session_user_id() returns integer
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select s.user_id
    from ops.user_session as s
    inner join ops.app_user as u on s.user_id = u.user_id
    where s.token_digest = sha256(convert_to(current_setting('dolgomer.session', true), 'UTF8'))
        and s.closed_at is null
        and s.expires_at > now()
        and u.is_active
$$;

create function ops.visible_organisations() returns integer[]
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(o.organisation_id), '{}')
    from ops.app_user as u
    inner join ops.organisation as o
        on o.organisation_id = u.organisation_id or o.municipality_id = u.organisation_id
    where u.user_id = ops.session_user_id()
$$;
comment on function ops.visible_organisations() is
    'The user''s own organisation and, for a municipality, those that it oversees';

create function ops.session_roles() returns text[]
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(r.role::text), '{}')
    from ops.user_role as r
    where r.user_id = ops.session_user_id()
$$;

create function ops.has_any_role(variadic wanted text[]) returns boolean
language sql stable parallel restricted
return ops.session_roles() && wanted;

create function ops.may_see_personal_data() returns boolean
language sql stable parallel restricted
return ops.has_any_role('manager', 'lawyer', 'accountant', 'operator', 'inspector');
comment on function ops.may_see_personal_data() is
    'Officials and administrators work with masked names';

create function ops.who_am_i()
returns table (
    user_id integer, login text, full_name text, organisation_id integer, organisation_name text,
    organisation_kind text, roles text[]
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select u.user_id, u.login, u.full_name, o.organisation_id, o.short_name, o.kind::text,
        ops.session_roles()
    from ops.app_user as u
    inner join ops.organisation as o on u.organisation_id = o.organisation_id
    where u.user_id = ops.session_user_id()
$$;

-- The gate: what the sign-in page may do before anybody is known. Nothing else is open to its role.
create function ops.gate_credentials(asked_login text)
returns table (user_id integer, password_hash text, recent_failures bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    -- A row for an unknown login too: the answer must not tell which logins there are.
    select u.user_id, u.password_hash,
        (
            select count(*) from ops.sign_in_attempt as a
            where a.login = asked.login and a.recorded_at > now() - interval '15 minutes'
        )
    from (select left(lower(btrim(asked_login)), 200) as login) as asked
    left join ops.app_user as u on u.login = asked.login and u.is_active
$$;

create function ops.gate_failed(asked_login text) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$ insert into ops.sign_in_attempt (login) values (left(lower(btrim(asked_login)), 200)) $$;

create function ops.gate_open_session(for_user integer, digest bytea, lifetime interval)
returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into ops.user_session (token_digest, user_id, expires_at)
    values (digest, for_user, now() + lifetime);
    insert into ops.audit_event (organisation_id, user_id, action)
    select u.organisation_id, u.user_id, 'sign_in' from ops.app_user as u
    where u.user_id = for_user;
$$;

create function ops.gate_close_session(digest bytea) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update ops.user_session set closed_at = now() where token_digest = digest and closed_at is null
$$;

-- Facts are only added.
create function ops.refuse_change() returns trigger
language plpgsql
as $$
begin
    raise exception 'Строки таблицы % не изменяются и не удаляются: исправление — новая строка',
        tg_table_name using errcode = 'restrict_violation';
end
$$;

do $$
declare
    fact text;
begin
    foreach fact in array array[
        'charge', 'payment', 'write_off', 'account_state', 'meter_reading', 'import_file',
        'import_line', 'bank_operation', 'bank_operation_decision', 'audit_event', 'month_closing'
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
end
$$;

-- The warehouse is told which accounts changed, in the same transaction as the change itself.
create function ops.note_account_change() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ops.account_change (account_id)
    select distinct n.account_id from new_rows as n;
    return null;
end
$$;

do $$
declare
    fact text;
begin
    foreach fact in array array[
        'account', 'account_state', 'charge', 'payment', 'write_off', 'execution_document'
    ] loop
        execute format(
            'create trigger account_changed after insert on ops.%I '
            'referencing new table as new_rows '
            'for each statement execute function ops.note_account_change()', fact
        );
    end loop;
    foreach fact in array array['account', 'execution_document'] loop
        execute format(
            'create trigger account_changed_again after update on ops.%I '
            'referencing new table as new_rows '
            'for each statement execute function ops.note_account_change()', fact
        );
    end loop;
end
$$;

-- Row-level security. The owner (migrations, dbt, Dagster, command line) is not bound by it.
do $$
declare
    t record;
begin
    for t in select tablename from pg_tables where schemaname = 'ops' loop
        execute format('alter table ops.%I enable row level security', t.tablename);
    end loop;
end
$$;

do $$
declare
    of_organisation constant text :=
        'organisation_id = any ((select ops.visible_organisations())::integer[])';
    of_account constant text :=
        'exists (select 1 from ops.account as a where a.account_id = %I.account_id)';
    from_file constant text :=
        '(import_id is null or exists ('
        'select 1 from ops.import_file as f where f.import_id = %I.import_id))';
    by_loaders constant text :=
        '(select ops.has_any_role(''accountant'', ''manager'', ''administrator''))';
    by_nobody_else constant text :=
        '(user_id is null or user_id = (select ops.session_user_id()))';
    t text;
begin
    foreach t in array array[
        'account', 'bank_account', 'contract', 'tariff', 'house_management', 'audit_event',
        'run_request', 'month_closing', 'person'
    ] loop
        execute format(
            'create policy own_organisation on ops.%I for select to dolgomer_screens using (%s)',
            t, of_organisation
        );
    end loop;
    -- Who paid is named in full in a bank statement.
    execute format(
        'create policy own_organisation on ops.bank_operation for select to dolgomer_screens '
        'using (%s and (select ops.may_see_personal_data()))',
        of_organisation
    );
    -- Registries of courts and houses belong to nobody; whoever is signed in may see who loaded them.
    execute format(
        'create policy own_organisation on ops.import_file for select to dolgomer_screens '
        'using (%s or (organisation_id is null and ops.session_user_id() is not null))',
        of_organisation
    );
    -- A document prints names in full: for those who may see them, and for whoever asked for it
    -- (theirs is printed with masks where they may not).
    execute format(
        'create policy own_organisation on ops.document for select to dolgomer_screens using (%s '
        'and ((select ops.may_see_personal_data()) or user_id = (select ops.session_user_id())))',
        of_organisation
    );
    -- A refused line is kept word for word, names included; who loaded the file knows them.
    create policy own_file on ops.import_line for select to dolgomer_screens
        using (exists (
            select 1 from ops.import_file as f
            where f.import_id = import_line.import_id
                and (
                    (select ops.may_see_personal_data())
                    or f.user_id = (select ops.session_user_id())
                )
        ));
    create policy own_operation on ops.bank_operation_decision for select to dolgomer_screens
        using (exists (
            select 1 from ops.bank_operation as b
            where b.bank_operation_id = bank_operation_decision.bank_operation_id
        ));
    foreach t in array array[
        'account_state', 'debt_hold', 'residency', 'charge', 'payment', 'write_off',
        'execution_document'
    ] loop
        execute format(
            'create policy own_account on ops.%I for select to dolgomer_screens using ('
            || of_account || ')', t, t
        );
    end loop;
    foreach t in array array['ownership', 'meter'] loop
        execute format(
            'create policy own_premises on ops.%I for select to dolgomer_screens using ('
            'exists (select 1 from ops.account as a where a.premises_id = %I.premises_id))', t, t
        );
    end loop;
    create policy own_meter on ops.meter_reading for select to dolgomer_screens
        using (exists (select 1 from ops.meter as m where m.meter_id = meter_reading.meter_id));
    -- Names of organisations and streets are no secret, but only for those who signed in.
    foreach t in array array[
        'organisation', 'address_object', 'house', 'premises', 'norm', 'court'
    ] loop
        execute format(
            'create policy signed_in on ops.%I for select to dolgomer_screens '
            'using ((select ops.session_user_id()) is not null)', t
        );
    end loop;

    -- What screens may add, and who may add it: in nobody else's name, and pointing to nothing that
    -- the user does not see.
    execute format(
        'create policy add_own on ops.account for insert to dolgomer_screens with check (%s and %s '
        'and %s)',
        of_organisation, by_loaders, format(from_file, 'account')
    );
    -- Administrators read no statements, so they could not tell which operations are known.
    execute format(
        'create policy add_own on ops.bank_operation for insert to dolgomer_screens '
        'with check (%s and (select ops.has_any_role(''accountant'', ''manager'')) and %s)',
        of_organisation, format(from_file, 'bank_operation')
    );
    execute format(
        'create policy add_own on ops.import_file for insert to dolgomer_screens '
        'with check (%s and %s and %s)',
        of_organisation, by_loaders, by_nobody_else
    );
    execute format(
        'create policy add_registry on ops.import_file for insert to dolgomer_screens with check ('
        'organisation_id is null and (select ops.has_any_role(''administrator'')) and %s)',
        by_nobody_else
    );
    create policy add_own on ops.import_line for insert to dolgomer_screens
        with check (exists (
            select 1 from ops.import_file as f
            where f.import_id = import_line.import_id
                and f.user_id = (select ops.session_user_id())
        ));
    execute format(
        'create policy add_own on ops.account_state for insert to dolgomer_screens '
        'with check (%s and %s and %s)',
        format(of_account, 'account_state'), by_loaders, by_nobody_else
    );
    foreach t in array array['charge', 'write_off'] loop
        execute format(
            'create policy add_own on ops.%I for insert to dolgomer_screens '
            'with check (%s and %s and %s and %s)',
            t, format(of_account, t), by_loaders, by_nobody_else, format(from_file, t)
        );
    end loop;
    execute format(
        'create policy add_own on ops.payment for insert to dolgomer_screens '
        'with check (%s and %s and %s and %s and ('
        'bank_operation_id is null or exists (select 1 from ops.bank_operation as b '
        'where b.bank_operation_id = payment.bank_operation_id)) and ('
        'execution_document_id is null or exists (select 1 from ops.execution_document as e '
        'where e.execution_document_id = payment.execution_document_id)))',
        format(of_account, 'payment'), by_loaders, by_nobody_else, format(from_file, 'payment')
    );
    execute format(
        'create policy add_own on ops.bank_operation_decision for insert to dolgomer_screens '
        'with check (exists (select 1 from ops.bank_operation as b '
        'where b.bank_operation_id = bank_operation_decision.bank_operation_id) '
        'and (select ops.has_any_role(''accountant'', ''manager'')) '
        'and user_id = (select ops.session_user_id()) and (account_id is null or %s))',
        format(of_account, 'bank_operation_decision')
    );
    execute format(
        'create policy add_own on ops.audit_event for insert to dolgomer_screens '
        'with check (%s and user_id = (select ops.session_user_id()))', of_organisation
    );
    execute format(
        'create policy add_own on ops.document for insert to dolgomer_screens with check ('
        '%s and user_id = (select ops.session_user_id()) and (account_id is null or %s) '
        'and (run_request_id is null or exists (select 1 from ops.run_request as r '
        'where r.run_request_id = document.run_request_id)))',
        of_organisation, format(of_account, 'document')
    );
    -- A full build takes hours on a large town: only the command line and the scheduler order it.
    execute format(
        'create policy ask_for_build on ops.run_request for insert to dolgomer_screens with check ('
        'kind = ''build'' and parameters = ''{}'' and %s and %s '
        'and user_id = (select ops.session_user_id()))',
        by_loaders, of_organisation
    );
    execute format(
        'create policy ask_for_statements on ops.run_request for insert to dolgomer_screens '
        'with check (kind = ''statements'' and %s '
        'and ((select ops.may_see_personal_data()) or (select ops.has_any_role(''official''))) '
        'and user_id = (select ops.session_user_id()))',
        of_organisation
    );
    -- An overseeing municipality closes no months of others.
    create policy ask_for_closing on ops.run_request for insert to dolgomer_screens with check (
        kind = 'month_close' and (select ops.has_any_role('accountant'))
        and organisation_id = (select w.organisation_id from ops.who_am_i() as w)
        and user_id = (select ops.session_user_id())
    );
    foreach t in array array['address_object', 'house', 'court'] loop
        execute format(
            'create policy add_registry on ops.%I for insert to dolgomer_screens '
            'with check ((select ops.has_any_role(''administrator'')))', t
        );
    end loop;
end
$$;

-- Court rows are refreshed by a newer registry.
create policy refresh_registry on ops.court for update to dolgomer_screens
    using ((select ops.has_any_role('administrator')))
    with check ((select ops.has_any_role('administrator')));

-- People: screens never read the table, they read it through masks.
create function ops.masked_name(last_name text, first_name text, middle_name text) returns text
language sql immutable parallel safe
return left(last_name, 1) || '*** ' || left(first_name, 1) || '.'
    || coalesce(' ' || left(middle_name, 1) || '.', '');

create view ops.person_visible with (security_barrier) as
select
    person_id,
    organisation_id,
    case when visible.everything then
        last_name || ' ' || first_name || coalesce(' ' || middle_name, '')
    else ops.masked_name(last_name, first_name, middle_name) end as full_name,
    case when visible.everything then last_name end as last_name,
    case when visible.everything then first_name end as first_name,
    case when visible.everything then middle_name end as middle_name,
    sex,
    case when visible.everything then birth_date end as birth_date,
    case when visible.everything then birth_place end as birth_place,
    death_date is not null as is_dead,
    birth_date > (ops.as_of() - interval '18 years') as is_minor,
    case when visible.everything then death_date end as death_date,
    case when visible.everything then registered_address end as registered_address,
    case when visible.everything then phone end as phone,
    case when visible.everything then email end as email
from ops.person
cross join (select ops.may_see_personal_data() as everything) as visible
where organisation_id = any ((select ops.visible_organisations())::integer[]);
comment on view ops.person_visible is
    'People of the visible organisations; names and contacts masked for officials';

create view ops.person_identifier_visible with (security_barrier) as
select i.person_identifier_id, i.person_id, i.kind, i.number, i.issued_by, i.issued_on
from ops.person_identifier as i
inner join ops.person as p on i.person_id = p.person_id
where p.organisation_id = any ((select ops.visible_organisations())::integer[])
    and (select ops.has_any_role('lawyer', 'accountant'));
comment on view ops.person_identifier_visible is 'Identifiers, for those who write to courts';

-- Grants.
grant usage on schema ops, reference to dolgomer_screens;
grant usage on schema ops to dolgomer_gate;
grant select on all tables in schema reference to dolgomer_screens;
alter default privileges in schema reference grant select on tables to dolgomer_screens;
grant select on
    ops.organisation, ops.bank_account, ops.contract, ops.address_object, ops.house,
    ops.house_management, ops.premises, ops.account, ops.account_state, ops.debt_hold,
    ops.ownership, ops.residency, ops.tariff, ops.norm, ops.meter, ops.meter_reading, ops.charge,
    ops.payment, ops.write_off, ops.execution_document, ops.bank_operation,
    ops.bank_operation_decision, ops.court, ops.import_file, ops.import_line, ops.audit_event,
    ops.run_request, ops.document, ops.month_closing, ops.person_visible,
    ops.person_identifier_visible
to dolgomer_screens;
-- Numbers and the moment of knowledge are given by the database, never by a screen. An account is
-- added without its premises: whose flat it is decides what its company may read of the owners.
grant insert on ops.address_object, ops.house, ops.court to dolgomer_screens;
grant insert (
    organisation_id, account_number, unified_number, payer_code, import_id, import_line
) on ops.account to dolgomer_screens;
grant insert (account_id, valid_from, is_open, area, residents, reason, user_id)
    on ops.account_state to dolgomer_screens;
grant insert (
    account_id, period, service_id, kind, amount, booked_on, due_date, volume, import_id,
    import_line, user_id
) on ops.charge to dolgomer_screens;
-- Without reverses_payment_id: screens take no payments back yet.
grant insert (
    account_id, paid_on, amount, channel, agent_id, document, named_period, execution_document_id,
    bank_operation_id, import_id, import_line, user_id
) on ops.payment to dolgomer_screens;
grant insert (
    account_id, written_off_on, amount, periods, reason, document, import_id, import_line, user_id
) on ops.write_off to dolgomer_screens;
grant insert (
    organisation_id, natural_key, direction, document_kind, document_number, document_date,
    operation_date, amount, our_account, payer_name, payer_inn, payer_account, payer_bic,
    payee_name, payee_inn, payee_account, payee_bic, purpose, payment_code, import_id, import_line
) on ops.bank_operation to dolgomer_screens;
grant insert (bank_operation_id, decision, account_id, comment, user_id)
    on ops.bank_operation_decision to dolgomer_screens;
grant insert (
    organisation_id, kind, file_name, sha256, size_bytes, rows_accepted, rows_known, rows_refused,
    report, user_id
) on ops.import_file to dolgomer_screens;
grant insert (import_id, line_number, position, outcome, field, reason, raw)
    on ops.import_line to dolgomer_screens;
grant insert (organisation_id, user_id, action, object_kind, object_id, purpose, details)
    on ops.audit_event to dolgomer_screens;
-- items_total is the number of statements asked for; the course of a run is told by its worker.
grant insert (organisation_id, user_id, kind, parameters, items_total)
    on ops.run_request to dolgomer_screens;
grant insert (
    organisation_id, account_id, run_request_id, kind, file_name, template_version, context_digest,
    content_digest, content, user_id
) on ops.document to dolgomer_screens;
grant update on ops.court to dolgomer_screens;

revoke execute on function
    ops.gate_credentials(text), ops.gate_failed(text),
    ops.gate_open_session(integer, bytea, interval), ops.gate_close_session(bytea)
from public;
grant execute on function
    ops.gate_credentials(text), ops.gate_failed(text),
    ops.gate_open_session(integer, bytea, interval), ops.gate_close_session(bytea)
to dolgomer_gate;
