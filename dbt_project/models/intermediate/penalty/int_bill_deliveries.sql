-- What is known last of the bill of a month. One row per account and month of which anything is
-- known.
select distinct on (account_id, period)
    account_id,
    period,
    delivered_date
from {{ ref('stg_bill_deliveries') }}
order by account_id asc, period asc, bill_delivery_id desc
