"""What is scored: the orders of a replay folder or a database, and under what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.collector import without_cycles
from paidan.engine.errors import InputError
from paidan.engine.export.run_folder import ADJUSTMENTS, RECORDS, UNITS
from paidan.engine.progress import counted
from paidan.engine.runs import Run as Folder
from paidan.policies.loader import Document
from paidan.policies.roster import Roster
from paidan.policies.scoring.records import OrderRecord, accepted_from_json, from_json, month_of


class Input(NamedTuple):
    """A file that a run was made from, its SHA-256, and its rows where they were counted."""

    name: str
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, kw_only=True)
class Run:
    """
    What is scored: the orders of a replay folder or a database, and under what.

    `as_of_asked` says that somebody chose the time the run speaks of; else the log ends there.
    """

    document: Document
    settings: Mapping[str, Any]
    as_of: datetime
    records: Sequence[OrderRecord]
    roster: Roster | None = None
    adjustments: Path | None = None
    as_of_asked: bool = True
    first_month: str | None = None
    """The month in which the log begins; None: that of the orders."""
    calendar: str = ""
    """The edition of the calendar that its limits were counted with."""
    inputs: tuple[Input, ...] = ()

    @cached_property
    def last_month(self) -> str:
        """The month of the as-of time: later ones do not exist."""
        return month_of(self.as_of)


def load_run(folder: Path) -> Run:
    """
    Read a replay folder, its own copy of the rules included.

    Raises `InputError` where it is none or its order records are broken.
    """
    return replace(run_without_orders(folder), records=records(folder))


def run_without_orders(folder: Path) -> Run:
    """Read a replay folder but for its orders."""
    run = Folder(folder)
    adjustments = folder / ADJUSTMENTS
    return Run(
        document=run.document,
        settings=run.summary["settings"],
        as_of=run.as_of,
        records=(),
        roster=run.roster,
        adjustments=adjustments if adjustments.exists() else None,
        as_of_asked=bool(run.summary.get("as_of_asked")),
        first_month=run.summary.get("first_month"),
        calendar=run.summary["calendar"],
        inputs=(
            *(Input(one["name"], one["sha256"], one["rows"]) for one in run.summary["inputs"]),
            *(input_of(one) for one in (folder / UNITS, adjustments) if one.exists()),
        ),
    )


def input_of(path: Path) -> Input:
    """Give the name and hash of a file."""
    with path.open("rb") as file:
        return Input(path.name, file_digest(file, "sha256").hexdigest())


def records(
    folder: Path, about: Sequence[Sequence[bytes]] = (), whole: bytes = b""
) -> tuple[OrderRecord, ...]:
    """
    Read the orders of a replay folder, or those whose lines hold all texts of one of `about`.

    Of lines without the text `whole` only who accepted the order is read, which is quicker.

    Raises as `load_run`.
    """
    number = 0
    found: list[OrderRecord] = []
    try:
        with (folder / RECORDS).open("rb") as file, without_cycles():
            lines = counted(file, "orders", folder / RECORDS)
            for number, line in enumerate(lines, start=1):  # noqa: B007 - told in the error
                if not about or any(all(text in line for text in texts) for texts in about):
                    found.append(from_json(line) if whole in line else accepted_from_json(line))
    except OSError:
        raise InputError("run_missing", exit_code=5, folder=str(folder)) from None
    except ValueError:
        raise InputError("records_broken", folder=str(folder), line=number) from None
    return tuple(found)
