-- The same lines over the built intervals: all accounts on any day, as known at the last build.
{{ penalty_lines(
    ref('debt_intervals'), ref('stg_accounts'), ref('int_bill_deliveries'), ref('stg_debt_holds')
) }}
