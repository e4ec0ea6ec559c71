"""The orders and cases of a replay folder with their deadlines: all in one reading, or any at once."""

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby, takewhile
from operator import itemgetter
from pathlib import Path

from paidan.engine.errors import InputError
from paidan.engine.intake.replayed import OF_CASES, TRANSITIONS, Row, Said, file_of, logs_of
from paidan.workflows.records import NOTHING

_DEADLINES = "deadlines.csv"


def lives_of(folder: Path) -> Iterator[tuple[list[Row], Said, list[Row]]]:
    """
    Give every order, then every case: its rows, what its entries said by `seq`, its rows of `deadlines`.

    Raises `InputError` where the files do not go together.
    """
    for of in ("", OF_CASES)[: 1 + (folder / f"{OF_CASES}{TRANSITIONS}").exists()]:
        with _table(folder / f"{of}{_DEADLINES}") as reader:
            groups = ((order_id, list(rows)) for order_id, rows in groupby(reader, key=itemgetter(0)))
            coming = next(groups, None)
            for rows, said in logs_of(folder, lambda _rows, _said: True, of):
                if coming is not None and coming[0] == rows[0][0]:
                    yield rows, said, coming[1]
                    coming = next(groups, None)
                else:
                    yield rows, said, []
            if coming is not None:
                why = f"{of}{_DEADLINES}: {coming[0]}"
                raise InputError("file_unreadable_input", file=str(folder), why=why)


def deadlines_at(folder: Path) -> Callable[[str], list[Row]]:
    """Give what finds the rows of `deadlines` of any order or case; it keeps where those of each begin."""
    paths = [folder / f"{of}{_DEADLINES}" for of in ("", OF_CASES)]
    places = {path.name: _begins(path) for path in paths if path.exists()}

    def found(order_id: str) -> list[Row]:
        name = file_of(_DEADLINES, order_id)
        begin = places.get(name, NOTHING).get(order_id)
        if begin is None:
            return []
        with (folder / name).open("rb") as file:
            file.seek(begin)
            rows = csv.reader(line.decode() for line in file)
            return list(takewhile(lambda row: row[0] == order_id, rows))

    return found


def _begins(path: Path) -> Mapping[str, int]:
    """Say at which byte of a table the rows of each order begin."""
    places: dict[str, int] = {}
    with path.open("rb") as file:
        began = 0
        for row in csv.reader(line.decode() for line in iter(file.readline, b"")):
            places.setdefault(row[0], began)
            began = file.tell()
    return places


@contextmanager
def _table(path: Path) -> Iterator[Iterator[Row]]:
    """Lend the rows of a table of the folder."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            next(reader, None)
            yield reader
    except (OSError, ValueError, csv.Error) as error:
        raise InputError("file_unreadable_input", file=str(path), why=str(error)) from None
