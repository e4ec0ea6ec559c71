"""
Feeds: exports of one shape that are imported again and again, each the whole of what its platform shows.

Only files in wide form are feeds; a row of the long form is an event that happened, whatever stands in the
next file. A feed is known by the headers of its files and the name that whoever imports may give it.
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from paidan.storage.encoding import to_json
from paidan.storage.port import Fed
from paidan.workflows.records import Command

_BYTES = 12
"""Of the digests that tell exports, and what they say of an order, apart."""
_NEXT = 4
"""An export that was given no name follows on another when it holds one in so many of its orders."""


class Feed(NamedTuple):
    """
    A feed in one import, and the export that its `files` are together.

    `key` is what it is known by, `named` whether somebody named it.
    """

    key: str
    named: bool
    export: str
    files: tuple[str, ...]


Feeds = Mapping[str, Feed]
"""The feed of each file that belongs to one, by the name of the file."""


def said_of(commands: Sequence[Command], feeds: Feeds) -> dict[str, str]:
    """
    Give by feed what its rows say of one order: a digest, and the names of what is filled.

    Nothing is in it of what only a vault may keep.
    """
    words: dict[str, list[str]] = {}
    names: dict[str, set[str]] = {}
    for one in commands:
        if one.source in feeds:
            key = feeds[one.source].key
            own = {"actor": one.actor, "role": one.role, "unit": one.unit}
            filled = names.setdefault(key, set())
            filled.add(one.event)
            filled.update(one.attributes, [name for name, said in own.items() if said])
            said = to_json({"at": one.at, "event": one.event, **own}) + to_json(one.attributes)
            words.setdefault(key, []).append(said)
    return {key: " ".join((digest("\n".join(said)), *sorted(names[key]))) for key, said in words.items()}


def not_whole(said: str) -> str:
    """Give what is kept of what a feed says where not all of it was taken in: it is looked at again."""
    return said.replace(said.partition(" ")[0], "", 1)


def filled_in(said: str) -> frozenset[str]:
    """Name the events and attributes that a feed said of an order."""
    return frozenset(said.split()[not said.startswith(" ") :])


def since(feed: Feed, exports: Collection[Fed]) -> tuple[str, ...]:
    """
    Name the exports of a feed that its present one follows on, so that what it lacks of them has vanished.

    Where nobody named the feed, headers alone do not tell the exports of two districts apart: it follows
    on those of whose orders it still holds one in four.
    """
    held: dict[str, int] = {}
    left: dict[str, int] = {}
    for one in exports:
        if one.export == feed.export:
            held[one.before] = held.get(one.before, 0) + one.orders
        elif one.gone in ("", feed.export):
            left[one.export] = left.get(one.export, 0) + one.orders
    return tuple(
        sorted(
            export
            for export, count in left.items()
            if feed.named or held.get(export, 0) * _NEXT >= held.get(export, 0) + count
        )
    )


def digest(text: str) -> str:
    """Tell one text from another."""
    return blake2b(text.encode(), digest_size=_BYTES).hexdigest()
