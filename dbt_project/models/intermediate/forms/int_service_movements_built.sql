-- From the tables of the last build: ask it with account_ids.
{{ service_movements(ref('charge_days'), ref('debt_intervals')) }}
