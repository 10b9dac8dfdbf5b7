-- The live intervals with the unit of the mart.
select
    pieces.*,
    {{ roubles('pieces.interval_kopecks') }} as interval_amount
from {{ ref('int_debt_intervals') }} as pieces
