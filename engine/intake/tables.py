"""A CSV file as rows of text: its encoding decided, its header cleaned, its faults said."""

import codecs
import csv
import hashlib
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.errors import InputError

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class Rejected(NamedTuple):
    """A row that could not be read, or one cell of it: a line of `rejected`."""

    source: str
    row: int
    order_id: str
    column: str
    value: str
    code: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: `name` and `sha256` of its file, the `header`, and the path to read rows from."""

    path: Path
    name: str
    sha256: str
    encoding: str
    header: tuple[str, ...]

    def rows(self) -> Iterator[list[str]]:
        """
        Give the data rows in order; wholly blank rows are skipped and not counted.

        Raises `InputError` where the file stops being CSV.
        """
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(_without_nul(file), strict=False)
            next(reader, None)
            try:
                for row in reader:
                    if row and (len(row) > 1 or row[0].strip()):
                        yield row
            except (csv.Error, UnicodeDecodeError) as error:
                raise InputError(
                    "file_broken", file=self.name, line=reader.line_num, why=str(error)
                ) from None


def open_table(path: Path, required: Sequence[str]) -> Table:
    """
    Open a CSV file in UTF-8 (with or without BOM) or GB18030 and read its header.

    Raises `InputError` for a file that is missing, empty, no text, or without a required column.
    """
    try:
        digest, encoding = _inspect(path)
        with path.open(encoding=encoding, newline="") as file:
            header = next(csv.reader(_without_nul(file)), None)
    except FileNotFoundError:
        raise InputError("file_missing", exit_code=5, file=str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable_input", file=str(path), why=error.strerror or str(error)) from None
    except csv.Error as error:
        raise InputError("file_broken", file=path.name, line=1, why=str(error)) from None
    names = tuple(" ".join(cell.split()) for cell in header or ())
    if not any(names):
        raise InputError("file_empty", file=str(path))
    if missing := [name for name in required if name not in names]:
        raise InputError("column_missing", file=path.name, missing=", ".join(missing), found=", ".join(names))
    if doubled := sorted({name for name in names if name and names.count(name) > 1}):
        raise InputError("column_doubled", file=path.name, columns=", ".join(doubled))
    return Table(path, path.name, digest, encoding, names)


def _inspect(path: Path) -> tuple[str, str]:
    """Give the file's SHA-256 and its encoding: UTF-8 if every byte is, else GB18030."""
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")}
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            for name in tuple(decoders):
                try:
                    decoders[name].decode(chunk)
                except UnicodeDecodeError:
                    del decoders[name]
    for name in tuple(decoders):
        try:
            decoders[name].decode(b"", final=True)
        except UnicodeDecodeError:
            del decoders[name]
    if not decoders:
        raise InputError("file_encoding_input", file=str(path))
    return digest.hexdigest(), next(iter(decoders))


def _without_nul(lines: io.TextIOBase | Any) -> Iterator[str]:
    """Drop NUL characters, which csv refuses and no export means."""
    for line in lines:
        yield line.replace("\0", "") if "\0" in line else line
