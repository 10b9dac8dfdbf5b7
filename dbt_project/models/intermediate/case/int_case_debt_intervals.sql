-- The pieces of a typed case, by the same walk as those of accounts.
{{ debt_intervals(
    ref('int_case_accounts'), ref('int_case_obligations'), ref('int_case_credits')
) }}
