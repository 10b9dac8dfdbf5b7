-- The same lines over the built intervals: all accounts on any day, as known at the last build.
{{ penalty_lines(ref('debt_intervals')) }}
