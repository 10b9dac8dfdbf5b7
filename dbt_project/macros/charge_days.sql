{#-
Lines of the turnover sheet that raise or lower what is owed, packed by account, day and kind.

A charge stands on the last day of its month, everything else on the day of its document. What a
recalculation takes below nothing pays for other services of the account; so that the sheet of a
service ends in what is owed for it, these shifts stand as lines of the kind «offset», which add up
to nothing over the services of each month. A line without a service is an advance.

Each row says which services a meter measured on its day. What is drained is what the meters of water
let in: it has no meter of its own.
-#}
{% macro charge_days(accounts, charges, obligations) -%}
{%- set is_by_account = is_incremental() or config.get('materialized') == 'view' -%}
{%- set fence = 'not materialized' if is_by_account else 'materialized' -%}
with accounts as (
    select * from {{ accounts }}
),

services as (
    select * from {{ ref('stg_services') }}
),

meters as (
    select * from {{ ref('stg_meters') }}
),

-- distinct: two meters of cold water measure the same service.
metered_accounts as {{ fence }} (
    select
        accounts.account_id,
        accounts.organisation_id,
        accounts.house_id,
        measured.all_service_ids,
        measured.service_ids,
        measured.meter_days,
        measured.steady_from
    from accounts
    cross join lateral (
        select
            array_agg(distinct services.service_id order by services.service_id)
                as all_service_ids,
            array_agg(services.service_id) as service_ids,
            array_agg(daterange(meters.installed_date, meters.removed_date, '[]')) as meter_days,
            -- From here on nothing changes, and the days need not be looked into.
            case when bool_and(meters.removed_date is null) then max(meters.installed_date) end
                as steady_from
        from meters
        inner join services as own on meters.service_id = own.service_id
        inner join services
            on
                own.service_id = services.service_id
                or (own.service_code = 'cold_water' and services.service_code = 'sewerage')
        where
            meters.premises_id = accounts.premises_id
            and own.service_code <> 'sewerage'
    ) as measured
),

-- Read several times, but not materialised: `where account_id = …` must reach the index.
charges as not materialized (
    select * from {{ charges }}
),

obligations as not materialized (
    select * from {{ obligations }}
),

-- Only a correction can lower a month; all other months are the sums of their lines. Where accounts
-- are asked one by one, those of the town must not be gathered again for each of them.
corrected_months as {{ fence }} (
    select
        account_id,
        period,
        max(booked_date) as last_booked_date
    from charges
    where charge_kind <> 'charge'
    group by account_id, period
),

ledger_of_corrected as (
    select
        charges.account_id,
        charges.period,
        charges.service_id,
        -charges.charge_kopecks as kopecks
    from corrected_months
    inner join charges
        on
            corrected_months.account_id = charges.account_id
            and corrected_months.period = charges.period
),

owed_of_corrected as (
    select
        obligations.account_id,
        obligations.period,
        share.service_id,
        share.kopecks
    from corrected_months
    inner join obligations
        on
            corrected_months.account_id = obligations.account_id
            and corrected_months.period = obligations.period
    cross join lateral unnest(obligations.service_ids, obligations.service_kopecks)
        as share (service_id, kopecks)
),

surplus as {{ fence }} (
    select
        obligations.account_id,
        obligations.period,
        lower_line.surplus_date,
        lower_line.kopecks
    from obligations
    cross join lateral unnest(obligations.surplus_dates, obligations.surplus_kopecks)
        as lower_line (surplus_date, kopecks)
    where obligations.surplus_dates is not null
),

-- What the month came to less its own lines, service by service, on the day of its last document.
shifts as (
    select
        shifted.account_id,
        corrected_months.last_booked_date as line_date,
        shifted.service_id,
        shifted.kopecks
    from (
        select * from ledger_of_corrected
        union all
        select * from owed_of_corrected
    ) as shifted
    inner join corrected_months
        on
            shifted.account_id = corrected_months.account_id
            and shifted.period = corrected_months.period
    union all
    select
        surplus.account_id,
        corrected_months.last_booked_date as line_date,
        cast(null as integer) as service_id,
        -surplus.kopecks as kopecks
    from surplus
    inner join corrected_months
        on
            surplus.account_id = corrected_months.account_id
            and surplus.period = corrected_months.period
    union all
    select
        account_id,
        surplus_date as line_date,
        cast(null as integer) as service_id,
        kopecks
    from surplus
),

-- Charges by themselves, month by month: so the index gives them in order and nothing is sorted.
packed as (
    select
        account_id,
        cast(period + interval '1 month' as date) - 1 as line_date,
        'charge' as line_kind,
        array_agg(service_id order by charge_id) as service_ids,
        array_agg(charge_kopecks order by charge_id) as line_kopecks,
        array_agg(volume order by charge_id) as volumes
    from charges
    where charge_kind = 'charge'
    group by account_id, period
    union all
    select
        account_id,
        booked_date as line_date,
        charge_kind as line_kind,
        array_agg(service_id order by charge_id) as service_ids,
        array_agg(charge_kopecks order by charge_id) as line_kopecks,
        array_agg(volume order by charge_id) as volumes
    from charges
    where charge_kind <> 'charge'
    group by account_id, booked_date, charge_kind
    union all
    select
        account_id,
        line_date,
        'offset' as line_kind,
        array_agg(service_id order by service_id) as service_ids,
        array_agg(kopecks order by service_id) as line_kopecks,
        array_agg(cast(null as numeric(16, 6))) as volumes
    from (
        select
            account_id,
            line_date,
            service_id,
            cast(sum(kopecks) as bigint) as kopecks
        from shifts
        group by account_id, line_date, service_id
        having sum(kopecks) <> 0
    ) as offsets
    group by account_id, line_date
)

select
    packed.account_id,
    packed.line_date,
    packed.line_kind,
    accounts.organisation_id,
    accounts.house_id,
    packed.service_ids,
    packed.line_kopecks,
    packed.volumes,
    case
        when accounts.service_ids is null then cast('{}' as integer[])
        when packed.line_date >= accounts.steady_from then accounts.all_service_ids
        else array(
            -- distinct: as above
            select distinct meter.service_id
            from unnest(accounts.service_ids, accounts.meter_days) as meter (service_id, days)
            where meter.days @> packed.line_date
            order by meter.service_id
        )
    end as metered_service_ids
from packed
inner join metered_accounts as accounts on packed.account_id = accounts.account_id
{%- endmacro %}
