{{ config(meta={'dagster': {'ref': {'name': 'debt_intervals'}}}) }}

-- A piece whose services do not add up would pay a supplier what nobody paid, or keep it from them.
-- Only a piece of a month has services: an advance and a debt made by a refund are of none yet, and an
-- award never is.
with pieces as (
    select
        account_id,
        interval_no,
        interval_kind,
        interval_amount,
        service_ids,
        (select sum(part.kopecks) from unnest(service_kopecks) as part (kopecks)) as kopecks
    from {{ ref('debt_intervals') }}
    where {{ is_settled() }}
)

select *
from pieces
where
    (interval_kind = 'debt') <> (service_ids is not null)
    or (interval_kind = 'debt') <> (kopecks is not null)
    or kopecks <> interval_amount * 100
