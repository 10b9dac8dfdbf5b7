{{ config(
    alias='account_economics',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- The same of an account: only its own agreements are looked into. Ask it with an account_id.
{{ expected_of_applications('not materialized') }}
