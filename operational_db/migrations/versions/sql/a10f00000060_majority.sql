-- The age from which a citizen answers for his debts himself is a row of law (ГК 21), asked here
-- and nowhere else.
create function ops.age_of_majority() returns interval
language sql stable parallel safe
return (
    select make_interval(years => cast(min(t.value) as integer))
    from reference.legal_term as t
    where t.code = 'age_of_majority' and t.is_enabled
);
comment on function ops.age_of_majority() is
    'From which age somebody answers for his debts himself; null where the law has no such row';

create or replace view ops.person_visible with (security_barrier) as
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
    cast(birth_date + (select ops.age_of_majority()) as date) > ops.as_of() as is_minor,
    case when visible.everything then death_date end as death_date,
    case when visible.everything then registered_address end as registered_address,
    case when visible.everything then phone end as phone,
    case when visible.everything then email end as email
from ops.person
cross join (select ops.may_see_personal_data() as everything) as visible
where organisation_id = any ((select ops.visible_organisations())::integer[]);
