"""The revisions; each is named for the schema version it makes."""
