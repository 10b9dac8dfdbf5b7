{{ account_turnover(
    ref('int_accounts_placed'), ref('int_obligations'), ref('int_debt_intervals')
) }}
