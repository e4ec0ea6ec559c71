"""
XES (IEEE 1849), plain or gzipped: an event a row, its trace's attributes beside it as `case:KEY`.

The file is read as a stream, by expat alone, and never as a tree. A document type or an entity is
refused before it is looked at: no log has one, and both can be made to blow up or to read files.
"""

import codecs
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from xml.parsers import expat

from paidan.engine.errors import InputError
from paidan.engine.intake.tables import Table, clean

_GZIP = b"\x1f\x8b"
CASE = "case:"
_OURS = frozenset(("order_id", "event", "at", "actor"))
"""Names that the standard's own attributes get; an event's own attribute of that name is `event:NAME`."""
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

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Give a row for each event, in the order of the file."""
        positions = {name: position for position, name in enumerate(self.header)}
        width = len(self.header)
        for number, told in enumerate(_events(self.path), start=1):
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
        if not keys.keys() >= told.keys():
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


def _events(path: Path) -> Iterator[dict[str, str]]:
    """Give every event with its trace's attributes."""
    reader = _Reader(path.name)
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


class _Reader:
    """What stands open while the tags go by: the trace, the event, the keys above an attribute."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._parser: expat.XMLParserType | None = None
        self._fed = 0
        self._open: list[str] = []
        self._case: dict[str, str] = {}
        self._event: dict[str, str] | None = None
        self._begun = False
        self._keys: list[str] = []
        self._paths: dict[tuple[str, str], str] = {}
        self._done: list[dict[str, str]] = []

    def feed(self, chunk: bytes, *, last: bool = False) -> list[dict[str, str]]:
        """Take in a piece and give the events it completed."""
        parser = self._parser or self._new(chunk)
        self._done = []
        try:
            parser.Parse(chunk, last)
        except (LookupError, ValueError) as error:  # an encoding that is none, or that expat cannot
            line = parser.CurrentLineNumber
            raise InputError("xml_broken", file=self._file, line=line, why=str(error)) from None
        self._fed += len(chunk)
        if self._fed - parser.CurrentByteIndex > _TAG_MOST:
            raise self._long()
        return self._done

    def _long(self) -> InputError:
        line = self._parser.CurrentLineNumber if self._parser else 0
        return InputError("xes_tag_long", file=self._file, line=line)

    def _new(self, chunk: bytes) -> expat.XMLParserType:
        # The declaration still names the encoding that `_chunks` has replaced.
        parser = expat.ParserCreate("utf-8" if _CHINESE.match(chunk) else None)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        self._parser = parser
        return parser

    def _refuse(self, *_: object) -> int:
        raise InputError("xml_entities", file=self._file)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._event is not None:
            self._attribute(self._event, attributes, "")
            return
        local = name.rpartition(":")[2]
        above = self._open[-1] if self._open else ""
        if not above and local != "log":
            raise InputError("xes_no_log", file=self._file, found=local)
        if local == "event" and above in ("trace", "log"):
            self._event, self._begun = {}, True
            if above == "log":
                self._case = {}
        elif "trace" in self._open[1:2] and local not in _ASIDE:
            if self._begun:
                raise InputError("xes_trace_late", file=self._file, key=attributes.get("key", local))
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
            raise InputError("xes_deep", file=self._file, most=_DEEP_MOST)
        if "value" not in attributes:
            return
        raw = keys[0] if len(keys) == 1 else "/".join(key for key in keys if key)
        path = self._paths.get((prefix, raw)) or self._path(prefix, raw)
        value = attributes["value"]
        told[path] = f"{told[path]}; {value}" if path in told else value
        if len(told[path]) > _TEXT_MOST:
            raise self._long()

    def _path(self, prefix: str, raw: str) -> str:
        """Give the column of a key, and keep it: there are few."""
        name = clean(raw)
        path = f"event:{name}" if not prefix and name in _OURS else prefix + name
        if len(self._paths) <= _COLUMNS_MOST:
            self._paths[prefix, raw] = path
        return path

    def _end(self, name: str) -> None:  # noqa: ARG002 - expat sees to it that tags match
        if self._keys:
            self._keys.pop()
        elif self._event is not None:
            self._done.append({**self._case, **self._event})
            self._event = None
        else:
            self._open.pop()
