-- Whom to ask for the open parts of the last build, and what stands in the way of asking them
-- today.
{{ portion_debtors(ref('debt_parts')) }}
