"""Why and how long: the rules of each document, read strictly and applied purely."""
