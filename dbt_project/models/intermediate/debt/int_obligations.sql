{{ obligations_of_months(ref('int_months_summed')) }}
