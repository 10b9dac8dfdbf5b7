{{ charge_days(ref('int_accounts_placed'), ref('stg_charges'), ref('int_obligations')) }}
