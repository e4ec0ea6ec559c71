"""
One port for logs: whatever form a file has, it opens as a table of events.

The form is told by how the file begins, then by how its name ends: gzip and `<` are XES, `PAR1` is
Parquet, `{` is JSON lines, anything else CSV. Columns that carry the names of XES
(`case:concept:name`, …) are known in every form, since that is how logs are converted. A table
without an `event` column but with columns of times is one row per order (`intake.wide`).
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from paidan.engine.errors import InputError
from paidan.engine.intake.dressed import dressed
from paidan.engine.intake.json_lines import open_json_lines
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.parquet import MAGIC, open_parquet
from paidan.engine.intake.tables import Table, check_single, open_table
from paidan.engine.intake.told import told
from paidan.engine.intake.wide import wide
from paidan.engine.intake.xes import first_bytes, open_xes, packed

REQUIRED = ("order_id", "event", "at")
_BYTE_ORDER = b"\xef\xbb\xbf"
_ENDINGS: dict[str, Callable[[Path], Table]] = {
    ".jsonl": open_json_lines,
    ".ndjson": open_json_lines,
    ".xes": open_xes,
}


def open_logs(paths: Iterable[Path], mapping: LogMapping | None = None) -> tuple[Table, ...]:
    """Open logs of any form as tables of events; raises `InputError` for a file that is none."""
    return tuple(open_log(path, mapping) for path in paths)


def open_log(path: Path, mapping: LogMapping | None = None) -> Table:
    """
    Open one log, in long or wide form, read by `mapping` where there is one.

    Raises `InputError` for a file that is missing, empty, broken or not what its form promises, lacks
    a column it needs or a header the mapping names, or needs an extra that is not installed.
    """
    table = dressed(open_plain(path), mapping)
    if "event" not in table.header and (by_order := wide(table, mapping)) is not None:
        return by_order
    if missing := [name for name in REQUIRED if name not in table.header]:
        found = ", ".join(name for name in table.header if name)
        raise InputError("column_missing", file=path.name, missing=", ".join(missing), found=found)
    check_single(path.name, table.header)
    return told(table, mapping)


def open_plain(path: Path) -> Table:
    """Open a file of any form as the table it is, under its own names; raises as `open_log`."""
    try:
        return _form(path)(path)
    except FileNotFoundError:
        raise InputError("file_missing", exit_code=5, file=str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable_input", file=str(path), why=error.strerror or str(error)) from None


def _form(path: Path) -> Callable[[Path], Table]:
    start = first_bytes(path)
    text = start.removeprefix(_BYTE_ORDER).lstrip()
    if start.startswith(MAGIC):
        return open_parquet
    if text.startswith(b"<"):
        return open_xes
    if packed(path):
        raise InputError("gzip_other", file=path.name)
    if text.startswith(b"{"):
        return open_json_lines
    return _ENDINGS.get(path.suffix.lower(), _open_csv)


def _open_csv(path: Path) -> Table:
    return open_table(path, ())
