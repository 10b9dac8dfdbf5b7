update ops.ownership as w
set organisation_id = p.organisation_id
from ops.person as p
where w.person_id = p.person_id;

-- Bodies and unknown holders: the first organisation takes the row, the others a copy of it.
with keepers as (
    select distinct a.premises_id, a.organisation_id
    from ops.account as a
    where a.premises_id is not null
),

wanted as (
    select w.ownership_id, k.organisation_id,
        row_number() over (partition by w.ownership_id order by k.organisation_id) as place
    from ops.ownership as w
    inner join keepers as k on w.premises_id = k.premises_id
    where w.person_id is null
),

copied as (
    insert into ops.ownership (
        organisation_id, premises_id, right_kind, holder_organisation_id, holder_name, holder_inn,
        share_numerator, share_denominator, valid_from, valid_to, registration_number, source,
        import_id, user_id, recorded_at
    )
    select
        t.organisation_id, w.premises_id, w.right_kind, w.holder_organisation_id, w.holder_name,
        w.holder_inn, w.share_numerator, w.share_denominator, w.valid_from, w.valid_to,
        w.registration_number, w.source, w.import_id, w.user_id, w.recorded_at
    from wanted as t
    inner join ops.ownership as w on t.ownership_id = w.ownership_id
    where t.place > 1
)

update ops.ownership as w
set organisation_id = t.organisation_id
from wanted as t
where w.ownership_id = t.ownership_id and t.place = 1;

-- Whose record a right is follows from its holder, or from who keeps accounts there alone.
create function ops.keep_right_in_one_record() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    of_person integer;
    keepers integer[];
begin
    if new.person_id is not null then
        select p.organisation_id into of_person from ops.person as p
        where p.person_id = new.person_id;
        if new.organisation_id is distinct from of_person and new.organisation_id is not null then
            raise exception
                'Право записывают за человеком из своей картотеки: этот – из картотеки другой организации'
                using errcode = 'integrity_constraint_violation';
        end if;
        new.organisation_id := of_person;
    elsif new.organisation_id is null then
        select array_agg(distinct a.organisation_id) into keepers from ops.account as a
        where a.premises_id = new.premises_id;
        if cardinality(keepers) > 1 then
            raise exception 'В помещении счета нескольких организаций: назовите, чья это запись о праве'
                using errcode = 'integrity_constraint_violation';
        end if;
        new.organisation_id := keepers[1];
    end if;
    return new;
end
$$;
create trigger right_is_of_one_record before insert on ops.ownership
for each row execute function ops.keep_right_in_one_record();

-- Triggers that write to people and rights run before the policies are asked, and fail in words of
-- their own where there is nothing to write to. So whose the record is, is asked before them: a
-- screen gets one answer for what is another's and for what is not there.
create function ops.refuse_records_of_others() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    keeper integer;
begin
    if session_user = current_user then
        return new;
    end if;
    if tg_table_name = 'ownership_end' then
        select w.organisation_id into keeper from ops.ownership as w
        where w.ownership_id = new.ownership_id;
    else
        select p.organisation_id into keeper from ops.person as p
        where p.person_id = new.person_id;
    end if;
    if keeper is null or keeper is distinct from ops.own_organisation() then
        raise exception 'Такой записи в вашей картотеке нет' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
do $$
declare
    fact text;
begin
    foreach fact in array array[
        'ownership_end', 'person_correction', 'person_identifier_removal', 'representative_end'
    ] loop
        execute format(
            'create trigger a_record_is_ones_own before insert on ops.%I '
            'for each row execute function ops.refuse_records_of_others()', fact
        );
    end loop;
end
$$;

-- A screen adds a person under a number that it has drawn. One that nobody has drawn yet would stand
-- in the way of whoever draws it.
create function ops.is_drawn_person(number bigint) returns boolean
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$ select number <= s.last_value from ops.person_person_id_seq as s $$;
comment on function ops.is_drawn_person(bigint) is
    'Whether a number of a person has been drawn from the sequence';
