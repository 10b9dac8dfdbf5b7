-- The same with the rate of each day.
{{ penalty_lines(
    ref('int_case_intervals'), ref('int_case_accounts'), ref('int_case_bill_deliveries'),
    rate_mode='stepped'
) }}
