"""The monthly scores once more, in SQL, from the contract and the rule catalogue alone."""
