-- Penalty of a typed case, line by line.
{{ penalty_lines(
    ref('int_case_intervals'), ref('int_case_accounts'), ref('int_case_bill_deliveries')
) }}
