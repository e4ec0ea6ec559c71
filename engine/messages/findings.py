"""Sentences of this area."""

TEXTS: dict[str, tuple[str, str]] = {}
