{{ config(
    alias='account_portion_debtors',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- The same live: for one account, at any day and state of knowledge. Ask it with an account_id.
{{ shown_portion_debtors(ref('int_live_portion_debtors')) }}
