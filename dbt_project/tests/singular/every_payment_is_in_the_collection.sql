{{ config(meta={'dagster': {'ref': {'name': 'collection'}}}) }}

-- The mart is kept up by adding and taking back; a contribution lost or counted twice would stay.
-- What accounts that changed while the build ran contribute is left out on both sides.
with changed_pieces as (
    select * from {{ ref('debt_intervals') }}
    where account_id in (select changed.account_id from ops.account_change as changed)
),

changed_parts as (
    {{ collection_contributions('changed_pieces', -1) }}
),

obligations as (
    select
        organisation_id,
        sum(obligation_amount) as charged_amount
    from {{ ref('obligations') }}
    where account_id not in (select changed.account_id from ops.account_change as changed)
    group by organisation_id
),

payments as (
    select
        accounts.organisation_id,
        sum(payments.payment_amount) as paid_amount
    from {{ ref('stg_payments') }} as payments
    inner join {{ ref('stg_accounts') }} as accounts on payments.account_id = accounts.account_id
    where
        {{ is_known_to_build('payments.recorded_at') }}
        and payments.account_id
        not in (select changed.account_id from ops.account_change as changed)
    group by accounts.organisation_id
),

collected as (
    select
        organisation_id,
        sum(charged_amount) as charged_amount,
        sum(paid_amount) as paid_amount
    from (
        select
            organisation_id,
            charged_amount,
            paid_amount
        from {{ ref('collection') }}
        union all
        select
            organisation_id,
            {{ roubles('charged_kopecks') }} as charged_amount,
            {{ roubles('paid_kopecks') }} as paid_amount
        from changed_parts
    ) as parts
    group by organisation_id
),

organisations as (
    select organisation_id from {{ ref('stg_organisations') }}
)

select
    organisations.organisation_id,
    collected.charged_amount,
    obligations.charged_amount as expected_charged_amount,
    collected.paid_amount,
    payments.paid_amount as expected_paid_amount
from organisations
left join collected on organisations.organisation_id = collected.organisation_id
left join obligations on organisations.organisation_id = obligations.organisation_id
left join payments on organisations.organisation_id = payments.organisation_id
where
    coalesce(collected.charged_amount, 0) <> coalesce(obligations.charged_amount, 0)
    or coalesce(collected.paid_amount, 0) <> coalesce(payments.paid_amount, 0)
