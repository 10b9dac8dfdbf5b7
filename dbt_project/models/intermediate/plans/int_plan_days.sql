-- Days of this and the last two years; past the end of the calendar of reference the five-day week
-- of the law stands in.
with calendar as (
    select * from {{ source('reference', 'calendar_day') }}
),

days as (
    select cast(series.moment as date) as day
    from generate_series(
        date_trunc('year', (select ops.as_of())) - interval '2 years',
        date_trunc('year', (select ops.as_of())) + interval '2 years' - interval '1 day',
        interval '1 day'
    ) as series (moment)
)

select
    days.day,
    coalesce(calendar.is_working, extract(isodow from days.day) < 6) as is_working
from days
left join calendar on days.day = calendar.day
