"""
The rows of one order put in their order, and the corrections among them settled.

A `correct` names by the column `seq` the row that it corrects, in the same order; `before` must be what
stands there by then. One that does not fit is rejected, the log stays as it is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from paidan.engine.corrections import CORRECT, correction, value_of, with_value
from paidan.engine.intake.tables import Rejected
from paidan.engine.messages.reasons import moment
from paidan.workflows.attributes import correctable
from paidan.workflows.records import Command

if TYPE_CHECKING:
    from paidan.engine.intake.reader import Row


class Settled(NamedTuple):
    """The commands of an order in their order, and the corrections that were none."""

    commands: list[Command]
    rejected: list[Rejected]


def learned(rows: Sequence["Row"]) -> list["Row"]:
    """
    Sort rows as they were learned: by `seq` where each has its own, else by when they were recorded.

    Of those learned in one second the file says the order, as a log does that was written as things
    were learned; where it does not say when that was, they were learned as they happened.
    """
    numbered = all([row.command.seq for row in rows])  # noqa: C419 - a generator costs more
    if numbered and len({row.command.seq for row in rows}) == len(rows):
        return sorted(rows, key=lambda row: row.command.seq)
    return sorted(rows, key=_learned)


def _learned(row: "Row") -> tuple[datetime, datetime, int]:
    told = row.command.recorded_at
    return (row.at.replace(microsecond=0), row.at, row.place) if told is None else (told, told, row.place)


def settle(rows: Sequence["Row"], *, as_recorded: bool) -> Settled:
    """
    Hold every correction against what stands when it was learned.

    As recorded, the rows stay as they were told, in the order they were learned. Else the corrected
    values stand in their place, in the order in which it all happened. What is kept is numbered anew
    in `Command.seq`, and corrections name these numbers.
    """
    rows = learned(rows)
    told = [row.command for row in rows]
    now = list(told)
    rejected: list[Rejected] = []
    for place, command in enumerate(told):
        if command.event != CORRECT:
            continue
        one = correction(command.attributes)
        target = _named(one.entry, place, told)
        fault = _no_row(command) if target is None else _fault(command, now[target])
        if target is None or fault is not None:
            rejected += [] if fault is None else [fault]
            now[place] = told[place] = command._replace(event="")
            continue
        # What it says was learned when the row was, whatever time it is given now.
        before = now[target]._replace(recorded_at=now[target].learned_at)
        now[target] = with_value(before, one.field, one.after)
        said = {**command.attributes, "entry": target + 1}
        now[place] = told[place] = command._replace(attributes=said)
    kept = [place for place, command in enumerate(told) if command.event]
    if not as_recorded:
        kept.sort(key=lambda place: (_full(rows[place], now[place]), rows[place].place))
    chosen = told if as_recorded else now
    return Settled([chosen[place]._replace(seq=place + 1) for place in kept], rejected)


def _named(entry: int, by: int, told: Sequence[Command]) -> int | None:
    """Find the row that a correction names; of several that bear the number the one of its own file."""
    found = [place for place, one in enumerate(told) if entry and one.seq == entry and place != by]
    if len(found) > 1:
        found = [place for place in found if told[place].source == told[by].source]
    return found[0] if len(found) == 1 and correctable(told[found[0]].event) else None


def _no_row(command: Command) -> Rejected:
    return _rejected(command, "correction_no_row", "entry", entry=command.attributes.get("entry", ""))


def _fault(command: Command, target: Command) -> Rejected | None:
    one = correction(command.attributes)
    allowed = correctable(target.event)
    told = {"entry": one.entry, "field": one.field}
    if one.field not in allowed:
        fields = "、".join(sorted(allowed))
        return _rejected(command, "correction_row_field", "field", **told, event=target.event, allowed=fields)
    stands = value_of(target, one.field)
    if stands != one.before:
        shown = {"stands": _shown(stands), "before": _shown(one.before)}
        return _rejected(command, "correction_row_before", "before", **told, **shown)
    if one.field == "at" and one.after is None:
        return _rejected(command, "correction_unsaid", "after", missing="after")
    return None


def _rejected(command: Command, code: str, column: str, **details: Any) -> Rejected:
    value = _shown(command.attributes.get(column))
    return Rejected(command.source, command.row, command.order_id, column, value, code, details)


def _shown(value: Any) -> str:
    return "" if value is None else moment(value) if isinstance(value, datetime) else str(value)


def _full(row: "Row", command: Command) -> datetime:
    """Give the full time of a row, of which a command has the whole seconds, unless it was corrected."""
    return row.at if command.at == row.command.at else command.at
