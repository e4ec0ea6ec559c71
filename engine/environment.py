"""Names of environment variables that paidan looks at."""

CALENDARS = "PAIDAN_CALENDARS"
"""The folder of installed holiday notices."""
