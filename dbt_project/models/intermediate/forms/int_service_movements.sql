-- Live, at any state of knowledge: ask it with an account_id.
{{ service_movements(ref('int_charge_days'), ref('int_live_pieces')) }}
