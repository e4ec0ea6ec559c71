"""
What scoring needs of one order, taken once from its log and independent of every scoring setting.

A replay writes one `OrderRecord` a line to `orders.jsonl`; counting reads nothing else of an order.
They are named tuples, as `workflows.records` are: one is made for every order of a million events.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from paidan.policies.clocks import verdict
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import BEIJING, Entry, Order

_BETWEEN_UNITS = re.compile(r"[\s、,，;；/]+")


class Mark(NamedTuple):
    """An entry of the order's log: its time and its `seq`."""

    at: datetime
    seq: int


class Contact(NamedTuple):
    """A first contact (先行联系) and whether it carries evidence, a recording or a call log."""

    at: datetime
    seq: int
    evidence: bool = False


class Callback(NamedTuple):
    """A call back (回访) as it was told; an empty answer was not given."""

    at: datetime
    seq: int
    result: str = ""
    outcome: str = ""
    satisfaction: str = ""
    process_satisfaction: str = ""
    source: str = ""
    contacted: bool | None = None

    @property
    def effective(self) -> bool:
        """
        Whether it is an effective evaluation (有效测评): said so, or both answers were given.

        One that says it was not connected is none, whatever else it says.
        """
        if self.result == "effective":
            return True
        return self.result != "not_connected" and bool(self.outcome and self.satisfaction)


class ClosingClock(NamedTuple):
    """The limit that the close of the last dispatch is judged by."""

    rule: str
    due_at: datetime
    verdict: str
    provisional: bool = False


