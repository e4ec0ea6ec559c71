"""Whole logs with their deadlines, in the forms that other people's tools open."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

from paidan.engine.errors import UsageError
from paidan.engine.export.forms import LOG_FORMS, XES, form_of
from paidan.engine.export.table import whole
from paidan.engine.lives import Life


class Contents(NamedTuple):
    """How much a log holds: orders and cases, events, those of them that the engine wrote, deadlines."""

    orders: int = 0
    cases: int = 0
    events: int = 0
    by_engine: int = 0
    deadlines: int = 0


def write_log(lives: Iterable[Life], path: Path, form: str = "", lang: str = "zh") -> Contents:
    """
    Write orders and cases as `xes` or `ocel`, or as the file's name says, and say how many there were.

    The file takes its name when it is whole; a name that ends with `.gz` is gzipped. The same lives
    give the same bytes. Raises `UsageError` for another form, `InputError` where it cannot be written.
    """
    from paidan.engine.export.ocel import write_ocel  # noqa: PLC0415 - one of the two is enough
    from paidan.engine.export.xes import write_xes  # noqa: PLC0415 - the same

    chosen = form or form_of(path)
    if chosen not in LOG_FORMS:
        raise UsageError("logs_out.form", file=path.name, form=chosen or "–", allowed=", ".join(LOG_FORMS))
    with packed(path) as file:
        return (write_xes if chosen == XES else write_ocel)(lives, file, lang)


@contextmanager
def packed(path: Path) -> Iterator[IO[bytes]]:
    """Lend a file, gzipped where its name says so, that takes its name when it is whole."""
    with whole(path) as beside, beside.open("wb") as file:
        if path.suffix.lower() == ".gz":
            # Without a name and a time in it the same log gives the same bytes.
            with gzip.GzipFile("", "wb", 6, file, 0) as zipped:
                yield cast("IO[bytes]", zipped)
        else:
            yield file
