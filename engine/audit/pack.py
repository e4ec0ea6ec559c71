"""
The auditor's pack (审计包): the log of a month's orders as it was hashed, to be checked without this program.

It is a zip whose bytes follow from the log alone: the same log gives the same. It is written piece by piece,
and holds no identities, since the log has none. The scores in it are made with the
roster and the adjustments as their files are. Its `verify.py` needs Python's standard library only.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paidan.engine.audit.deviations import deviations_of
from paidan.engine.audit.graded import graded
from paidan.engine.audit.seals import SealFile, read_seals
from paidan.engine.evolve import fold
from paidan.engine.export.run_folder import TABLES, written
from paidan.engine.governing import rules_of_log
from paidan.engine.messages.reasons import reason
from paidan.policies.clocks import verdict
from paidan.policies.registry import Books
from paidan.storage.chain import FIRST, text_of
from paidan.storage.encoding import to_text
from paidan.storage.port import Linked, Store
from paidan.storage.rows import said_of
from paidan.workflows.cases import case_id
from paidan.workflows.records import Entry

if TYPE_CHECKING:
    from paidan.engine.audit.keys import Signer
    from paidan.engine.scoring.run import Run

FORMAT = "paidan audit pack 1"
VERIFIER = Path(__file__).with_name("verify_pack.py")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 16
_ORDERS_AT_ONCE = 200
_LOWEST = -(2**63)
DEVIATIONS = ("order_id", "seq", "event", "at", "rule", "clause", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    Which month is packed, of which store, and what goes with it.

    `seals` is the folder of its seals, None where there is none; `signer` signs the manifest, where there
    is a key. `run` gives what is scored as of a time. `seen` is given the ids of the orders before anything
    of them is.
    """

    store: Store
    books: Books
    month: str
    begins_at: datetime
    ends_at: datetime
    now: datetime
    run: "Callable[[datetime], Run]"
    seals: Path | None = None
    signer: "Signer | None" = None
    seen: Callable[[Sequence[str]], object] = lambda _: None


@dataclass(slots=True)
class _Orders:
    """
    What the first reading found: how many entries of each order go in, and when the last was written.

    `newest` is when the last of the whole log was.
    """

    lengths: dict[str, int] = field(default_factory=dict)
    last: datetime | None = None
    newest: datetime | None = None
    first_position: int | None = None


class _Pipe(io.RawIOBase):
    """A file that is written to at one end and taken from at the other."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._held += piece
        return len(piece)

    def taken(self) -> bytes:
        """Take what was written."""
        piece = bytes(self._held)
        self._held.clear()
        return piece


def pack(wanted: Wanted) -> Iterator[bytes]:
    """Give the zip of a month, piece by piece."""
    pipe = _Pipe()
    files: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
            counted, size = sha256(), 0
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as file:
                for piece in _gathered(pieces):
                    counted.update(piece)
                    size += len(piece)
                    file.write(piece)
                    yield pipe.taken()
            files[name] = {"bytes": size, "sha256": counted.hexdigest()}

        orders = _Orders()
        yield from put("log.jsonl", _log(wanted, orders))
        yield from put("entries.csv", _entries(wanted, orders))
        over = wanted.ends_at <= wanted.now
        as_of = wanted.ends_at if over else orders.last or wanted.begins_at
        yield from put("deadlines.csv", _deadlines(wanted, orders, as_of))
        yield from put("deviations.csv", _deviations(wanted, orders, as_of))
        scored_as_of = max(as_of, orders.newest or as_of)
        scored = False
        for name, pieces in graded(wanted.run(scored_as_of), wanted.month):
            scored = True
            yield from put(name, pieces)
        sealed, begins = _seals(wanted, orders)
        for name, content in _beside(wanted, sealed):
            yield from put(name, [content])
        if sealed:
            yield from put("chain.csv", _chain(wanted, sealed, begins))
        said = {
            "format": FORMAT, "month": wanted.month, "store_id": wanted.store.store_id,
            "from": to_text(wanted.begins_at), "until": to_text(wanted.ends_at), "as_of": to_text(as_of),
            "orders": len(orders.lengths), "entries": sum(orders.lengths.values()), "seals": len(sealed),
            "chain_from": begins, "scored_as_of": to_text(scored_as_of) if scored else "",
            "files": dict(files),
        }  # fmt: skip
        yield from put("manifest.json", [_manifest(said, wanted.signer)])
    yield pipe.taken()


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give pieces that are worth being compressed by themselves."""
    held = bytearray()
    for one in pieces:
        held += one
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _log(wanted: Wanted, orders: _Orders) -> Iterator[bytes]:
    """Give the log of each order that was written on within the month, from its first entry on."""
    held: dict[str, bytes] = {}
    for order_id, log in groupby(wanted.store.linked(), key=lambda one: one.entry.order_id):
        whole = list(log)
        orders.newest = max(
            *(one.entry.recorded_at for one in whole), orders.newest or whole[0].entry.recorded_at
        )
        linked = [one for one in whole if one.entry.recorded_at < wanted.ends_at]
        if not linked or linked[-1].entry.recorded_at < wanted.begins_at:
            continue
        orders.lengths[order_id] = len(linked)
        recorded_at, position = linked[-1].entry.recorded_at, linked[0].position
        orders.last = max(orders.last or recorded_at, recorded_at)
        first = orders.first_position
        orders.first_position = position if first is None else min(first, position)
        previous, lines = FIRST, []
        for one in linked:
            lines.append(text_of(said_of(one.entry), previous).encode() + b"\n")
            previous = one.hash
        held[order_id] = b"".join(lines)
        if len(held) == _ORDERS_AT_ONCE:
            yield _seen(wanted, held)
    yield _seen(wanted, held)


