"""Names of environment variables that paidan looks at."""

CALENDARS = "PAIDAN_CALENDARS"
"""The folder of installed holiday notices."""

KEY_FILE = "PAIDAN_KEY_FILE"
"""The file of the master key, from which every other key is drawn."""
