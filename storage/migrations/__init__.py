"""
The tables of older stores made those of this version: one Alembic revision for each schema version.

A revision is what was true when it was written: it imports nothing of ours, and is never changed.
"""
