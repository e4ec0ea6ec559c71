"""
XES (IEEE 1849), plain or gzipped: an event a row, its trace's attributes beside it as `case:KEY`.

The file is read as a stream, by expat alone, and never as a tree. A document type or an entity is
refused before it is looked at: no log has one, and both can be made to blow up or to read files.
Of a log that we wrote (`engine.export.xes`) what follows from the rest is passed over: deadlines, states, and
the events that the engine wrote or whose corrections stand applied; a replay finds them again.
"""

import codecs
import gzip
import hashlib
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Generic, TypeVar, cast
from xml.parsers import expat

from paidan.engine.errors import InputError
from paidan.engine.intake.tables import Cells, Table, clean

Item = TypeVar("Item")
_GZIP = b"\x1f\x8b"
CASE = "case:"
_OURS = frozenset(("order_id", "event", "at", "actor"))
"""Names that the standard's own attributes get; an event's own attribute of that name is `event:NAME`."""
_DERIVED = "paidan:"
"""Begins the keys of what we wrote beside a log."""
_KEPT = frozenset(("paidan:seq", "paidan:recorded_at"))
"""Of these what no replay finds again."""
_PASSED = frozenset(("paidan:by_engine", "paidan:settled"))
"""Those that say, where true, that a replay writes the event or what it says anew."""
_CHUNK = 1 << 18
_TAG_MOST = 16 << 20
"""Bytes one tag may have; more is no attribute of an order."""
_COLUMNS_MOST = 1000
_DEEP_MOST = 100
_TEXT_MOST = 4 << 20
"""Characters of an attribute that is told again and again."""
_RATIO_MOST = 500
_RATIO_FROM = 64 << 20
"""Bytes unpacked from which it matters how well an archive was packed: a log packs fifty to one."""
_ASIDE = frozenset(("global", "classifier", "extension"))
_CHINESE = re.compile(rb"""^\s*<\?xml[^>]*encoding=["'](gb18030|gbk|gb2312)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Xes(Table):
    """An open XES file; the columns are the keys in the order they are first met."""

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Give a row for each event, in the order of the file; None for one that is passed over."""
        positions = {name: position for position, name in enumerate(self.header)}
        width = len(self.header)
        for number, told in enumerate(_events(self.path), start=1):
            if told is None:
                yield number, None
                continue
            cells = [""] * width
            for key, value in told.items():
                cells[positions[key]] = value
            yield number, cells


def open_xes(path: Path) -> Xes:
    """
    Read a XES file through once for its columns, and find it sound or raise `InputError`.

    Refused are broken XML, a document type or an entity, XML that is no log, a tag beyond 16 MiB,
    and a trace whose own attributes come after its events.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    keys: dict[str, None] = {}
    for told in _events(path):
        if told is not None and not keys.keys() >= told.keys():
            keys.update(dict.fromkeys(told))
            if len(keys) > _COLUMNS_MOST:
                raise InputError("columns_many", file=path.name, most=_COLUMNS_MOST)
    if not keys:
        raise InputError("xes_none", file=path.name)
    return Xes(path, path.name, digest, tuple(keys))


def first_bytes(path: Path, count: int = 512) -> bytes:
    """Give how a file begins, unpacked where it is gzipped; raises `InputError` for a broken archive."""
    try:
        with gzip.open(path) if packed(path) else path.open("rb") as file:
            return file.read(count)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError("gzip_broken", file=path.name, why=str(error)) from None


def _events(path: Path) -> Iterator[dict[str, str] | None]:
    """Give every event with its trace's attributes; None for one that is passed over."""
    yield from read(path, _Reader(path.name))


def read(path: Path, reader: "Reading[Item]") -> Iterator[Item]:
    """Give what a reader makes of a file, which is read once; raises `InputError` where it breaks off."""
    start = first_bytes(path)
    try:
        with gzip.open(path) if packed(path) else path.open("rb") as file:
            most = max(_RATIO_FROM, path.stat().st_size * _RATIO_MOST)
            for chunk in _chunks(cast("IO[bytes]", file), start):
                most -= len(chunk)
                if most < 0 and packed(path):
                    raise InputError("gzip_bomb", file=path.name)
                yield from reader.feed(chunk)
            yield from reader.feed(b"", last=True)
    except expat.ExpatError as error:
        why = expat.errors.messages[error.code]
        raise InputError("xml_broken", file=path.name, line=error.lineno, why=why) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError("gzip_broken", file=path.name, why=str(error)) from None
    except UnicodeDecodeError as error:
        raise InputError("xml_broken", file=path.name, line=0, why=str(error)) from None


def packed(path: Path) -> bool:
    """Whether a file is gzipped."""
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def _chunks(file: IO[bytes], start: bytes) -> Iterator[bytes]:
    """Give the file piece by piece; what is declared to be Chinese text, which expat cannot, as UTF-8."""
    chinese = _CHINESE.match(start)
    decoder = codecs.getincrementaldecoder("gb18030")() if chinese else None
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk).encode() if decoder else chunk
    if decoder:
        decoder.decode(b"", final=True)


