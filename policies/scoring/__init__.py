"""Scores: counting, items, totals, ranks and where each point comes from."""
