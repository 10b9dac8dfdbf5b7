{{ config(
    alias='payment_services',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- How the payments of an account fall to services and to those who are owed for them (ПП РФ 253).
-- Ask it with an account_id. Of several contracts for a service the latest that held on the day
-- counts; without one the organisation is owed itself, as it is for awarded duty and penalty.
with payment_services as (
    select * from {{ ref('int_payment_services') }}
)

select
    payment_services.account_id,
    payment_services.payment_id,
    payment_services.organisation_id,
    payment_services.paid_date,
    payment_services.falls_date,
    payment_services.period,
    payment_services.service_id,
    contract.contract_id,
    payment_services.is_award,
    case
        when payment_services.is_award then payment_services.organisation_id
        when payment_services.service_id is not null
            then coalesce(contract.recipient_id, payment_services.organisation_id)
    end as recipient_id,
    {{ roubles('payment_services.kopecks') }} as amount
from payment_services
left join lateral (
    select
        held.contract_id,
        held.recipient_id
    from {{ source('ops', 'contract') }} as held
    where
        held.organisation_id = payment_services.organisation_id
        and held.service_id = payment_services.service_id
        and held.valid_from <= payment_services.falls_date
        and (held.valid_to is null or held.valid_to >= payment_services.falls_date)
        and held.recorded_at <= (select ops.known_at())
    order by held.valid_from desc, held.contract_id desc
    limit 1
) as contract on true
where payment_services.organisation_id = any((select ops.visible_organisations())::integer[])
