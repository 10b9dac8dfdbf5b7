-- Live: penalty of an account on the day that is asked about, line by line.
{{ penalty_lines(
    ref('int_live_intervals'), ref('stg_accounts'), ref('int_bill_deliveries'), ref('stg_debt_holds')
) }}
