"""Names of environment variables that paidan looks at."""

CALENDARS = "PAIDAN_CALENDARS"
"""The folder of installed holiday notices."""

KEY_FILE = "PAIDAN_KEY_FILE"
"""The file of the master key, under which a vault keeps identities and from which seals draw theirs."""
