-- Live: the same with the rate of each day, for comparison with other programs.
{{ penalty_lines(
    ref('int_live_intervals'), ref('stg_accounts'), ref('int_bill_deliveries'), ref('stg_debt_holds'),
    rate_mode='stepped'
) }}
