"""Files in: tables, events, units, adjustments; every row read or rejected with a reason."""