class Reading(ABC, Generic[Item]):
    """A file on its way through expat; what goes by is put into `done` by those who know what they read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.done: list[Item] = []
        self._parser: expat.XMLParserType | None = None
        self._fed = 0

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Item]:
        """Take in a piece and give what it completed."""
        parser = self._parser or self._new(chunk)
        self.done = []
        try:
            parser.Parse(chunk, last)
        except (LookupError, ValueError) as error:  # an encoding that is none, or that expat cannot
            line = parser.CurrentLineNumber
            raise InputError("xml_broken", file=self.file, line=line, why=str(error)) from None
        self._fed += len(chunk)
        if self._fed - parser.CurrentByteIndex > _TAG_MOST:
            raise self.long()
        return self.done

    @abstractmethod
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of a tag."""

    @abstractmethod
    def end(self, name: str) -> None:
        """Take in its end."""

    def long(self) -> InputError:
        """Give what a tag or a text that is too long raises."""
        line = self._parser.CurrentLineNumber if self._parser else 0
        return InputError("xes_tag_long", file=self.file, line=line)

    def _new(self, chunk: bytes) -> expat.XMLParserType:
        # The declaration still names the encoding that `_chunks` has replaced.
        parser = expat.ParserCreate("utf-8" if _CHINESE.match(chunk) else None)
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        self._parser = parser
        return parser

    def _refuse(self, *_: object) -> int:
        raise InputError("xml_entities", file=self.file)


class _Reader(Reading[dict[str, str] | None]):
    """What stands open while the tags go by: the trace, the event, the keys above an attribute."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._open: list[str] = []
        self._case: dict[str, str] = {}
        self._event: dict[str, str] | None = None
        self._begun = False
        self._keys: list[str] = []
        self._paths: dict[tuple[str, str], str] = {}
        self._passed = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Keep an attribute of an event or a trace under its key."""
        if self._event is not None:
            self._attribute(self._event, attributes, "")
            return
        local = name.rpartition(":")[2]
        above = self._open[-1] if self._open else ""
        if not above and local != "log":
            raise InputError("xes_no_log", file=self.file, found=local)
        if local == "event" and above in ("trace", "log"):
            self._event, self._begun = {}, True
            if above == "log":
                self._case = {}
        elif "trace" in self._open[1:2] and local not in _ASIDE:
            if self._begun:
                raise InputError("xes_trace_late", file=self.file, key=attributes.get("key", local))
            self._attribute(self._case, attributes, CASE)
        else:
            self._open.append(local)
            if local == "trace" and above == "log":
                self._case, self._begun = {}, False

    def _attribute(self, told: dict[str, str], attributes: dict[str, str], prefix: str) -> None:
        """Keep a value under its key, those below an attribute as KEY/KEY."""
        keys = self._keys
        keys.append(attributes.get("key", ""))
        if len(keys) > _DEEP_MOST:
            raise InputError("xes_deep", file=self.file, most=_DEEP_MOST)
        if "value" not in attributes:
            return
        raw = keys[0] if len(keys) == 1 else "/".join(key for key in keys if key)
        value = attributes["value"]
        if raw.startswith(_DERIVED) and (prefix or raw not in _KEPT):
            self._passed = self._passed or (not prefix and raw in _PASSED and value == "true")
            return
        path = self._paths.get((prefix, raw)) or self._path(prefix, raw)
        told[path] = f"{told[path]}; {value}" if path in told else value
        if len(told[path]) > _TEXT_MOST:
            raise self.long()

    def _path(self, prefix: str, raw: str) -> str:
        """Give the column of a key, and keep it: there are few."""
        name = clean(raw)
        path = f"event:{name}" if not prefix and name in _OURS else prefix + name
        if len(self._paths) <= _COLUMNS_MOST:
            self._paths[prefix, raw] = path
        return path

    def end(self, name: str) -> None:  # noqa: ARG002 - expat sees to it that tags match
        """Give an event that is whole."""
        if self._keys:
            self._keys.pop()
        elif self._event is not None:
            self.done.append(None if self._passed else {**self._case, **self._event})
            self._event, self._passed = None, False
        else:
            self._open.pop()
