-- The same live, for any day and state of knowledge. Ask it with an account_id.
{{ portion_debtors(ref('int_debt_parts')) }}
