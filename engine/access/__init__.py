"""Who may do what: the roles of accounts, their rights, their tokens, and who looked at which order."""
