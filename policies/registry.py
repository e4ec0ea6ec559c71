"""The documents paidan ships, and any folder in the same format."""

from functools import cache
from pathlib import Path

from paidan.policies.errors import UnknownPolicyError
from paidan.policies.loader import Document, load

DOCUMENTS = Path(__file__).parent / "documents"
GENERAL = DOCUMENTS / "settings.toml"


def names() -> tuple[str, ...]:
    """Name the documents that come with paidan."""
    return tuple(sorted(path.parent.name for path in DOCUMENTS.glob("*/document.toml")))


@cache
def document(name: str) -> Document:
    """
    Give the document of that name, or the one in the folder at that path.

    Raises `UnknownPolicyError` when there is neither, `PolicyError` when the folder is broken.
    """
    if name in names():
        return load(DOCUMENTS / name, GENERAL)
    folder = Path(name)
    if folder.is_dir():
        return load(folder, GENERAL)
    raise UnknownPolicyError(name, names())
