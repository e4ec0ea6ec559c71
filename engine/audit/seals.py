"""
Seals: signed files outside the database that say how far the log had come, and what it was.

A seal's `head` runs over all entries in the order in which they were learned, so that the last seal alone
proves everything up to it, and making one reads only what is new.
"""

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Any, NamedTuple

from paidan.engine.audit.keys import Checker, Signer
from paidan.engine.errors import BrokenError, InputError, SealedByAnotherError
from paidan.storage.chain import FIRST, running
from paidan.storage.encoding import from_text, to_text
from paidan.storage.port import KeptNotice, Link, Store

_HIGHEST = 2**62
"""A position that none reaches."""


@dataclass(frozen=True, slots=True)
class Seal:
    """
    What was sealed, as the file says it; digests are SHA-256 in hex.

    `position` is that of the last entry and `last` its hash, `entries` and `orders` count up to it, `head`
    runs over their positions and hashes. `store` is the digest of what the store was made with,
    `notices_head` that of the first `notices` holiday notices; `previous` is the digest of the file before.
    """

    number: int
    store_id: str
    sealed_at: str
    position: int
    entries: int
    orders: int
    last: str
    head: str
    store: str
    notices: int
    notices_head: str
    previous: str
    signature: str = ""

    @property
    def file(self) -> str:
        """Give the name of its file."""
        return f"seal-{self.number:06}.json"

    @property
    def at(self) -> datetime:
        """Give when it was made."""
        return from_text(self.sealed_at)

    def signed(self) -> bytes:
        """Give what the signature stands under: canonical JSON of all but itself."""
        return _canonical({name: value for name, value in asdict(self).items() if name != "signature"})

    def written(self) -> bytes:
        """Give the file."""
        return _canonical(asdict(self)) + b"\n"

    def digest(self) -> str:
        """Give what the next seal says of this one."""
        return sha256(self.written()).hexdigest()


class SealFile(NamedTuple):
    """A file where a seal should be, and the seal if it holds one."""

    path: Path
    seal: Seal | None


class Tally:
    """What was counted of the log up to a position; it goes on from where a seal stands."""

    def __init__(self, seal: Seal | None = None) -> None:
        self.position = seal.position if seal else 0
        self.entries = seal.entries if seal else 0
        self.orders = seal.orders if seal else 0
        self.last = seal.last if seal else FIRST
        self.head = seal.head if seal else FIRST

    def take(self, link: Link) -> None:
        """Count the next entry; raises `ValueError` or `TypeError` for a hash that is none."""
        self.head = running(self.head, link.position, link.hash)
        self.position, self.last = link.position, link.hash
        self.entries += 1
        self.orders += link.seq == 1

    def agrees(self, seal: Seal) -> bool:
        """Say whether the log is what was sealed."""
        counted = (self.position, self.entries, self.orders, self.last, self.head)
        return counted == (seal.position, seal.entries, seal.orders, seal.last, seal.head)


