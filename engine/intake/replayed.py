"""
The log of a replay folder read back: one order of it, found at once, or all of it to be replayed again.

What was told stands in `transitions.csv`, what the events said in `attributes.jsonl`, both in order of
order id. What the engine wrote itself is left out of a log: a replay writes it anew.
"""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from mmap import ACCESS_READ, mmap
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from paidan.engine.corrections import CORRECT, restored
from paidan.engine.errors import InputError
from paidan.engine.export.run_folder import SAID, TABLES
from paidan.engine.inert import inert, lines_to, plain, text_of
from paidan.engine.intake.tables import CsvTable, Known, Rejected
from paidan.engine.intake.values import Also, BadValueError, attribute
from paidan.engine.masking import masked, masked_said
from paidan.engine.progress import counted
from paidan.workflows.attributes import ATTRIBUTE_OF, Holds
from paidan.workflows.cases import EVENTS, about, case_id
from paidan.workflows.records import BEIJING, NOTHING, Command

TRANSITIONS = "transitions.csv"
_DEVIATIONS = "deviations.csv"
OF_CASES = "case_"
"""Begins the names of the files of cases."""
_BY_ENGINE = frozenset(event.name for event in EVENTS if event.by_engine)
_TIMED = frozenset(
    ("at", *(one.name for one in ATTRIBUTE_OF.values() if one.holds in (Holds.INSTANT, Holds.DUE)))
)
_ENGINE_TIMED = frozenset({"started_at", "due_at", "before", "after"})
"""Times that entries of the engine say; a correction's are read as its field."""
_CHOICES = {name: one.choices or NOTHING for name, one in ATTRIBUTE_OF.items() if one.holds is Holds.CHOICE}
_PIECE = 1 << 20
"""Bytes looked through at once."""

Row = list[str]
"""A row of `transitions`."""
Said = Mapping[str, Mapping[str, Any]]
"""What the entries of an order said, by `seq`."""
Group = TypeVar("Group")
Numbered = tuple[int, Row]
"""A row and its number under the header, from 1."""
Place = tuple[str, int]
"""The file and the data row an event was read from."""


def rows_of(folder: Path, order_id: str) -> list[Row]:
    """Give the transitions of an order; none where the folder does not know it."""
    cells = io.StringIO()
    lines_to(cells).writerow((inert(order_id), ""))
    found: list[Row] = []
    with _mapped(folder / file_of(TRANSITIONS, order_id)) as text:
        for row in csv.reader(_lines(text, _row_from(text, _bytes(cells.getvalue()[:-1])))):
            if text_of(row[0]) != order_id:
                break
            found.append([text_of(cell) for cell in row])
    return found


def cases_in(folder: Path) -> list[str]:
    """Name the cases of a folder, in the order of its lines."""
    path = folder / f"{OF_CASES}{TRANSITIONS}"
    if not path.exists():  # made before there were cases
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(dict.fromkeys(row[0] for row in islice(plain(csv.reader(file), path), 1, None)))


def said_of(folder: Path, order_id: str) -> Said:
    """Give what the entries of an order said, by `seq`."""
    wanted = _bytes(_line_of(order_id))
    with _mapped(folder / file_of(SAID, order_id)) as text:
        first = text[: len(wanted)] == wanted
        for line in _lines(text, 0 if first else text.find(b"\n" + wanted) + 1 or len(text)):
            return _entered_said(line)
    return {}


def logs_of(
    folder: Path, wanted: Callable[[Sequence[Row], str], bool], of: str = ""
) -> Iterator[tuple[list[Row], Said]]:
    """
    Give every order that is `wanted`: its rows, and what its entries said, by `seq`.

    `wanted` gets the rows and, as a line of JSON, what the entries said, empty where they said nothing.
    `of` begins the names of the files read.

    In order of order id, in one reading of the files. Raises `InputError` where they do not go together.
    """
    try:
        with (
            (folder / f"{of}{TRANSITIONS}").open(encoding="utf-8", newline="") as rows,
            (folder / f"{of}{SAID}").open(encoding="utf-8") as said,
        ):
            reader = plain(csv.reader(rows), folder / TRANSITIONS)
            next(reader, None)
            for _, group, line in _beside(
                groupby(counted(reader, "entries", folder / TRANSITIONS), key=itemgetter(0)), said
            ):
                own = list(group)
                if wanted(own, line):
                    yield own, _entered_said(line)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise InputError("file_unreadable_input", file=str(folder), why=str(error)) from None


