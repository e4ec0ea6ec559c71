"""Parquet, read in batches with pyarrow, which comes with the extra `files`."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paidan.engine.errors import InputError
from paidan.engine.intake.tables import Table, check_single, clean

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

MAGIC = b"PAR1"
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Parquet(Table):
    """An open Parquet file."""

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Give the rows in order; an empty cell and a null are the same."""
        number = 0
        with _opened(self.path) as file:
            for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
                for cells in zip(*(_texts(column) for column in batch.columns), strict=True):
                    number += 1
                    yield number, list(cells)


def open_parquet(path: Path) -> Parquet:
    """Open a Parquet file; raises `InputError` where it is broken, or pyarrow is not installed."""
    with _opened(path) as file:
        names = tuple(clean(name) for name in file.schema_arrow.names)
    check_single(path.name, names)
    with path.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    return Parquet(path, path.name, digest, names)


@contextmanager
def _opened(path: Path) -> Iterator["ParquetFile"]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - only who reads Parquet needs it
        from pyarrow import parquet  # noqa: PLC0415 - the same
    except ImportError:
        raise InputError("extra_missing", file=path.name, needs="pyarrow", extra="files") from None
    try:
        with parquet.ParquetFile(path, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise InputError("parquet_broken", file=path.name, why=why) from None


def _texts(column: Any) -> list[str]:
    """Write a column of a batch as the text that a CSV file would hold."""
    import pyarrow as pa  # noqa: PLC0415 - the same

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return [
        value if type(value) is str and "\0" not in value else _text(value) for value in column.to_pylist()
    ]


def _text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is how some programs write that there is none
        return ""
    if isinstance(value, str | bytes):
        return (value if isinstance(value, str) else value.decode()).replace("\0", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return str(value)
