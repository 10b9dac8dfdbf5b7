{{ config(alias='build_state') }}

-- The last whole build: how old the figures are.
select
    finished_at as built_at,
    started_at,
    as_of as as_of_date,
    is_full,
    accounts_rebuilt,
    extract(epoch from finished_at - started_at) as duration_seconds
from {{ source('warehouse', 'build') }}
where finished_at is not null
order by build_id desc
limit 1