def seal(
    store: Store, folder: Path, signer: Signer, now: datetime, checker: Checker | None = None
) -> Seal | None:
    """
    Seal what was written since the last seal in `folder`, or give None where nothing was.

    The last seal must be signed by `signer`, or be held good by `checker`: by an older key, say. Raises
    `BrokenError` where it or what is new does not hold: such a log is not sealed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    last = _last(folder, signer.checker | checker if checker else signer.checker)
    if last is not None:
        _check_goes_on(store, last)
    if not _anything_new(store, last):
        return None
    notices = store.notices()
    tally = Tally(last)
    after = last.position if last and last.entries else None
    for link in store.links(store.settled(), after, checked=True):
        if link.broken is not None:
            raise BrokenError("audit.unsealable", order=link.broken.order_id, seq=link.broken.seq)
        tally.take(link)
    made = Seal(
        last.number + 1 if last else 1, store.store_id, to_text(now), tally.position, tally.entries,
        tally.orders, tally.last, tally.head, store_digest(store), len(notices), notices_digest(notices),
        last.digest() if last else FIRST,
    )  # fmt: skip
    made = replace(made, signature=signer.sign(made.signed()))
    _write(folder / made.file, made.written())
    return made


def seal_of_the_day(store: Store, folder: Path, signer: Signer, now: datetime) -> Seal | None:
    """Seal as `seal` does, unless the day in Beijing has its seal already: then give None."""
    files = read_seals(folder) if folder.is_dir() else []
    last = files[-1].seal if files else None
    if last is not None and last.at.date() >= now.date():
        return None
    try:
        return seal(store, folder, signer, now)
    except SealedByAnotherError:
        return None


def read_seals(folder: Path) -> list[SealFile]:
    """Read every seal in a folder, in order of number; raises `InputError` where there is no folder."""
    if not folder.is_dir():
        raise InputError("audit.no_folder", exit_code=5, folder=folder)
    return [SealFile(path, _read(path)) for path in sorted(folder.glob("seal-*.json"), key=_by_number)]


def store_digest(store: Store) -> str:
    """Give the digest of what a store was made with: policy, readings, calendar."""
    return sha256(
        _canonical({"calendar": store.calendar, "policy": store.policy, "settings": dict(store.settings)})
    ).hexdigest()


def notices_digest(notices: Sequence[KeptNotice]) -> str:
    """Give the digest of holiday notices in the order in which they were loaded."""
    said = [{"loaded_at": to_text(one.loaded_at), "text": one.text, "year": one.year} for one in notices]
    return sha256(_canonical(said)).hexdigest()


def _last(folder: Path, checker: Checker) -> Seal | None:
    files = read_seals(folder)
    if not files:
        return None
    path, last = files[-1]
    if last is None or path.name != last.file:
        raise BrokenError("audit.last_seal", file=path)
    if not checker.holds(last.signed(), last.signature):
        raise BrokenError("audit.last_seal", file=path)
    return last


def _check_goes_on(store: Store, last: Seal) -> None:
    """Raise `BrokenError` where the store is not that of its last seal, or has fallen behind it."""
    notices = store.notices()[: last.notices]
    same = (store.store_id, store_digest(store), len(notices), notices_digest(notices))
    if same != (last.store_id, last.store, last.notices, last.notices_head):
        raise BrokenError("audit.other_store", number=last.number)
    if last.entries and [one.hash for one in store.links(last.position, last.position - 1)] != [last.last]:
        raise BrokenError("audit.fallen_behind", number=last.number)


def _anything_new(store: Store, last: Seal | None) -> bool:
    if len(store.notices()) > (last.notices if last else 0):
        return True
    return next(store.links(_HIGHEST, last.position if last else None), None) is not None


def _by_number(path: Path) -> tuple[int, str]:
    """Numbers beyond six digits sort as numbers do."""
    return len(path.name), path.name


def _read(path: Path) -> Seal | None:
    """Read a seal; a file that is not, byte for byte, what we would write for it is none."""
    try:
        raw = path.read_bytes()
        said = json.loads(raw)
        found = Seal(**said)
        kinds = all(type(getattr(found, one.name)) is one.type for one in fields(found))
        return found if kinds and found.written() == raw else None
    except (ValueError, TypeError, RecursionError):
        return None


def _canonical(said: dict[str, Any] | Iterable[Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _write(path: Path, text: bytes) -> None:
    """Write a file whole or not at all, on the disk before its name stands; none is ever written over."""
    number, beside = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        os.chmod(beside, 0o644)  # noqa: PTH101 - public: it is for others to check
        try:
            os.link(beside, path)
        except FileExistsError:
            raise SealedByAnotherError("audit.sealed_by_another", file=path) from None
        with suppress(OSError):  # not every system lets a folder be opened
            _sync(path.parent)
    finally:
        os.unlink(beside)  # noqa: PTH108 - a descriptor's name


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
