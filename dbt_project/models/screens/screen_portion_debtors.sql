{{ config(
    alias='portion_debtors',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- Whom to ask for a part of the debt as of the last build, and what stands in the way; ids without
-- names. Ask it with an account_id, or with a list of them.
{{ shown_portion_debtors(ref('int_portion_debtors')) }}
