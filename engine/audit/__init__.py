"""Whether the log is what was written: the chain held against itself, against its seals, against the fold."""
