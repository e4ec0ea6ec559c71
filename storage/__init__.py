"""Where: one port and its stores."""
