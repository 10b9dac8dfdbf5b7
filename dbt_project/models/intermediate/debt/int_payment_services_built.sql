-- The same from the table of the last build, for all accounts at once.
{{ payment_services(ref('int_built_pieces')) }}
