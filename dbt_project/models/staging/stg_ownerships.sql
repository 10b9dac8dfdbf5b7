with source as (
    select * from {{ source('ops', 'ownership') }}
),

-- An end that we came to know later than the moment asked about: before it stood another day.
later_ends as (
    select distinct on (ownership_id)
        ownership_id,
        previous_valid_to
    from {{ source('ops', 'ownership_end') }}
    where recorded_at > (select ops.known_at())
    order by ownership_id asc, ownership_end_id asc
)

select
    -- keys
    source.ownership_id,
    source.organisation_id,
    source.premises_id,
    source.person_id,
    source.holder_organisation_id,

    -- attributes
    source.right_kind,
    source.share_numerator,
    source.share_denominator,
    source.holder_name,

    -- dates and times
    source.valid_from as valid_from_date,
    case
        when later_ends.ownership_id is not null then later_ends.previous_valid_to
        else source.valid_to
    end as valid_to_date
from source
left join later_ends on source.ownership_id = later_ends.ownership_id
where source.recorded_at <= (select ops.known_at())
