{{ config(meta={'dagster': {'ref': {'name': 'debt_parts'}}}) }}

-- A debt that nobody owes, that two people owe, or that is neither claimed nor to be claimed.
with parts as (
    select
        account_id,
        sum(part_amount) as part_amount,
        sum(claimed_amount + unclaimed_amount) as split_amount
    from {{ ref('debt_parts') }}
    group by account_id
),

balances as (
    select
        account_id,
        debt
    from {{ ref('account_balances') }}
)

select
    balances.account_id,
    balances.debt,
    coalesce(parts.part_amount, 0) as part_amount,
    coalesce(parts.split_amount, 0) as split_amount
from balances
left join parts on balances.account_id = parts.account_id
where
    {{ is_settled('balances.account_id') }}
    and (
        balances.debt <> coalesce(parts.part_amount, 0)
        or balances.debt <> coalesce(parts.split_amount, 0)
    )
