"""
What an export says of an order now, held against what exports said of it before, cell by cell.

A cell is a slot of its order: a time tells an event, a value an attribute of one. What was said last of a
slot is known from the log alone: the entries, with the corrections that were imported folded in. What
somebody corrected here is theirs, and stays while the export goes on showing what it did.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from paidan.engine.corrections import CORRECT, corrected, correction
from paidan.engine.feeds import Feeds
from paidan.engine.masking import masked_name
from paidan.workflows.attributes import IMPORTED, WRITTEN, correctable
from paidan.workflows.records import NOTHING, Command, Entry

_TURNS = ("dispatch", "redo", "send_back")
"""What puts an order into work anew."""
_ANEW: Mapping[str, tuple[str, ...]] = {
    "receive": (),
    "register": (),
    "hand_back": (),
    "dispatch": ("approve_return", "resolve", "send_back", "revisit", "redo", "close"),
    "accept": _TURNS,
    "contact": _TURNS,
    "request_return": (*_TURNS, "refuse_return"),
    "approve_return": (*_TURNS, "refuse_return"),
    "refuse_return": (*_TURNS, "request_return"),
    "request_extension": (*_TURNS, "approve_extension", "refuse_extension"),
    "approve_extension": (*_TURNS, "request_extension"),
    "refuse_extension": (*_TURNS, "request_extension"),
    "resolve": _TURNS,
    "send_back": ("resolve",),
    "redo": ("resolve", "revisit", "close"),
    "close": _TURNS,
}
"""Of each event, what must have come since for a later time to be another one; of others nothing must."""
_LEFT = (*_TURNS, "approve_return")
"""After which the unit that had an order has it no more."""
_ENDING = frozenset(("request_return", "approve_return", "resolve", "send_back", "revisit", "redo", "close"))
"""What may end the turn before a dispatch in the same minute."""


class Emptied(NamedTuple):
    """A cell that is empty now, though an export said something: `column` is an event or an attribute."""

    source: str
    row: int
    order_id: str
    column: str


class Change(NamedTuple):
    """What a row says now of an entry: `command` says it, `before` stands there."""

    command: Command
    field: str
    before: Any
    after: Any


class Slots(NamedTuple):
    """
    What rows say of an order: commands that are new, in their order, the entries that say others, changes.

    `known` gives entries by `Command.seq`. Commands that are neither say what a new one says: `joined`
    gives that one's number by theirs.
    """

    new: list[Command]
    known: dict[int, int]
    joined: dict[int, int]
    changes: list[Change]
    emptied: list[Emptied]


@dataclass(slots=True)
class _Slot:
    """An event of the order: as exports said it, as it stands, and the commands that say it now."""

    event: str
    place: int
    written_at: datetime
    said_at: datetime
    at: datetime
    entry: Entry | None = None
    said: dict[str, Any] = field(default_factory=dict)
    stands: dict[str, Any] = field(default_factory=dict)
    imported: bool = False
    by: list[Command] = field(default_factory=list)


def slots(
    commands: Sequence[Command],
    log: Sequence[Entry],
    feeds: Feeds,
    unchanged: Collection[str] = (),
    filled: Mapping[str, frozenset[str]] = NOTHING,
) -> Slots:
    """
    Tell what is new in the rows of an order from what is there already, changed or emptied.

    `commands` are numbered (`seq`), in their order. Of feeds in `unchanged` (by key), which say what they
    said last, nothing is made. `filled` names the events and attributes that each said last.
    """
    if not log and len({(one.event, one.at) for one in commands}) == len(commands):
        return Slots(list(commands), {}, {}, [], [])
    held = _held(log)
    rest: list[Command] = []
    for command in commands:
        if (slot := _there(command, held)) is None:
            rest.append(command)
        else:
            slot.by.append(command)
    turned: set[datetime] = set()
    for command in sorted(rest, key=lambda one: (one.at, one.event not in _ENDING)):
        if (slot := _there(command, [one for one in held if one.entry is None])) is None:
            if feeds[command.source].key in unchanged:
                slot = next((one for one in reversed(held) if one.event == command.event), None)
                anew = slot is None
            else:
                slot = _changed(command, held)
                anew = slot is None or _is_anew(command, slot, held)
            if slot is None or anew:
                if slot is not None and command.event == "dispatch":
                    turned.add(command.at)
                slot = _Slot(command.event, len(held), command.at, command.at, command.at)
                held.append(slot)
        slot.by.append(command)
    slots = _told(commands, held, turned, feeds, unchanged)
    return slots._replace(emptied=list(_emptied(commands, held, feeds, filled)))


def _told(
    commands: Sequence[Command],
    held: list[_Slot],
    turned: set[datetime],
    feeds: Feeds,
    unchanged: Collection[str],
) -> Slots:
    new: dict[int, Command] = {}
    told = Slots([], {}, {}, [], [])
    for slot in held:
        if slot.entry is None:
            new[slot.by[0].seq] = _of_its_turn(slot, held)
            told.joined.update((one.seq, slot.by[0].seq) for one in slot.by[1:])
        elif slot.by:
            told.known.update((one.seq, slot.entry.seq) for one in slot.by)
            fresh = [one for one in slot.by if feeds[one.source].key not in unchanged]
            told.changes.extend(_changes(slot, fresh, held))
    told.new.extend(new[one.seq] for one in commands if one.seq in new)
    if turned:  # in one minute an order leaves one unit first, and then goes to the next
        told.new.sort(key=lambda one: (one.at, one.at in turned and one.event not in _ENDING))
    return told


def _held(log: Sequence[Entry]) -> list[_Slot]:
    """Give the events of a log, each as it was said: as written, with what imports corrected of it."""
    held: list[_Slot] = []
    by_seq: dict[int, _Slot] = {}
    for entry, now in zip(log, corrected(log), strict=True):
        if entry.event == CORRECT and IMPORTED in entry.attributes:
            one = correction(entry.attributes)
            if one.entry in by_seq and one.field == "at":
                by_seq[one.entry].said_at = one.after
            elif one.entry in by_seq:
                by_seq[one.entry].said[one.field] = one.after
        elif entry.event != "note" and correctable(entry.event):
            slot = _Slot(
                entry.event, len(held), entry.at, entry.at, now.at, entry, _values(entry), _values(now),
                IMPORTED in entry.attributes,
            )  # fmt: skip
            held.append(slot)
            by_seq[entry.seq] = slot
    return held


def _values(one: Entry | Command) -> dict[str, Any]:
    """Give all that is said of an event but when it was."""
    own = {name: said for name in ("unit", "actor", "role") if (said := getattr(one, name))}
    return {**{name: said for name, said in one.attributes.items() if name not in WRITTEN}, **own}


def _there(command: Command, held: Sequence[_Slot]) -> _Slot | None:
    """Find the event that a row tells by the time that is known, one that no row has told yet if there is."""
    found = [one for one in held if one.event == command.event and command.at in (one.said_at, one.at)]
    return next((one for one in found if not one.by), found[-1] if found else None)


def _changed(command: Command, held: Sequence[_Slot]) -> _Slot | None:
    """Find the event whose time an export told before and shows no more: the last of those."""
    found = [one for one in held if one.event == command.event and one.imported and not one.by]
    return max(found, key=lambda one: (one.said_at, one.place)) if found else None


def _is_anew(command: Command, slot: _Slot, held: Iterable[_Slot]) -> bool:
    """Whether another time means another event: a later one, and the life of the order has gone round."""
    if command.at <= slot.said_at:
        return False
    if command.event not in _ANEW:
        return True
    return any(one.event in _ANEW[command.event] and one.at <= command.at for one in _after(slot, held))


def _after(slot: _Slot, held: Iterable[_Slot]) -> Iterable[_Slot]:
    """Give what happened after an event; a time that was corrected since puts nothing behind it."""
    at = min(slot.at, slot.said_at)
    return (
        one
        for one in held
        if one is not slot and one.at >= at and (one.place > slot.place or one.written_at > slot.written_at)
    )


def _of_its_turn(slot: _Slot, held: Iterable[_Slot]) -> Command:
    """
    Give the command of a new event.

    A row names one unit, that of the last turn it tells of: who had the order before it does not say.
    """
    command = _joined(slot.by)
    row = (command.source, command.row)
    turned = (one for later in _after(slot, held) if later.event in _TURNS for one in later.by)
    return command._replace(unit="") if any((one.source, one.row) == row for one in turned) else command


def _joined(by: Sequence[Command]) -> Command:
    """Give one command for what several rows say: the first, with what the later ones know better."""
    first, *others = by
    for one in others:
        first = first._replace(
            actor=one.actor or first.actor, role=one.role or first.role, unit=one.unit or first.unit,
            attributes={**first.attributes, **one.attributes, IMPORTED: first.attributes[IMPORTED]},
        )  # fmt: skip
    return first


def _changes(slot: _Slot, by: Sequence[Command], held: Sequence[_Slot]) -> Iterable[Change]:
    """Give what rows say otherwise of an event than exports did: of several rows the last is right."""
    now: dict[str, tuple[Command, Any]] = {}
    for one in by:
        if one.at not in (slot.said_at, slot.at):
            now["at"] = (one, one.at)
        now |= {name: (one, said) for name, said in _values(one).items()}
    if any(one.event in _LEFT for one in _after(slot, held)):  # the row names who has the order now
        now.pop("unit", None)
    for name, (command, said) in now.items():
        stands = slot.at if name == "at" else slot.stands.get(name)
        if said not in (stands, slot.said.get(name)):
            yield Change(command, name, stands, said)


def _emptied(
    commands: Sequence[Command],
    held: Sequence[_Slot],
    feeds: Feeds,
    filled: Mapping[str, frozenset[str]],
) -> Iterable[Emptied]:
    """
    Give the cells of rows that say nothing any more where their feed did; not said is not denied.

    What an earlier turn said is over with it.
    """
    last = {feeds[one.source].key: one for one in commands}
    told = {one.event for one in commands}.union(*map(_values, commands))
    events = {one.event: one for one in held if one.imported}
    for key, command in last.items():
        for name in sorted(filled.get(key, frozenset()) - told):
            if name in events:
                stands = not any(one.event in _TURNS for one in _after(events[name], held))
            else:
                stands = any(one.by and one.said.get(name) is not None for one in held)
            if stands:
                order_id = masked_name(command.order_id)
                yield Emptied(command.source, command.row, order_id, name)
