{{ months_summed(ref('int_case_charges')) }}
