"""The documents paidan ships, and any folder in the same format."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from paidan.policies.editions import Loaded
from paidan.policies.errors import UnknownPolicyError
from paidan.policies.known import NOTHING_LOADED, Known
from paidan.policies.loader import Document, load
from paidan.policies.roster import Roster
from paidan.policies.rulebook import Rulebook, calendar_for
from paidan.policies.schema import Policy

DOCUMENTS = Path(__file__).parent / "documents"
GENERAL = DOCUMENTS / "settings.toml"


def names() -> tuple[str, ...]:
    """Name the documents that come with paidan."""
    return tuple(sorted(path.parent.name for path in DOCUMENTS.glob("*/document.toml")))


@cache
def document(name: str) -> Document:
    """
    Give the document of that name, or the one in the folder at that path.

    Those that come with paidan are checked before they ship, a folder each time. Raises
    `UnknownPolicyError` when there is neither, `PolicyError` when the folder is broken.
    """
    if name in names():
        return load(DOCUMENTS / name, GENERAL, checked=True)
    folder = Path(name)
    if folder.is_dir():
        return load(folder.resolve(), GENERAL)
    raise UnknownPolicyError(name, names())


class Books:
    """
    The rulebooks of a document's versions under one choice of settings and one roster.

    `known` is what the calendar knows to begin with; each notice `loaded` later counts from its
    instant on.
    """

    def __init__(
        self,
        document: Document,
        settings: Mapping[str, Any],
        roster: Roster | None,
        known: Known = NOTHING_LOADED,
        loaded: Sequence[Loaded] = (),
    ) -> None:
        self.document = document
        self.known = known
        self.loaded = tuple(loaded)
        self.chosen, self.roster = settings, roster
        self._books = {
            version.id: self._book(document.policy(version, settings)) for version in document.versions
        }

    def _book(self, policy: Policy) -> Rulebook:
        book = Rulebook(policy, self.roster, calendar_for(policy, self.known))
        later = []
        known = self.known
        for at, notice in self.loaded:
            known = known._replace(notices=(*known.notices, notice))
            later.append((at, calendar_for(policy, known)))
        return book.with_later(later) if later else book

    def with_loaded(self, loaded: Sequence[Loaded]) -> "Books":
        """Give the same rules with other notices loaded."""
        return Books(self.document, self.chosen, self.roster, self.known, loaded)

    def governing(self, on: date) -> tuple[Rulebook, bool]:
        """Give the rulebook for an order received `on`, and whether that is outside its period."""
        version, outside = self.document.version_on(on)
        return self._books[version.id], outside

    def of(self, version: str) -> Rulebook:
        """Give the rulebook of the version of that id; KeyError when the document has none."""
        return self._books[version]

    @property
    def latest(self) -> Rulebook:
        """The rulebook of the newest version."""
        return self._books[self.document.versions[-1].id]
