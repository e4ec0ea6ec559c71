"""Long work in a server: one thing at a time for each account, watched, cancelled, let go of."""
