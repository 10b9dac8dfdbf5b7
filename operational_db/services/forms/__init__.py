"""The report forms of the accountant: each a module that asks the database and shapes nothing."""
