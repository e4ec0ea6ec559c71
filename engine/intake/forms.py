"""
One port for files: whatever form a file has, it opens as a table.

The form is told by how the file begins, then by how its name ends: `PK` is a workbook, gzip and `<`
are XES, `PAR1` is Parquet, `{` is JSON lines, anything else CSV. Columns that carry the names of XES
(`case:concept:name`, …) are known in every form, since that is how logs are converted. A table
without an `event` column but with columns of times is one row per order (`intake.wide`). Each sheet
of a workbook that is a log is a table of its own; the others are passed over.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from paidan.engine.errors import InputError
from paidan.engine.intake.dressed import STANDARD, dressed
from paidan.engine.intake.json_lines import open_json_lines
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.parquet import MAGIC, open_parquet
from paidan.engine.intake.tables import CsvTable, Names, Table, check_single, open_csv
from paidan.engine.intake.told import told
from paidan.engine.intake.wide import COLUMNS, REPEATED, TIMES, Wide, squeezed, wide
from paidan.engine.intake.workbook import ARCHIVE, OLD, Sheet, open_sheets, refuse_old
from paidan.engine.intake.xes import first_bytes, open_xes, packed
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY

REQUIRED = ("order_id", "event", "at")
_OPTIONAL = ("actor", "role", "unit", "recorded_at", "seq")
_BYTE_ORDER = b"\xef\xbb\xbf"
_ENDINGS: dict[str, Callable[[Path], Table]] = {
    ".jsonl": open_json_lines,
    ".ndjson": open_json_lines,
    ".xes": open_xes,
}
_NO_LOG = frozenset(("column_missing", "mapping_header_missing", "file_empty"))
"""Why a sheet beside others is no log, rather than one with a mistake in it."""


def open_logs(paths: Iterable[Path], mapping: LogMapping | None = None) -> tuple[Table, ...]:
    """
    Open logs of any form as tables of events, read by `mapping` where there is one.

    Raises `InputError` for a file that is missing, empty, broken, not what its form promises or not
    safe to read, lacks a column it needs or a header the mapping names, or needs an extra that is not
    installed.
    """
    return tuple(table for path in paths for table in _logs(path, mapping))


def open_log(path: Path, mapping: LogMapping | None = None) -> Table:
    """Open one log, of a workbook the first; raises as `open_logs`."""
    return _logs(path, mapping)[0]


def open_table(path: Path, required: Sequence[str], names: Iterable[str] = ()) -> CsvTable | Sheet:
    """
    Open a file of what is entered by hand, a CSV file or the first sheet of a workbook that will do.

    `names` are its headers beyond those `required`. Raises `InputError` for a file that is missing,
    empty, no such table, or without a required column.
    """
    known = {squeezed(name).lower() for name in (*required, *names)}

    def says(header: str) -> bool:
        return squeezed(header).lower() in known

    with _reported(path):
        tables: Sequence[CsvTable | Sheet]
        tables = open_sheets(path, says)[0] if _start(path).startswith(ARCHIVE) else [open_csv(path, says)]
    if not tables:
        raise InputError("file_empty", file=str(path))
    table = next((one for one in tables if set(required) <= {*one.header}), tables[0])
    if missing := [name for name in required if name not in table.header]:
        found = ", ".join(table.header)
        raise InputError("column_missing", file=path.name, missing=", ".join(missing), found=found)
    if required:
        check_single(path.name, table.header)
    return table


def as_csv(path: Path, required: Sequence[str]) -> bytes:
    """Give a file of what is entered by hand as CSV: as it is, or what `open_table` reads of a workbook."""
    if not first_bytes(path).startswith(ARCHIVE):
        return path.read_bytes()
    table = open_table(path, required)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([table.header, *table.rows()])
    return text.getvalue().encode()


def _logs(path: Path, mapping: LogMapping | None) -> list[Table]:
    names = _names(mapping)
    with _reported(path):
        start = _start(path)
        if start.startswith(ARCHIVE):
            tables = _sheets(path, mapping, names)
        else:
            tables = [_log(_form(path, start, names), mapping, names)]
    return [table if isinstance(table, Wide) else told(table, mapping) for table in tables]


def _sheets(path: Path, mapping: LogMapping | None, names: Names) -> list[Table]:
    """Give the logs among the sheets of a workbook, each under the name of its sheet where they are more."""
    sheets, passed = open_sheets(path, names)
    logs: list[Sheet] = []
    faults: list[InputError] = []
    for sheet in sheets:
        try:
            _log(sheet, mapping, names)
            logs.append(sheet)
        except InputError as error:
            if error.code not in _NO_LOG:
                raise
            faults.append(error)
            passed[sheet.sheet.name] = error.code
    if not logs:
        raise (faults or [InputError("workbook_no_log", file=path.name, sheets="、".join(passed))])[0]
    logs[0] = replace(logs[0], passed=passed)
    if len(logs) > 1:
        logs = [replace(one, name=f"{path.name}#{one.sheet.name}") for one in logs]
    return [_log(one, mapping, names) for one in logs]


def _log(opened: Table, mapping: LogMapping | None, names: Names) -> Table:
    """Give an open table as one of events, in long or wide form."""
    table = dressed(opened, mapping)
    if "event" not in table.header and (by_order := wide(table, mapping)) is not None:
        return by_order
    if missing := [name for name in REQUIRED if name not in table.header]:
        found = ", ".join(name for name in table.header if name)
        raise InputError("column_missing", file=table.name, missing=", ".join(missing), found=found)
    check_single(table.name, [name for name in table.header if names(name)])
    return table


def open_plain(path: Path) -> Table:
    """
    Open a file of any form as the table it is, of a workbook the sheet that says most, under its own names.

    Raises as `open_log`.
    """
    names = _names(None)
    with _reported(path):
        start = _start(path)
        if not start.startswith(ARCHIVE):
            return _form(path, start, names)
        sheets, passed = open_sheets(path, names)
    if not sheets:
        raise InputError("workbook_no_log", file=path.name, sheets="、".join(passed))
    return max(sheets, key=lambda sheet: sum(map(names, sheet.header)))


def _names(mapping: LogMapping | None) -> Names:
    """Give what knows the headers that say something of a log."""
    theirs = (*mapping.columns, *mapping.times) if mapping else ()
    chinese = (one for names in COLUMNS.values() for one in names)
    ours = (*REQUIRED, *_OPTIONAL, *ATTRIBUTE_OF, *IDENTITY, *STANDARD, *TIMES, REPEATED)
    known = {squeezed(name) for name in (*ours, *chinese, *theirs)}
    return lambda header: squeezed(header) in known


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise InputError("file_missing", exit_code=5, file=str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable_input", file=str(path), why=error.strerror or str(error)) from None


def _start(path: Path) -> bytes:
    start = first_bytes(path)
    if start.startswith(OLD):
        refuse_old(path)
    if packed(path) and not start.removeprefix(_BYTE_ORDER).lstrip().startswith(b"<"):
        raise InputError("gzip_other", file=path.name)
    return start


def _form(path: Path, start: bytes, names: Names) -> Table:
    text = start.removeprefix(_BYTE_ORDER).lstrip()
    if start.startswith(MAGIC):
        return open_parquet(path)
    if text.startswith(b"<"):
        return open_xes(path)
    if text.startswith(b"{"):
        return open_json_lines(path)
    ending = _ENDINGS.get(path.suffix.lower())
    return ending(path) if ending else open_csv(path, names)
