{{ months_summed(ref('stg_charges'), ref('int_own_due_days')) }}
