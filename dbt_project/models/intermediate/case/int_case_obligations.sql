{{ obligations_of_months(ref('int_case_months_summed')) }}
