-- The live form of the central mart: one account in milliseconds, at any state of knowledge.
{{ debt_intervals(ref('int_accounts_placed'), ref('int_obligations'), ref('int_credits')) }}
