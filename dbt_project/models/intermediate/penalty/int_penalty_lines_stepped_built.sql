-- The same over the built intervals.
{{ penalty_lines(
    ref('debt_intervals'), ref('stg_accounts'), ref('int_bill_deliveries'), ref('stg_debt_holds'),
    rate_mode='stepped'
) }}