def _seen(wanted: Wanted, held: dict[str, bytes]) -> bytes:
    """Give the logs that are held, their orders written down first."""
    if held:
        wanted.seen(list(held))
    lines = b"".join(held.values())
    held.clear()
    return lines


def _of_each(wanted: Wanted, orders: _Orders) -> Iterator[tuple[str, list[Linked]]]:
    for order_id, length in orders.lengths.items():
        yield order_id, list(islice(wanted.store.linked(order_id), length))


def _entries(wanted: Wanted, orders: _Orders) -> Iterator[bytes]:
    yield _line("position", "order_id", "seq", "hash")
    for order_id, linked in _of_each(wanted, orders):
        for one in linked:
            yield _line(one.position, order_id, one.entry.seq, one.hash)


def _deadlines(wanted: Wanted, orders: _Orders, as_of: datetime) -> Iterator[bytes]:
    yield _line(*TABLES["deadlines"])
    for log in _logs(wanted, orders):
        rules = rules_of_log(wanted.books, log)
        order = fold(log[0].order_id, log, rules)
        for one in order.clocks:
            rule = rules.clocks[one.rule]
            yield _line(
                order.order_id, one.rule, one.unit, rule.kind, written(one.started_at), written(one.due_at),
                written(one.done_at) if one.done_at else "", verdict(one, rules, as_of),
                "true" if one.provisional else "false", rules.policy.version, rule.clause,
            )  # fmt: skip


def _deviations(wanted: Wanted, orders: _Orders, as_of: datetime) -> Iterator[bytes]:
    yield _line(*DEVIATIONS)
    for log in _logs(wanted, orders):
        rules = rules_of_log(wanted.books, log)
        for one in deviations_of(log, rules, as_of):
            found = one.finding
            yield _line(
                one.order_id, one.seq, one.event, written(one.at), found.rule, found.clause,
                reason(found, rules),
            )  # fmt: skip


def _logs(wanted: Wanted, orders: _Orders) -> Iterator[Sequence[Entry]]:
    """Give the log of every order, without cases: they have no clocks of their own that count."""
    for order_id, linked in _of_each(wanted, orders):
        if not case_id(order_id):
            yield [one.entry for one in linked]


def _seals(wanted: Wanted, orders: _Orders) -> tuple[list[SealFile], int]:
    """Give the seals, and the number of the last that was made before anything of the pack, 0 for none."""
    found = [] if wanted.seals is None or not wanted.seals.is_dir() else read_seals(wanted.seals)
    begins = 0
    for one in found:
        if one.seal is None or orders.first_position is None or one.seal.position >= orders.first_position:
            break
        begins = one.seal.number
    return found, begins


def _chain(wanted: Wanted, sealed: Sequence[SealFile], begins: int) -> Iterator[bytes]:
    """Give position and hash of every entry of the store from one seal to the last."""
    known = [one.seal for one in sealed if one.seal is not None]
    after = next((one.position for one in known if one.number == begins and one.entries), _LOWEST)
    yield _line("position", "seq", "hash")
    for one in wanted.store.links(max((one.position for one in known), default=0), after):
        yield _line(one.position, one.seq, one.hash)


def _beside(wanted: Wanted, sealed: Sequence[SealFile]) -> Iterator[tuple[str, bytes]]:
    """Give the rules, the settings, the seals, the key and the verifier."""
    store, books = wanted.store, wanted.books
    made_with = {
        "policy": store.policy, "settings": dict(store.settings), "calendar": store.calendar,
        "notices": [
            {"loaded_at": to_text(one.loaded_at), "text": one.text, "year": one.year}
            for one in store.notices()
        ],
    }  # fmt: skip
    yield "store.json", _canonical(made_with) + b"\n"
    for name, content in sorted(books.document.sources.items()):
        yield f"policy/{name}", content
    for path, _ in sealed:
        yield f"seals/{path.name}", path.read_bytes()
    if wanted.signer is not None:
        yield "public.pem", wanted.signer.checker.text().encode()
    yield "verify.py", VERIFIER.read_bytes()


def _manifest(said: dict[str, Any], signer: "Signer | None") -> bytes:
    """Give the manifest, signed where there is a key, and counted over itself."""
    signed = {**said, "signature": signer.sign(_canonical(said)) if signer else ""}
    whole = {**signed, "digest": sha256(_canonical(signed)).hexdigest()}
    return _canonical(whole) + b"\n"


def _canonical(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _line(*cells: Any) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    return file.getvalue().encode()