class OrderRecord(NamedTuple):
    """
    One order as scoring sees it.

    `unit` is that of the last dispatch, None where there was none; `earlier_units` held it before.
    `accepted` is the first acceptance after the last dispatch, `closed` the first close after the
    last dispatch or redo, `callbacks` those after it. `began_at` is the earliest time in the log.
    """

    order_id: str
    version: str
    began_at: datetime
    unit: str | None = None
    assisting: tuple[str, ...] = ()
    earlier_units: tuple[str, ...] = ()
    category: str = ""
    anonymous: bool = False
    repeat_of: str = ""
    received_at: datetime | None = None
    accepted: Mark | None = None
    closed: Mark | None = None
    finding: str = ""
    clock: ClosingClock | None = None
    contacts: tuple[Contact, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    provisional: bool = False


def record_of(  # noqa: C901 - one flat pass, the hot path of a replay
    order: Order, entries: Sequence[Entry], rules: Rulebook, as_of: datetime
) -> OrderRecord:
    """Take from an order and its whole log (at least one entry, in order of `seq`) what scoring needs."""
    unit: str | None = None
    accepted: Mark | None = None
    closed: Mark | None = None
    finding = repeat_of = assisting = ""
    units: list[str] = []
    contacts: list[Contact] = []
    callbacks: list[Callback] = []
    began_at = entries[0].at
    for entry in entries:
        event = entry.event
        at = entry.at
        if at < began_at:  # noqa: PLR1730 - min() costs a tenth of the whole function
            began_at = at
        if event == "accept":
            if accepted is None:
                accepted = Mark(at, entry.seq)
        elif event == "contact":
            contacts.append(Contact(at, entry.seq, bool(entry.attributes.get("evidence"))))
        elif event == "revisit":
            callbacks.append(_callback(entry))
        elif event == "close":
            if closed is None:
                closed = Mark(at, entry.seq)
                finding = entry.attributes.get("finding") or ""
        elif event == "dispatch":
            unit = entry.unit or None
            units.append(entry.unit)
            assisting = entry.attributes.get("assisting") or ""
            accepted = closed = None
            finding = ""
            callbacks = []
        elif event == "redo":
            closed = None
            finding = ""
            callbacks = []
        elif event == "receive":
            repeat_of = entry.attributes.get("repeat_of") or repeat_of
        elif event == "assign":
            assisting = entry.attributes.get("assisting") or assisting
    facts = order.facts
    return OrderRecord(
        order.order_id, rules.policy.version, began_at, unit,
        _assisting(assisting, unit) if assisting else (),
        tuple(dict.fromkeys(one for one in units[:-1] if one and one != unit)) if len(units) > 1 else (),
        facts.get("category") or "", bool(facts.get("anonymous")), repeat_of, facts.get("received_at"),
        accepted, closed, finding, _closing_clock(order, rules, as_of), tuple(contacts), tuple(callbacks),
        any([clock.provisional for clock in order.clocks]),  # noqa: C419 - a generator costs more
    )  # fmt: skip


def _callback(entry: Entry) -> Callback:
    said = entry.attributes.get
    return Callback(
        entry.at, entry.seq, said("result") or "", said("outcome") or "", said("satisfaction") or "",
        said("process_satisfaction") or "", said("source") or "", said("contacted"),
    )  # fmt: skip


def _closing_clock(order: Order, rules: Rulebook, as_of: datetime) -> ClosingClock | None:
    """Give the clock of the last dispatch that a close ends; of several, one that is late."""
    number = order.facts.get("dispatches") or 0
    found: ClosingClock | None = None
    for clock in order.clocks:
        if clock.dispatch in (0, number) and clock.rule in rules.ends.get("close", ()):
            came_to = verdict(clock, rules, as_of)
            if found is None or found.verdict != "late":
                found = ClosingClock(clock.rule, clock.due_at, came_to.value, clock.provisional)
    return found


def _assisting(text: str, unit: str | None) -> tuple[str, ...]:
    names = dict.fromkeys(_BETWEEN_UNITS.split(text))
    return tuple(name for name in names if name and name != unit)


_NAMES = ("assisting", "earlier_units")
_AS_THEY_ARE = ("unit", "category", "anonymous", "repeat_of", "finding", "provisional", *_NAMES)
_ANSWERS = ("result", "outcome", "satisfaction", "process_satisfaction", "source")


def to_json(record: OrderRecord) -> dict[str, Any]:
    """Write a record as values JSON knows, leaving out what is empty; `from_json` reads it back."""
    written: dict[str, Any] = {
        "order_id": record.order_id,
        "version": record.version,
        "began_at": _text(record.began_at),
    }
    for name in _AS_THEY_ARE:
        if value := getattr(record, name):
            written[name] = value
    if record.received_at:
        written["received_at"] = _text(record.received_at)
    if record.accepted:
        written["accepted"] = [_text(record.accepted.at), record.accepted.seq]
    if record.closed:
        written["closed"] = [_text(record.closed.at), record.closed.seq]
    if clock := record.clock:
        written["clock"] = [clock.rule, _text(clock.due_at), clock.verdict, clock.provisional]
    if record.contacts:
        written["contacts"] = [[_text(one.at), one.seq, one.evidence] for one in record.contacts]
    if record.callbacks:
        written["callbacks"] = [_callback_json(one) for one in record.callbacks]
    return written


def from_json(written: Mapping[str, Any]) -> OrderRecord:
    """Read what `to_json` wrote; TypeError, KeyError or ValueError where it is something else."""
    values = dict(written)
    values["began_at"] = _time(values["began_at"])
    for name in _NAMES:
        if name in values:
            values[name] = tuple(values[name])
    if "received_at" in values:
        values["received_at"] = _time(values["received_at"])
    for name in ("accepted", "closed"):
        if name in values:
            at, seq = values[name]
            values[name] = Mark(_time(at), seq)
    if "clock" in values:
        rule, due_at, came_to, provisional = values["clock"]
        values["clock"] = ClosingClock(rule, _time(due_at), came_to, provisional)
    if "contacts" in values:
        values["contacts"] = tuple(Contact(_time(at), seq, said) for at, seq, said in values["contacts"])
    if "callbacks" in values:
        values["callbacks"] = tuple(
            Callback(**{**one, "at": _time(one["at"])}) for one in values["callbacks"]
        )
    return OrderRecord(**values)


def _callback_json(one: Callback) -> dict[str, Any]:
    written: dict[str, Any] = {"at": _text(one.at), "seq": one.seq}
    for name in _ANSWERS:
        if value := getattr(one, name):
            written[name] = value
    if one.contacted is not None:
        written["contacted"] = one.contacted
    return written


def month_of(at: datetime) -> str:
    """
    Name the month of an aware instant in Beijing.

    >>> month_of(datetime.fromisoformat("2026-03-31T16:00:00+00:00"))
    '2026-04'
    """
    return _text(at)[:7]


def first_month(records: Iterable[OrderRecord]) -> str | None:
    """Name the month in which the log begins; None for a log without orders."""
    began = min((record.began_at for record in records), default=None)
    return None if began is None else month_of(began)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(at: datetime) -> str:
    return at.isoformat() if at.tzinfo is BEIJING else at.astimezone(BEIJING).isoformat()
