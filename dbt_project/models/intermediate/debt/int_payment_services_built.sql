-- The same over the built intervals, in kopecks again.
with intervals as (
    select
        built.*,
        {{ kopecks('built.interval_amount') }} as interval_kopecks
    from {{ ref('debt_intervals') }} as built
)

select split.* from ({{ payment_services('intervals') }}) as split
