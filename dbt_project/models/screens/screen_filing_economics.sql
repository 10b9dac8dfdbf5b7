{{ config(
    alias='filing_economics',
    post_hook=["alter view {{ this }} set (security_barrier = true)"],
) }}

-- What every application that could be filed today may be expected to bring, and whether to wait.
{{ expected_of_applications('materialized') }}
