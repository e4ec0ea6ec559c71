"""Parquet, written in batches with pyarrow, which comes with the extra `files`."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from paidan.engine.errors import InputError
from paidan.engine.export.table import Column, Kind, Sheet

_BATCH = 10_000
"""Rows held in memory at once."""


def save_parquet(sheet: Sheet, path: Path, name: str) -> int:
    """
    Write a table as Parquet, every column of one type; gives the number of rows.

    Instants are timestamps of microseconds in Asia/Shanghai, what is not said is null but in texts.
    `name` is what the file will be called. Raises `InputError` where pyarrow is not installed.
    """
    need_pyarrow(name)
    import pyarrow as pa  # noqa: PLC0415 - only who writes Parquet needs it
    from pyarrow import parquet  # noqa: PLC0415 - the same

    types = {
        Kind.TEXT: pa.string(), Kind.NUMBER: pa.int64(), Kind.FLAG: pa.bool_(),
        Kind.DECIMAL: pa.decimal128(18, 2), Kind.INSTANT: pa.timestamp("us", "Asia/Shanghai"),
    }  # fmt: skip
    schema = pa.schema([(column.name, types[column.kind]) for column in sheet.columns])
    written = 0
    with parquet.ParquetWriter(path, schema) as writer:
        for rows in _batches(sheet.rows):
            columns = [
                _values(column, cells)
                for column, cells in zip(sheet.columns, zip(*rows, strict=True), strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            written += len(rows)
    return written


def need_pyarrow(name: str) -> None:
    """Raise `InputError` where a file `name` cannot be written, because pyarrow is not installed."""
    try:
        import pyarrow as pa  # noqa: F401, PLC0415 - as above
    except ImportError:
        raise InputError("extra_missing", file=name, needs="pyarrow", extra="files") from None


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _values(column: Column, cells: Sequence[Any]) -> list[Any]:
    if column.kind is Kind.TEXT:
        return ["" if cell is None else str(cell) for cell in cells]
    return [None if cell == "" else cell for cell in cells]
