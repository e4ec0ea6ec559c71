"""
Mistakes corrected in the open: a log as its `correct` entries say it should have been.

Nothing in a log is changed. Whoever folds one folds what `corrected` gives, and shows both.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from paidan.workflows.attributes import OF_EVERY_ENTRY, correctable
from paidan.workflows.records import Command, Entry

CORRECT = "correct"

Told = TypeVar("Told", Entry, Command)
"""What somebody said of an order, asked or written."""


class Correction(NamedTuple):
    """What a `correct` says: of which entry which field, as it stood and as it should be; None is nothing."""

    entry: int
    field: str
    before: Any
    after: Any


Corrections = Mapping[int, list[tuple[int, Correction]]]
"""By `seq` the corrections of an entry, each with the `seq` of the one that makes it."""


def correction(said: Mapping[str, Any]) -> Correction:
    """Read what a `correct` says."""
    return Correction(said.get("entry") or 0, said.get("field") or "", said.get("before"), said.get("after"))


def value_of(told: Entry | Command, field: str) -> Any:
    """Give what stands in a field, None where nothing was said."""
    return (getattr(told, field) or None) if field in OF_EVERY_ENTRY else told.attributes.get(field)


def with_value(told: Told, field: str, value: Any) -> Told:
    """Give the same with another value in a field; None takes out what was said."""
    changed: dict[str, Any] = {field: "" if value is None else value}
    if field not in OF_EVERY_ENTRY:
        said = {name: one for name, one in told.attributes.items() if name != field}
        changed = {"attributes": said if value is None else {**said, field: value}}
    return told._replace(**changed)


def fits(told: Entry | Command, one: Correction) -> bool:
    """Whether a correction speaks of `told` as it stands."""
    return one.field in correctable(told.event) and value_of(told, one.field) == one.before


def corrections_of(entries: Iterable[Entry]) -> Corrections:
    """Give the corrections that a log holds."""
    found: dict[int, list[tuple[int, Correction]]] = {}
    for entry in entries:
        if entry.event == CORRECT:
            one = correction(entry.attributes)
            found.setdefault(one.entry, []).append((entry.seq, one))
    return found


def restored(told: Sequence[Told]) -> Sequence[Told]:
    """
    Give what was told as it stood before the corrections in it, wherever these are applied already.

    What `corrected` makes of the result is what stands after all of them.
    """
    if not any([one.event == CORRECT for one in told]):  # noqa: C419 - a generator costs more
        return told
    places = {one.seq: place for place, one in enumerate(told)}
    then = list(told)
    for by in reversed(told):
        one = correction(by.attributes)
        place = places.get(one.entry)
        if by.event == CORRECT and place is not None and fits(then[place], one._replace(before=one.after)):
            then[place] = with_value(then[place], one.field, one.before)
    return then


def corrected(entries: Sequence[Entry]) -> Sequence[Entry]:
    """
    Give a log (from its first entry on) with every correction in it applied, each on what stood by then.

    When an entry was written stays as it was. A correction that does not fit what stands (a replay
    that observes takes such a one too) changes nothing.
    """
    if not any([entry.event == CORRECT for entry in entries]):  # noqa: C419 - a generator costs more
        return entries
    now = list(entries)
    for entry in entries:
        if entry.event == CORRECT:
            one = correction(entry.attributes)
            if 0 < one.entry < entry.seq and fits(now[one.entry - 1], one):
                now[one.entry - 1] = with_value(now[one.entry - 1], one.field, one.after)
    return now
