with houses as (
    select * from {{ ref('stg_houses') }}
),

objects as (
    select * from {{ ref('stg_address_objects') }}
)

select
    houses.house_id,
    houses.address_object_id,
    concat_ws(
        ', ',
        case
            when parents.address_level = 'settlement'
                then parents.type_name || ' ' || parents.object_name
        end,
        objects.type_name || ' ' || objects.object_name,
        'д. ' || houses.house_number,
        'корп. ' || houses.building,
        'стр. ' || houses.structure
    ) as house_address,
    -- Numbers are padded, so that house 2 stands before house 10.
    ops.russian_sort_key(
        coalesce(parents.object_name, '') || ' ' || objects.object_name || ' '
        || lpad(coalesce(substring(houses.house_number from '^[0-9]+'), ''), 5, '0')
        || ' ' || houses.house_number
        || ' ' || lpad(coalesce(houses.building, ''), 4, '0')
        || ' ' || lpad(coalesce(houses.structure, ''), 4, '0')
    ) as house_sort_key
from houses
inner join objects on houses.address_object_id = objects.address_object_id
left join objects as parents on objects.parent_id = parents.address_object_id
