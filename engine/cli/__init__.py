"""The command line: a face, which calls `engine.app` and the pure parts, never storage."""
