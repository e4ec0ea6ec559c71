"""
What the cases beside an order must do when something happens to it, by plain means.

A table of its own says where an event of a case leads, and which events of an order no case may miss.
"""

from collections.abc import Iterator, Sequence

from paidan.workflows.attributes import ORDER_ENTRY
from paidan.workflows.cases import CASES, EVENT_OF, OF_CASES, case_id
from paidan.workflows.records import Entry
from simulation.model import Model, case_after
from simulation.world import Batch

ASKED = {
    name: tuple(event.name for event in one.events if not event.by_engine and event.name != "correct")
    for name, one in CASES.items()
}
"""What may be asked of a case, by its workflow."""
BY_WHOM = {
    "examine_extension": "hotline_office",
    "report_extension": "district_office",
    "receive_enquiry": "licensing_section",
}
_SUPERVISED = ("supervised", "unmet", "replied")
_PENDING = ("asked", "examined", "reported")
_FOLLOW = {
    "supervision_reply": ("supervision", "answer_sheet", _SUPERVISED),
    "approve_extension": ("extension", "grant_extension", _PENDING),
    "refuse_extension": ("extension", "deny_extension", _PENDING),
    **dict.fromkeys(
        ("dispatch", "redo", "close", "approve_return", "hand_back"),
        ("extension", "lapse_extension", _PENDING),
    ),
}
"""What an event of an order does to an open case of a kind, in these states, which no rule may refuse."""
_OPEN = {
    "supervise": ("supervision", {"": "open_supervision", "proposed": "open_supervision"}, "add_ground"),
    "file_dispute": ("enquiry", {"": "open_enquiry"}, ""),
    "request_extension": ("extension", {"": "open_extension"}, ""),
}
"""What opens a case where a document says so: of which kind, by which event, what it does to an open one."""
_OVER = (
    "ended",
    "dropped",
    "decided",
    "withdrawn",
    "granted",
    "denied",
    "lapsed",
    "settled",
    "rectified",
    "unrectified",
)


def faults(model: Model, batches: Sequence[Batch]) -> Iterator[str]:
    """Say where the cases did otherwise than what one transaction wrote of their order asks of them."""
    written: dict[str, list[Entry]] = {}
    for one in batches:
        written.setdefault(one.order_id, []).extend(one.entries)
    for order_id, entries in written.items():
        if (case := case_id(order_id)) is None:
            yield from _unfollowed(model, order_id, entries, written)
        elif case.about in model.orders:
            yield from _unfounded(model, case.about, order_id, [*written.get(case.about, ()), *entries])


def _unfollowed(
    model: Model, order_id: str, entries: Sequence[Entry], written: dict[str, list[Entry]]
) -> Iterator[str]:
    """Follow the order's entries plainly, one by one, and name what no case has written."""
    said = {
        (one.attributes.get(ORDER_ENTRY), one.event)
        for case, log in written.items()
        if (of := case_id(case)) and of.about == order_id
        for one in log
    }
    states = {
        of.workflow: told.state
        for case, told in model.orders.items()
        if (of := case_id(case)) and of.about == order_id and told.state not in _OVER
    }
    rules = model.orders[order_id].rules if order_id in model.orders else None
    for entry in entries:
        kind, event, when = _FOLLOW.get(entry.event, ("", "", ()))
        if states.get(kind) in when and (entry.seq, event) not in said:
            yield f"{order_id}: no case has {event} for entry {entry.seq} ({entry.event})"
        if entry.event in _OPEN and rules is not None and entry.event in rules.cases:
            kind, by, joined = _OPEN[entry.event]
            event = by.get(states.get(kind, ""), joined)
            if event and (entry.seq, event) not in said:
                yield f"{order_id}: no case has {event} for entry {entry.seq} ({entry.event})"
        for seq, event in said:
            if seq == entry.seq and (found := _of(event)):
                states[found] = case_after(states.get(found, ""), event, {"met": entry.attributes.get("met")})
                if states[found] in _OVER:
                    del states[found]


def _of(event: str) -> str:
    """Name the kind of case that an event of cases alone happens to."""
    return next((name for name, one in CASES.items() if event in OF_CASES and event in one.event_of), "")


def _unfounded(model: Model, about: str, case: str, entries: Sequence[Entry]) -> Iterator[str]:
    """Name what a case follows that does not stand in its order's log, and what it follows twice."""
    log = {one.seq: one for one in (*model.orders[about].log, *entries) if one.order_id == about}
    there = model.orders[case].log if case in model.orders else []
    before = {(one.attributes[ORDER_ENTRY], one.event) for one in there if follows(one)}
    for one in entries:
        if one.order_id != case or not follows(one):
            continue
        seq = one.attributes[ORDER_ENTRY]
        if seq not in log or (log[seq].actor, log[seq].at) != (one.actor, one.at):
            yield f"{case} follows entry {seq}, which does not stand: {one}"
        if (seq, one.event) in before:
            yield f"{case} follows entry {seq} twice"
        before.add((seq, one.event))
    kind = case_id(case)
    open_now = [
        other
        for other, told in model.orders.items()
        if other != case and (of := case_id(other)) and kind
        and (of.about, of.workflow) == (kind.about, kind.workflow) and told.state not in _OVER
    ]  # fmt: skip
    if open_now and not there:
        yield f"{case} was opened while {open_now} was open"


def follows(entry: Entry) -> bool:
    """Whether an entry of a case was written because of one of its order."""
    return EVENT_OF[entry.event].by_engine and ORDER_ENTRY in entry.attributes
