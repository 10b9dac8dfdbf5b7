-- Live: how the payments of an account fall to services.
{{ payment_services(ref('int_debt_intervals')) }}
