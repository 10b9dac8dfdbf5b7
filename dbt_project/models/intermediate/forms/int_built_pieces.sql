-- The pieces of the last build with the unit of the live ones.
select
    pieces.*,
    {{ kopecks('pieces.interval_amount') }} as interval_kopecks
from {{ ref('debt_intervals') }} as pieces
