{{ penalty_intervals(ref('int_case_debt_intervals')) }}
