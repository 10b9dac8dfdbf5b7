{{ config(meta={'dagster': {'ref': {'name': 'collection'}}}) }}

-- The mart is kept up by adding what changed; a change that was lost or counted twice would stay.
-- What repaid awarded duty and penalty is in none. What accounts that changed while the build ran contribute is left out on both sides.
with changed_pieces as (
    select
        intervals.*,
        -1 as sign
    from {{ ref('debt_intervals') }} as intervals
    where account_id in (select changed.account_id from ops.account_change as changed)
),

changed_parts as (
    {{ collection_contributions('select * from changed_pieces') }}
),

{% if are_only_changes_tested() -%}
-- Beside the turnover, which is a tenth of the ledger and is itself held against it account by
-- account; what months came to after their recalculations is added up by full builds alone.
expected as (
    select
        organisation_id,
        cast(null as numeric) as charged_amount,
        sum(paid - to_awards) as paid_amount
    from {{ ref('account_turnover') }}
    where account_id not in (select changed.account_id from ops.account_change as changed)
    group by organisation_id
),
{%- else -%}
expected as (
    select
        coalesce(charges.organisation_id, receipts.organisation_id) as organisation_id,
        coalesce(charges.charged_amount, 0) as charged_amount,
        coalesce(receipts.paid_amount, 0) - coalesce(repaid.award_amount, 0) as paid_amount
    from (
        select
            organisation_id,
            sum(obligation_amount) as charged_amount
        from {{ ref('obligations') }}
        where account_id not in (select changed.account_id from ops.account_change as changed)
        group by organisation_id
    ) as charges
    full outer join (
        select
            accounts.organisation_id,
            sum(payments.payment_amount) as paid_amount
        from {{ ref('stg_payments') }} as payments
        inner join {{ ref('stg_accounts') }} as accounts
            on payments.account_id = accounts.account_id
        where
            {{ is_known_to_build('payments.recorded_at') }}
            and payments.account_id
            not in (select changed.account_id from ops.account_change as changed)
        group by accounts.organisation_id
    ) as receipts on charges.organisation_id = receipts.organisation_id
    left join (
        select
            organisation_id,
            sum(to_awards) as award_amount
        from {{ ref('account_turnover') }}
        where account_id not in (select changed.account_id from ops.account_change as changed)
        group by organisation_id
    ) as repaid on receipts.organisation_id = repaid.organisation_id
),
{%- endif %}

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
)

select
    coalesce(collected.organisation_id, expected.organisation_id) as organisation_id,
    collected.charged_amount,
    expected.charged_amount as expected_charged_amount,
    collected.paid_amount,
    expected.paid_amount as expected_paid_amount
from collected
full outer join expected on collected.organisation_id = expected.organisation_id
where
    coalesce(collected.paid_amount, 0) <> coalesce(expected.paid_amount, 0)
    {% if not are_only_changes_tested() -%}
    or coalesce(collected.charged_amount, 0) <> coalesce(expected.charged_amount, 0)
    {%- endif %}
