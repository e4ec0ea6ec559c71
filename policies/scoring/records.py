"""
What scoring needs of one order, taken once from its log and independent of every scoring setting.

A replay writes one `OrderRecord` a line to `orders.jsonl`; counting reads nothing else of an order.
They are msgspec structs: one is made, written and read for every order of a million events.
Times are in Beijing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

import msgspec

from paidan.policies.clocks import verdict
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import Limit
from paidan.workflows.records import BEIJING, Clock, Entry, Order

_NOT_ON_TIME = ("late", "overdue")


class Mark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry of the order's log: its time and its `seq`."""

    at: datetime
    seq: int


class Case(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An entry that counts by itself, and the unit it counts for."""

    at: datetime
    seq: int
    unit: str


class Ruling(Case, frozen=True, array_like=True, gc=False):
    """Who bears a lateness (超期责任认定): `unit`, that of the limit at `due_at`, None: of the latest."""

    due_at: datetime | None = None


class Contact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A first contact (先行联系) and whether it carries evidence, a recording or a call log."""

    at: datetime
    seq: int
    evidence: bool = False


class Callback(msgspec.Struct, frozen=True, array_like=True, gc=False):
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

    @property
    def connected(self) -> bool:
        """Whether somebody answered (接通): said so, or an answer was given."""
        if self.result in ("effective", "connected"):
            return True
        answered = self.outcome or self.satisfaction or self.process_satisfaction
        return self.result != "not_connected" and bool(answered)


class Judged(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """
    A limit that a measure is judged by, with what it came to; `dispatch` as in `workflows.records`.

    `superseded_at` is when the order was sent on to another dispatch, if it was.
    """

    rule: str
    dispatch: int
    unit: str
    started_at: datetime
    due_at: datetime
    verdict: str
    done_at: datetime | None = None
    provisional: bool = False
    superseded_at: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether the unit held the order when the limit passed: got it before, had not given it on."""
        sent_on = self.superseded_at is not None and self.superseded_at <= self.due_at
        return self.started_at <= self.due_at and not sent_on

    @property
    def missed(self) -> bool:
        """Whether it was done late, or not at all by now."""
        return self.verdict in _NOT_ON_TIME


class Return(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A request to return an order (退单申请): by whom, whether late, and whether the caller was told."""

    at: datetime
    seq: int
    unit: str
    kind: str = ""
    late: bool = False
    told: bool | None = None
    contacted: bool = False


class Exclusion(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A request to leave an order out (申请剔除) and what became of it; `decided` empty while pending."""

    situation: str
    at: datetime
    seq: int
    evidence: bool = False
    decided: str = ""
    role: str = ""
    decided_at: datetime | None = None
    decided_seq: int = 0


class Approval(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A return approved (同意退单) in the last dispatch, and in what role."""

    at: datetime
    seq: int
    role: str = ""


class OrderRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    One order as scoring sees it.

    `unit` is that of the last dispatch (number `dispatch`), None where there was none;
    `earlier_units` held it before. `accepted` is the first acceptance after the last dispatch,
    `closed` the first close after the last dispatch or redo, `callbacks` those after it;
    `dissatisfied` are all effective callbacks that were, each with the unit of its time.
    `began_at` is the earliest time in the log. `judged` holds the limits that measures ask for,
    `noted` is the last note.
    """

    order_id: str
    version: str
    began_at: datetime
    unit: str | None = None
    dispatch: int = 0
    assisting: tuple[str, ...] = ()
    earlier_units: tuple[str, ...] = ()
    category: str = ""
    case_type: str = ""
    anonymous: bool = False
    repeat_of: str = ""
    accepted: Mark | None = None
    closed: Mark | None = None
    finding: str = ""
    judged: tuple[Judged, ...] = ()
    contacts: tuple[Contact, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    dissatisfied: tuple[Case, ...] = ()
    returns: tuple[Return, ...] = ()
    returned: Approval | None = None
    exclusions: tuple[Exclusion, ...] = ()
    unmet: tuple[Case, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    noted: Mark | None = None
    provisional: bool = False


def record_of(order: Order, entries: Sequence[Entry], rules: Rulebook, as_of: datetime) -> OrderRecord:  # noqa: C901, PLR0912, PLR0915 - one flat pass, the hot path of a replay
    """Take from an order and its whole log (at least one entry, in order of `seq`) what scoring needs."""
    unit: str | None = None
    accepted: Mark | None = None
    closed: Mark | None = None
    first_close: datetime | None = None
    returned: Approval | None = None
    noted: Mark | None = None
    finding = repeat_of = assisting = ""
    units: list[str] = []
    sent: list[datetime] = []
    contacts: list[Contact] = []
    callbacks: list[Callback] = []
    dissatisfied: list[Case] = []
    returns: list[tuple[int, Return]] = []
    exclusions: list[Exclusion] = []
    unmet: list[Case] = []
    rulings: list[Ruling] = []
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
            callback = _callback(entry)
            callbacks.append(callback)
            if callback.satisfaction == "dissatisfied" and callback.effective:
                dissatisfied.append(Case(at, entry.seq, unit or ""))
        elif event == "close":
            if closed is None:
                closed = Mark(at, entry.seq)
                finding = entry.attributes.get("finding") or ""
                first_close = first_close or at
        elif event == "dispatch":
            unit = entry.unit or None
            units.append(entry.unit)
            sent.append(at)
            assisting = entry.attributes.get("assisting") or ""
            accepted = closed = first_close = returned = None
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
        elif event == "request_return":
            returns.append((len(units), _asked(entry, unit or "", contacted=bool(contacts))))
        elif event == "approve_return":
            returned = Approval(at, entry.seq, entry.role)
        elif event == "request_exclusion":
            exclusions.append(_requested(entry))
        elif event in _DECIDES:
            _decided(exclusions, entry)
        elif event == "supervision_reply":
            if entry.attributes.get("met") is False:
                unmet.append(Case(at, entry.seq, unit or ""))
        elif event == "rule_overdue":
            rulings.append(Ruling(at, entry.seq, entry.unit, entry.attributes.get("order_due")))
        elif event == "note":
            noted = Mark(at, entry.seq)
    facts = order.facts
    return OrderRecord(
        order.order_id, rules.policy.version, began_at, unit, len(units),
        _assisting(assisting, unit) if assisting else (),
        tuple(dict.fromkeys(one for one in units[:-1] if one and one != unit)) if len(units) > 1 else (),
        facts.get("category") or "", facts.get("case_type") or "", bool(facts.get("anonymous")), repeat_of,
        accepted, closed, finding, _judged(order, sent, first_close, rules, as_of), tuple(contacts),
        tuple(callbacks), tuple(dissatisfied),
        tuple([_timed(order, *one, rules) for one in returns]) if returns else (),
        returned, tuple(exclusions), tuple(unmet), tuple(rulings), noted,
        any([clock.provisional for clock in order.clocks]),  # noqa: C419 - a generator costs more
    )  # fmt: skip


_DECIDES = {"approve_exclusion": "approved", "refuse_exclusion": "refused"}


def _callback(entry: Entry) -> Callback:
    said = entry.attributes.get
    return Callback(
        entry.at, entry.seq, said("result") or "", said("outcome") or "", said("satisfaction") or "",
        said("process_satisfaction") or "", said("source") or "", said("contacted"),
    )  # fmt: skip


def _requested(entry: Entry) -> Exclusion:
    said = entry.attributes.get
    return Exclusion(said("exclusion") or "", entry.at, entry.seq, bool(said("evidence")))


def _decided(exclusions: list[Exclusion], entry: Entry) -> None:
    """Let a decision speak of the pending request; without one it says nothing."""
    if exclusions and not exclusions[-1].decided:
        exclusions[-1] = msgspec.structs.replace(
            exclusions[-1], decided=_DECIDES[entry.event], role=entry.role, decided_at=entry.at,
            decided_seq=entry.seq,
        )  # fmt: skip


def _judged(
    order: Order, sent: Sequence[datetime], first_close: datetime | None, rules: Rulebook, as_of: datetime
) -> tuple[Judged, ...]:
    """Give the limits that a measure of the policy is judged by, with what they came to."""
    found = [
        Judged(
            clock.rule, clock.dispatch, clock.unit, clock.started_at, clock.due_at,
            verdict(clock, rules, as_of).value, clock.done_at, clock.provisional,
            sent[clock.dispatch] if 0 < clock.dispatch < len(sent) else None,
        )
        for clock in order.clocks
        if clock.rule in rules.scored
    ]  # fmt: skip
    by_order = rules.on_order_due
    started_at = order.facts.get("unit_received_at")
    if by_order is not None and started_at is not None:
        due = rules.reckoner.due(_ORDER_DUE, started_at, order.facts)
        if due is not None:
            number = order.facts.get("dispatches") or 0
            late = (first_close or as_of) > due.at
            came_to = ("late" if late else "met") if first_close else "overdue" if late else "open"
            unit = order.facts.get("unit") or ""
            found.append(
                Judged(by_order, number, unit, started_at, due.at, came_to, first_close, due.provisional)
            )
    return tuple(found)


_ORDER_DUE = Limit(at=("order_due",))


def _asked(entry: Entry, unit: str, *, contacted: bool) -> Return:
    said = entry.attributes.get
    kind = said("return_kind") or ""
    return Return(entry.at, entry.seq, unit, kind, told=said("caller_told"), contacted=contacted)


def _timed(order: Order, dispatch: int, asked: Return, rules: Rulebook) -> Return:
    """Say of a request whether its window had passed."""
    late = any(
        clock.done_at is not None and clock.done_at > clock.due_at
        for clock in order.clocks
        if _is_request(clock, dispatch, asked, rules)
    )
    return msgspec.structs.replace(asked, late=True) if late else asked


def _is_request(clock: Clock, dispatch: int, asked: Return, rules: Rulebook) -> bool:
    return clock.dispatch == dispatch and clock.done_at == asked.at and rules.clocks[clock.rule].on_request


def _assisting(text: str, unit: str | None) -> tuple[str, ...]:
    names = dict.fromkeys(text.translate(_BETWEEN_UNITS).split())
    return tuple(name for name in names if name != unit)


_BETWEEN_UNITS = str.maketrans(dict.fromkeys("、,，;；/", " "))

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(OrderRecord)


def to_json(record: OrderRecord) -> bytes:
    """Write a record as one line of JSON, without what is empty; `from_json` reads it back."""
    return _ENCODER.encode(record)


def encode(text: str) -> bytes:
    """Write a text as it stands in the lines of `to_json`."""
    return _ENCODER.encode(text)


def from_json(line: bytes) -> OrderRecord:
    """Read what `to_json` wrote; ValueError where it is something else."""
    return _DECODER.decode(line)


class _Accepted(msgspec.Struct, gc=False):
    """The part of a record that says whose volume an order is."""

    order_id: str
    version: str
    began_at: datetime
    unit: str | None = None
    assisting: tuple[str, ...] = ()
    accepted: Mark | None = None


_ACCEPTED = msgspec.json.Decoder(_Accepted)


def accepted_from_json(line: bytes) -> OrderRecord:
    """Read of what `to_json` wrote only who accepted the order, when: all that a volume asks of others."""
    one = _ACCEPTED.decode(line)
    return OrderRecord(
        one.order_id, one.version, one.began_at, one.unit, assisting=one.assisting, accepted=one.accepted
    )


def month_of(at: datetime) -> str:
    """
    Name the month of an aware instant in Beijing.

    >>> month_of(datetime.fromisoformat("2026-03-31T16:00:00+00:00"))
    '2026-04'
    """
    local = at if at.utcoffset() == _OFFSET else at.astimezone(BEIJING)
    return _month(local.year, local.month)


_OFFSET = BEIJING.utcoffset(None)


@cache
def _month(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}"


def began(records: Iterable[OrderRecord]) -> str | None:
    """Name the month in which the log begins; None for a log without orders."""
    first = min((record.began_at for record in records), default=None)
    return None if first is None else month_of(first)
