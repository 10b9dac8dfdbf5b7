-- Facts are only added; what they change in the register of people is done by triggers below.
do $$
declare
    fact text;
begin
    foreach fact in array array[
        'court_payment_details', 'court_territory', 'house_court_decision', 'state_duty',
        'state_duty_event', 'duty_register', 'duty_register_item', 'person_correction',
        'ownership_end', 'representative_end', 'person_identifier_removal', 'person_bankruptcy',
        'egrn_extract'
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

-- Addresses as territories and houses are compared by: case, ё and spaces make no difference.
create function ops.house_key(number text, building text, structure text) returns text
language sql immutable parallel safe
return replace(
    ops.russian_sort_key(
        number || coalesce('к' || building, '') || coalesce('с' || structure, '')
    ),
    ' ', ''
);
comment on function ops.house_key(text, text, text) is
    'A house of a street in normal form: 12а, 12к1, 12с2';

create view ops.court_territory_current with (security_invoker = true) as
select t.*
from ops.court_territory as t
where not t.is_withdrawn
    and t.recorded_at <= ops.known_at()
    and not exists (
        select 1 from ops.court_territory as later
        where later.replaces_id = t.court_territory_id and later.recorded_at <= ops.known_at()
    );
comment on view ops.court_territory_current is
    'Territories that nothing has replaced or withdrawn; their dates are still to be looked at';

-- One row per house and territory that reaches it on the day asked about. A street (tier 2) goes
-- before the rest of its settlement (tier 1).
create view ops.house_territory with (security_invoker = true) as
with recursive place as (
    -- Every address object with all of the ways to write where it is: г. орел|п. дачный|ул. мира,
    -- п. дачный|ул. мира.
    select o.address_object_id, o.parent_id, ops.russian_sort_key(o.type_name || ' ' || o.name) as key
    from ops.address_object as o
    where o.level in ('settlement', 'street')
    union all
    select p.address_object_id, o.parent_id,
        ops.russian_sort_key(o.type_name || ' ' || o.name) || '|' || p.key
    from place as p
    inner join ops.address_object as o on p.parent_id = o.address_object_id
    where o.level = 'settlement'
),

above as (
    select o.address_object_id, o.parent_id, o.address_object_id as ancestor_id
    from ops.address_object as o
    where o.level in ('settlement', 'street')
    union all
    select a.address_object_id, o.parent_id, o.address_object_id
    from above as a
    inner join ops.address_object as o on a.parent_id = o.address_object_id
    where o.level = 'settlement'
),

houses as (
    select h.house_id, h.address_object_id,
        cast(substring(h.number from '^[0-9]{1,6}') as integer) as number,
        ops.house_key(h.number, h.building, h.structure) as key
    from ops.house as h
),

territories as (
    select t.*, c.kind as court_kind
    from ops.court_territory_current as t
    inner join ops.court as c on t.court_code = c.court_code
    where t.valid_from <= ops.as_of() and (t.valid_to is null or t.valid_to >= ops.as_of())
)

select h.house_id, t.court_territory_id, t.court_code, t.court_kind, 2 as tier
from territories as t
inner join place as p on t.place_key = p.key
inner join houses as h on p.address_object_id = h.address_object_id
where not t.is_whole_settlement
    and case when t.house_keys is not null then h.key = any (t.house_keys)
    else coalesce(h.number >= t.number_from, t.number_from is null)
        and coalesce(h.number <= t.number_to, t.number_to is null)
        and (t.parity = 'all' or coalesce(h.number % 2 = case t.parity when 'odd' then 1 else 0 end, false))
        and not coalesce(h.key = any (t.except_keys), false)
    end
union all
select h.house_id, t.court_territory_id, t.court_code, t.court_kind, 1 as tier
from territories as t
inner join place as p on t.place_key = p.key
inner join above as a on p.address_object_id = a.ancestor_id
inner join houses as h on a.address_object_id = h.address_object_id
where t.is_whole_settlement;
comment on view ops.house_territory is
    'Territories that reach a house on the day asked about; the higher tier goes before the lower';

-- Which courts hear a house: all houses in one statement. A decision by hand goes before territories.
create view ops.house_court with (security_invoker = true) as
with nearest as (
    select n.house_id, n.court_kind, array_agg(distinct n.court_code order by n.court_code) as codes
    from (
        select t.*, max(t.tier) over (partition by t.house_id, t.court_kind) as best_tier
        from ops.house_territory as t
    ) as n
    where n.tier = n.best_tier
    group by n.house_id, n.court_kind
),

by_hand as (
    select distinct on (d.house_id, d.court_kind) d.house_id, d.court_kind, d.court_code
    from ops.house_court_decision as d
    where d.recorded_at <= ops.known_at()
    order by d.house_id, d.court_kind, d.recorded_at desc, d.house_court_decision_id desc
),

above_section as (
    select s.court_code, min(p.court_code) as district_code
    from ops.court as s
    inner join ops.court as p
        on p.kind = 'RS' and s.region_code = p.region_code
            and ops.russian_sort_key(s.parent_court) = ops.russian_sort_key(p.name)
    where s.kind = 'MS'
    group by s.court_code
    having count(*) = 1
),

magistrates as (
    select h.house_id, hand.court_code as hand_code, t.codes,
        coalesce(hand.court_code, case when cardinality(t.codes) = 1 then t.codes[1] end) as code
    from ops.house as h
    left join nearest as t on h.house_id = t.house_id and t.court_kind = 'MS'
    left join by_hand as hand on h.house_id = hand.house_id and hand.court_kind = 'MS'
)

select
    m.house_id,
    m.code as magistrate_code,
    case when m.hand_code is not null then 'by_hand'
        when m.codes is null then 'none'
        when cardinality(m.codes) = 1 then 'territory'
        else 'several' end as magistrate_state,
    m.codes as magistrate_candidates,
    coalesce(
        hand.court_code, case when cardinality(t.codes) = 1 then t.codes[1] end,
        case when t.codes is null then s.district_code end
    ) as district_code,
    case when hand.court_code is not null then 'by_hand'
        when cardinality(t.codes) = 1 then 'territory'
        when t.codes is not null then 'several'
        when s.district_code is not null then 'of_section'
        else 'none' end as district_state,
    t.codes as district_candidates
from magistrates as m
left join nearest as t on m.house_id = t.house_id and t.court_kind = 'RS'
left join by_hand as hand on m.house_id = hand.house_id and hand.court_kind = 'RS'
left join above_section as s on m.code = s.court_code;
comment on view ops.house_court is
    'Magistrate section and district court of every house on the day asked about. States: '
    'territory, by_hand, of_section (district court of the section), none, several';

-- What became of a duty; undone events count for nothing.
create view ops.state_duty_current with (security_invoker = true) as
with live as (
    select e.* from ops.state_duty_event as e
    where e.kind <> 'undone' and e.recorded_at <= ops.known_at()
        and not exists (
            select 1 from ops.state_duty_event as u
            where u.undoes_event_id = e.state_duty_event_id and u.recorded_at <= ops.known_at()
        )
),

course as (
    select
        e.state_duty_id,
        (array_agg(e.kind order by e.state_duty_event_id desc))[1] as last_kind,
        (array_agg(e.duty_register_id order by e.state_duty_event_id desc)
            filter (where e.kind = 'in_register'))[1] as last_register_id,
        max(e.state_duty_event_id) filter (where e.kind = 'in_register') as last_in,
        max(e.state_duty_event_id) filter (where e.kind = 'out_of_register') as last_out,
        sum(e.amount) filter (where e.kind = 'paid') as paid_amount,
        max(e.happened_on) filter (where e.kind = 'paid') as paid_on,
        max(e.document) filter (where e.kind = 'paid') as paid_document,
        max(e.bank_operation_id) filter (where e.kind = 'paid') as paid_by_operation_id,
        sum(e.amount) filter (where e.kind = 'offset_to') as used_amount,
        sum(e.amount) filter (where e.kind = 'refund_due') as refund_due_amount,
        sum(e.amount) filter (where e.kind = 'refunded') as refunded_amount
    from live as e
    group by e.state_duty_id
),

received as (
    select e.other_duty_id as state_duty_id, sum(e.amount) as offset_amount
    from live as e
    where e.kind = 'offset_to'
    group by e.other_duty_id
)

select
    d.*,
    coalesce(r.offset_amount, 0) as offset_amount,
    d.amount - coalesce(r.offset_amount, 0) as to_pay,
    coalesce(c.paid_amount, 0) as paid_amount,
    c.paid_on,
    c.paid_document,
    c.paid_by_operation_id,
    coalesce(c.used_amount, 0) as used_amount,
    coalesce(c.refund_due_amount, 0) as refund_due_amount,
    coalesce(c.refunded_amount, 0) as refunded_amount,
    case when c.last_in > coalesce(c.last_out, 0) then c.last_register_id end as duty_register_id,
    case
        when c.last_kind in ('refunded', 'refund_due', 'offset_to') then c.last_kind
        when c.paid_amount > 0 then 'paid'
        when d.amount = r.offset_amount then 'offset'
        when c.last_in > coalesce(c.last_out, 0) then 'in_register'
        else 'calculated'
    end as status
from ops.state_duty as d
left join course as c on d.state_duty_id = c.state_duty_id
left join received as r on d.state_duty_id = r.state_duty_id
where d.recorded_at <= ops.known_at();
comment on view ops.state_duty_current is
    'Duties with their status: calculated, in_register, paid, offset (paid by another duty), '
    'offset_to (pays for another), refund_due, refunded';

-- A correction is written to the person, and what stood there is kept in the correction.
create function ops.apply_person_correction() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    kind constant text := case when new.field in ('birth_date', 'death_date') then 'date' else 'text' end;
begin
    execute format('select cast(%I as text) from ops.person where person_id = $1 for update', new.field)
        into new.old_value using new.person_id;
    execute format('update ops.person set %I = cast($1 as %s) where person_id = $2', new.field, kind)
        using new.new_value, new.person_id;
    return new;
end
$$;
create trigger correction_is_applied before insert on ops.person_correction
for each row execute function ops.apply_person_correction();

create function ops.apply_ownership_end() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select w.valid_to into strict new.previous_valid_to from ops.ownership as w
    where w.ownership_id = new.ownership_id for update;
    update ops.ownership set valid_to = new.valid_to where ownership_id = new.ownership_id;
    return new;
end
$$;
create trigger end_is_applied before insert on ops.ownership_end
for each row execute function ops.apply_ownership_end();

create function ops.apply_representative_end() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select r.valid_to into strict new.previous_valid_to from ops.representative as r
    where r.person_id = new.person_id and r.representative_id = new.representative_id
        and r.valid_from = new.valid_from
    for update;
    update ops.representative set valid_to = new.valid_to
    where person_id = new.person_id and representative_id = new.representative_id
        and valid_from = new.valid_from;
    return new;
end
$$;
create trigger end_is_applied before insert on ops.representative_end
for each row execute function ops.apply_representative_end();

create function ops.apply_identifier_removal() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from ops.person_identifier as i
    where i.person_id = new.person_id and i.kind = new.kind and i.number = new.number
    returning i.issued_by, i.issued_on, i.recorded_at
        into new.issued_by, new.issued_on, new.known_since;
    if not found then
        raise exception 'У этого человека нет такого документа' using errcode = 'no_data_found';
    end if;
    return new;
end
$$;
create trigger removal_is_applied before insert on ops.person_identifier_removal
for each row execute function ops.apply_identifier_removal();

-- Premises that were known by address only learn their cadastral number from the extract.
create function ops.apply_egrn_extract() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update ops.premises set cadastral_number = new.cadastral_number
    where premises_id = new.premises_id and cadastral_number is null;
    return null;
end
$$;
create trigger cadastral_number_is_kept after insert on ops.egrn_extract
for each row execute function ops.apply_egrn_extract();

-- Who answers for an account is a matter of the warehouse as well: it is told like of any fact.
create function ops.note_holders_change() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'ownership' then
        insert into ops.account_change (account_id)
        select distinct a.account_id from new_rows as n
        inner join ops.account as a on n.premises_id = a.premises_id;
    elsif tg_table_name = 'ownership_end' then
        insert into ops.account_change (account_id)
        select distinct a.account_id from new_rows as n
        inner join ops.ownership as w on n.ownership_id = w.ownership_id
        inner join ops.account as a on w.premises_id = a.premises_id;
    else
        insert into ops.account_change (account_id)
        select a.account_id from new_rows as n
        inner join ops.ownership as w on n.person_id = w.person_id
        inner join ops.account as a on w.premises_id = a.premises_id
        union
        select r.account_id from new_rows as n
        inner join ops.residency as r on n.person_id = r.person_id;
    end if;
    return null;
end
$$;
do $$
declare
    fact text;
begin
    foreach fact in array array[
        'ownership', 'ownership_end', 'person_correction', 'person_bankruptcy', 'representative',
        'representative_end'
    ] loop
        execute format(
            'create trigger holders_changed after insert on ops.%I '
            'referencing new table as new_rows '
            'for each statement execute function ops.note_holders_change()', fact
        );
    end loop;
end
$$;

create view ops.representative_visible with (security_barrier) as
select r.person_id, r.representative_id, r.valid_from, r.valid_to, r.basis
from ops.representative as r
inner join ops.person as p on r.person_id = p.person_id
where p.organisation_id = any ((select ops.visible_organisations())::integer[])
    and (select ops.may_see_personal_data());
comment on view ops.representative_visible is
    'Legal representatives, for those who may see personal data';

grant select on
    ops.court_territory_current, ops.house_territory, ops.house_court, ops.state_duty_current,
    ops.representative_visible
to dolgomer_screens;
-- A screen adds a person under a number that it has drawn: it may not read the table.
grant usage on sequence ops.person_person_id_seq to dolgomer_screens;

-- Lawyers load extracts; other files stay with those who load them.
create policy add_extracts on ops.import_file for insert to dolgomer_screens with check (
    kind = 'egrn'
    and organisation_id = any ((select ops.visible_organisations())::integer[])
    and (select ops.has_any_role('lawyer'))
    and (user_id is null or user_id = (select ops.session_user_id()))
);
