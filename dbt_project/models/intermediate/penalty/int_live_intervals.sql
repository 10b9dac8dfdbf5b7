-- The live intervals with the names and the unit of the mart.
{{ penalty_intervals(ref('int_debt_intervals')) }}
