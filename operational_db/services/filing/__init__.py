"""From a list of debtors to packages for the court: proposal, guard, approval, run, result."""