def _beside(orders: Iterable[tuple[str, Group]], said: Iterable[str]) -> Iterator[tuple[str, Group, str]]:
    """Give each order with the line of what its entries said, empty where they said nothing."""
    lines = iter(said)
    line = next(lines, "")
    for order_id, group in orders:
        if line and line.startswith(_line_of(order_id)):
            yield order_id, group, line
            line = next(lines, "")
        else:
            yield order_id, group, ""
    if line:
        raise ValueError(f"{SAID}: {line[:60]}")


def _entered_said(line: str) -> Said:
    return {
        seq: {name: _entered(_holder(name, said), value) for name, value in said.items()}
        for seq, said in (json.loads(line)["said"] if line else NOTHING).items()
    }


@dataclass(frozen=True, slots=True)
class Replayed(CsvTable):
    """The transitions of a replay folder as a log; `said_sha256` is that of what its events said."""

    said_sha256: str
    of: str = ""
    """how the names of the files begin"""

    @property
    def told(self) -> Mapping[str, Any]:
        """Which values went with the rows."""
        return {"said_sha256": self.said_sha256}

    def commands(self, first: str, end: str, also: Also) -> Iterator[tuple[int, Known]]:
        """
        Give the commands of the orders from `first` to before `end`, and rows of other orders as they are.

        An event with a value that is neither on the closed list nor in `also` is rejected. A command is
        named by the file and the row it was first read from where the folder tells them, as it does of
        what deviated there, else by its row here; one that a mapping added has no number either. Raises
        `InputError` where the files of the folder do not go together.
        """
        folder = self.path.parent
        try:
            with (
                (folder / f"{self.of}{SAID}").open(encoding="utf-8") as said,
                (folder / f"{self.of}{_DEVIATIONS}").open(encoding="utf-8", newline="") as deviations,
            ):
                words: dict[str, str] = {}
                places = _Places(plain(csv.reader(deviations), folder / f"{self.of}{_DEVIATIONS}"))
                numbered = groupby(enumerate(self.rows(), start=1), key=lambda one: one[1][0])
                for order_id, group, line in _beside(numbered, said):
                    rows = list(group)
                    of = about(order_id)
                    if of < first or (end and of >= end):
                        yield from ((number, None if row[2] in _BY_ENGINE else row) for number, row in rows)
                        continue
                    values = json.loads(line)["said"] if line else NOTHING
                    yield from _commands(rows, values, places.of(order_id, rows), also, words)
        except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
            raise InputError("file_unreadable_input", file=str(folder), why=str(error)) from None


def open_replayed(folder: Path) -> tuple[Replayed, ...]:
    """Open the logs of a replay folder, of orders and of cases; raises `InputError` where it is none."""
    with_cases = (folder / f"{OF_CASES}{TRANSITIONS}").exists()  # an older one was made without
    return tuple(_opened(folder, of) for of in ("", OF_CASES)[: 1 + with_cases])


def _opened(folder: Path, of: str) -> Replayed:
    name = f"{of}{TRANSITIONS}"
    try:
        rows, said, _ = (_digest(folder / f"{of}{one}") for one in (TRANSITIONS, SAID, _DEVIATIONS))
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("file_unreadable_input", file=str(folder), why=why) from None
    return Replayed(folder / name, name, rows, TABLES["transitions"], "utf-8", ",", 1, 1, said, of)


def file_of(file: str, order_id: str) -> str:
    """Name the file that holds the lines of an order, or of a case."""
    return f"{OF_CASES}{file}" if case_id(order_id) else file


def _commands(
    rows: Sequence[Numbered],
    said: Mapping[str, Mapping[str, Any]],
    places: Mapping[int, Place],
    also: Also,
    words: dict[str, str],
) -> Iterator[tuple[int, Known]]:
    """Give the commands of an order as they were told: a replay by time puts corrections in their place."""
    if not any([row[2] == CORRECT for _, row in rows]):  # noqa: C419 - a generator costs more
        return _told(rows, said, places, also, words)
    known = list(_told(rows, said, places, also, words))
    commands = [(place, one) for place, (_, one) in enumerate(known) if isinstance(one, Command)]
    for (place, _), one in zip(commands, restored([one for _, one in commands]), strict=True):
        known[place] = known[place][0], one
    return iter(known)


