{{ config(meta={'dagster': {'ref': {'name': 'debt_intervals'}}}) }}

-- Screens are shown rows by organisation: a row under another one is shown to strangers.
with accounts as (
    select
        account_id,
        organisation_id
    from {{ ref('stg_accounts') }}
    where {{ is_settled() }}
),

{% set marts = [
    'accounts', 'account_balances', 'account_holders', 'account_turnover', 'debt_intervals',
    'debt_parts', 'obligations',
] -%}
rows_of_marts as (
    {% for mart in marts -%}
    select
        '{{ mart }}' as mart,
        account_id,
        organisation_id
    from {{ ref(mart) }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    rows_of_marts.mart,
    rows_of_marts.account_id,
    rows_of_marts.organisation_id,
    accounts.organisation_id as expected_organisation_id
from rows_of_marts
inner join accounts on rows_of_marts.account_id = accounts.account_id
where
    rows_of_marts.organisation_id <> accounts.organisation_id
    and {{ only_rebuilt('rows_of_marts.account_id') }}
