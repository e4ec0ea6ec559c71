"""Which form a log goes out in, by how the name of its file ends."""

from pathlib import Path

XES, OCEL = "xes", "ocel"
LOG_FORMS = (XES, OCEL)
"""Forms of logs that other people's tools open."""
_ENDINGS = {".xes": XES, ".xes.gz": XES, ".jsonocel": OCEL}


def form_of(path: Path) -> str:
    """
    Name the form of a log that a file's name asks for, empty where it asks for none.

    >>> form_of(Path("march.xes.gz"))
    'xes'
    """
    name = path.name.lower()
    return next((form for ending, form in _ENDINGS.items() if name.endswith(ending)), "")