def _told(
    rows: Iterable[Numbered],
    said: Mapping[str, Mapping[str, Any]],
    places: Mapping[int, Place],
    also: Also,
    words: dict[str, str],
) -> Iterator[tuple[int, Known]]:
    word = words.setdefault
    for number, (order_id, seq, event, _, _, at, actor, role, unit, _, _) in rows:
        if event in _BY_ENGINE:
            yield number, None
            continue
        try:
            told = said.get(seq, NOTHING)
            values = {name: _said(_holder(name, told), value, also) for name, value in told.items()}
        except BadValueError as bad:
            details = {**bad.details, "column": bad.column}
            yield number, Rejected(TRANSITIONS, number, order_id, bad.column, bad.value, bad.code, details)
            continue
        source, row = places.get(number, (TRANSITIONS, number))
        if not row:
            yield number, None
        command = Command(
            order_id, word(event, event), _instant(at), word(actor, masked(actor)), word(role, role),
            word(unit, unit), values or NOTHING, None, source, row, int(seq),
        )  # fmt: skip
        yield number if row else 0, command


class _Places:
    """Where the events that deviated had been read from, asked order by order in order of id."""

    def __init__(self, deviations: Iterator[list[str]]) -> None:
        next(deviations, None)
        self._orders = ((order_id, list(rows)) for order_id, rows in groupby(deviations, lambda row: row[0]))
        self._next = next(self._orders, None)

    def of(self, order_id: str, rows: Iterable[Numbered]) -> Mapping[int, Place]:
        """
        Give the places of an order's rows by number.

        Of like events within one second only some of which deviated, nobody can say which: none is told.
        """
        while self._next is not None and _placed(self._next[0]) < _placed(order_id):
            self._next = next(self._orders, None)
        if self._next is None or self._next[0] != order_id:
            return NOTHING  # type: ignore[return-value]
        told: dict[tuple[str, str], dict[Place, None]] = {}
        for _, source, data_row, event, at, *_, action in self._next[1]:
            if action == "applied":
                told.setdefault((event, at), {})[source, int(data_row)] = None
        numbers: dict[tuple[str, str], list[int]] = {}
        for number, row in rows:
            numbers.setdefault((row[2], row[5]), []).append(number)
        found: dict[int, Place] = {}
        for moment, places in told.items():
            if len(places) == len(numbers.get(moment, ())):
                found.update(zip(numbers[moment], places, strict=True))
        return found


def _placed(order_id: str) -> tuple[str, str]:
    """Give what the lines of a folder are ordered by: the cases about an order stand together."""
    return about(order_id), order_id


def _holder(name: str, said: Mapping[str, Any]) -> str:
    """Name what a value is read as: what a correction says stands in a field is a value of that field."""
    return str(said.get("field", name)) if name in ("before", "after") and "field" in said else name


def _said(name: str, value: Any, also: Also) -> Any:
    if name in _CHOICES and value not in _CHOICES[name]:
        return attribute(name, str(value), also=also)
    if name in _TIMED:
        return _instant(value)
    # A folder written before texts were masked holds them as they were.
    return masked_said(name, value) if isinstance(value, str) else value


def _entered(name: str, value: Any) -> Any:
    timed = name in _TIMED or name in _ENGINE_TIMED
    return datetime.fromisoformat(value) if timed and isinstance(value, str) else value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(BEIJING)


def _line_of(order_id: str) -> str:
    """Give how the line of an order's values begins."""
    return f'{{"order_id":{json.dumps(order_id, ensure_ascii=False)},'


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _mapped(path: Path) -> Iterator[mmap]:
    """Give a file's bytes without reading them; those of an empty file, which no system maps, are made up."""
    with path.open("rb") as file:
        empty = not os.fstat(file.fileno()).st_size
        with mmap(-1, 1) if empty else mmap(file.fileno(), 0, access=ACCESS_READ) as text:
            yield text


def _row_from(text: mmap, start: bytes) -> int:
    """
    Say where in a CSV file the first row under the header begins that begins with `start`, else the end.

    Found as bytes, in a million rows within some 50 ms. The same bytes on a line of a quoted cell are
    no row: there the quotes before them are odd in number.
    """
    at = counted = quotes = 0
    while (at := text.find(b"\n" + start, at) + 1) > 0:
        quotes += _quotes(text, counted, at)
        if quotes % 2 == 0:
            return at
        counted = at
    return len(text)


def _quotes(text: mmap, first: int, end: int) -> int:
    if text.find(b'"', first, end) < 0:
        return 0
    return sum(text[at : min(at + _PIECE, end)].count(b'"') for at in range(first, end, _PIECE))


def _lines(text: mmap, first: int) -> Iterator[str]:
    text.seek(first)
    for line in iter(text.readline, b""):
        yield line.decode()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # half a character, from a broken command line, is in no file
