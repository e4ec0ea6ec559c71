"""
Random months: a few units, their orders' lives as long-form events, and what was entered by hand.

A *world* is one month under one policy, made from a seed alone: the same seed gives the same world.
Lives mostly follow the rules; edges are frequent on purpose: nothing closed, nothing called back, ties,
answers left out, the first and last second of the month, events in an order that no rule foresees.
Times are civil Beijing times without an offset.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from paidan.workflows.attributes import CASE_TYPES, EXCLUSIONS, FINDINGS, OUTCOMES, SATISFACTION


class Event(NamedTuple):
    """One row of a long-form log."""

    event: str
    at: datetime
    unit: str = ""
    role: str = ""
    said: Mapping[str, Any] = {}


class Listing(NamedTuple):
    """One row of a units file."""

    unit: str
    pool: str
    from_on: date | None = None
    to_on: date | None = None


class Entered(NamedTuple):
    """One row of an adjustments file; `points` None where the rule knows only one number."""

    unit: str
    at: datetime
    code: str
    points: Fraction | None = None
    order_id: str = ""
    good: bool | None = None
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A month to be scored, with the whole log it stands in; `listings` None: no units file was given."""

    policy: str
    seed: int
    month: str
    as_of: datetime
    listings: tuple[Listing, ...] | None
    orders: Mapping[str, tuple[Event, ...]]
    entered: tuple[Entered, ...]


class Code(NamedTuple):
    """An adjustment code: the points it may carry (none: the rule's own), and whether once a unit."""

    code: str
    points: tuple[str, ...] = ()
    once: bool = False


class Flavour(NamedTuple):
    """What is particular to the months of one policy."""

    month: str
    pools: tuple[str, ...]
    source: str
    classes: tuple[str, ...]
    approver: str
    confirmer: str
    exclusions: tuple[str, ...]
    return_kinds: tuple[str, ...]
    codes: tuple[Code, ...]


FLAVOURS: Mapping[str, Flavour] = {
    "JY": Flavour(
        "2026-03", ("department", "neighbourhood"), "district", (), "dispatcher", "centre_head", (), (),
        (
            Code("praise", ("1", "1.5", "2", "2.25", "3")), Code("three_duty"), Code("talk_branch"),
            Code("talk_joint"), Code("talk_main"), Code("supervise_late", ("1", "1.2", "2")), Code("media"),
            Code("absent"),
        ),
    ),
    "BS": Flavour(
        "2026-03", ("undertaking", "undertaking", "support_section"), "district",
        ("solve_now", "staged", "not_solvable_now"), "licensing_section", "licensing_section",
        tuple(EXCLUSIONS), (),
        (Code("backstop", ("0.5", "1", "1.25", "3")),),
    ),
    "YY": Flavour(
        "2026-03", ("department", "neighbourhood"), "centre", ("prompt", "ordinary", "complex"),
        "hotline_office", "hotline_office", (), (),
        (
            Code("lead_hard_or_backstop"), Code("repeat_governance"), Code("efficiency"),
            Code("false_report"), Code("media"), Code("shirking"), Code("attitude"),
            Code("entered_score", ("71", "85", "85.5", "100"), once=True),
        ),
    ),
    "SW": Flavour(
        "2015-03", ("one_stop", "one_stop", "district_other", "chengtou"), "third_party", (),
        "hotline_office", "leading_group", (), ("outside_system", "other_unit"),
        (
            Code("bonus", ("0.5", "1", "1.75", "3")), Code("deduct"),
            Code("base", ("0", "12.5", "20"), once=True),
            Code("entered_score", ("71", "85", "85.5", "100"), once=True),
        ),
    ),
    "ZZ": Flavour(
        "2026-03", ("town", "department"), "mayor_platform", (), "mayor_platform", "hotline_centre",
        ("unreasonable", "unreasonable", "unreasonable", "military"), ("noncompliant",),
        (
            Code("meeting_absent"), Code("criticism"), Code("org_rules", ("0", "5"), once=True),
            Code("org_staffing", ("0", "5"), once=True),
        ),
    ),
}  # fmt: skip
"""What each policy's months hold, in the words of its document and of the contract."""

_CROWD = 11
"""More units than this are a crowd, with short lives of their orders."""
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def world(policy: str, seed: int) -> World:
    """Make the world of that seed under that policy."""
    rng = Random(f"{policy}{seed}")
    flavour = FLAVOURS[policy]
    begins = datetime.fromisoformat(f"{flavour.month}-01")
    ends = (begins + 31 * _DAY).replace(day=1)
    crowded = rng.random() < 0.03
    count = rng.randint(_CROWD + 1, 70) if crowded else rng.choice((1, 2, 2, 3, 3, 4, 5, 6))
    names = [f"U{n:02}" for n in range(count)]
    listings = _listings(rng, names, flavour, begins)
    # Now and then an order goes to a unit the roster does not know.
    pool = [*names, *(["X1"] if rng.random() < 0.25 else []), *names]
    makers = _Lives(rng, policy, flavour, pool, (begins, ends))
    if crowded:
        lives = [makers.bare(name) for name in names for _ in range(rng.choice((0, 1, 2, 2, 3, 3, 4)))]
    else:
        lives = [makers.life() for _ in range(rng.choice((0, 1, 3, 5, 6, 8, 10, 12, 15, 20, 28)))]
    orders = {f"O{n:02}": tuple(life) for n, life in enumerate(lives)}
    # An as-of inside the month leaves limits open and later events uncounted.
    late_as_of = ends + timedelta(days=rng.randint(0, 40), seconds=rng.choice((-1, 0, 3600)))
    as_of = late_as_of if rng.random() < 0.85 else begins + timedelta(seconds=rng.randint(0, 31 * 86400))
    return World(
        policy=policy,
        seed=seed,
        month=flavour.month,
        as_of=as_of,
        listings=listings,
        orders=orders,
        entered=tuple(
            _entered(rng, flavour, sorted({*names} if listings else {*pool}), orders, (begins, ends))
        ),
    )


def _listings(
    rng: Random, names: Sequence[str], flavour: Flavour, begins: datetime
) -> tuple[Listing, ...] | None:
    """List the units: not at all, all in one pool, or each in any, some for a part of the time only."""
    if rng.random() < 0.15:
        return None
    one_pool = rng.choice(flavour.pools) if rng.random() < 0.3 else None
    if len(names) > _CROWD and rng.random() < 0.8:
        one_pool = flavour.pools[1]  # under JY the one whose volume is ranked down to the fortieth
    listings: list[Listing] = []
    for name in [*names, *(["Z9"] if rng.random() < 0.2 else [])]:
        first = one_pool or rng.choice(flavour.pools)
        drawn, moved_on = rng.random(), (begins + rng.randint(-3, 33) * _DAY).date()
        if drawn < 0.88:
            listings.append(Listing(name, first))
        elif drawn < 0.92:
            listings.append(Listing(name, first, to_on=moved_on))
        elif drawn < 0.96:
            listings.append(Listing(name, first, from_on=moved_on))
        else:
            listings.append(Listing(name, first, to_on=moved_on - _DAY))
            listings.append(Listing(name, rng.choice(flavour.pools), from_on=moved_on))
    return tuple(listings)


def _entered(
    rng: Random,
    flavour: Flavour,
    units: Sequence[str],
    orders: Mapping[str, Any],
    month: tuple[datetime, datetime],
) -> Iterator[Entered]:
    begins, ends = month
    many = [code for code in flavour.codes if not code.once]
    favoured = rng.sample(many, rng.randint(1, len(many)))
    some = rng.sample(list(units), rng.randint(1, len(units)))
    # Now and then so many that caps and floors are reached.
    drawn = [
        (rng.choice(favoured), rng.choice(some)) for _ in range(rng.choice((0, 0, 1, 2, 3, 4, 6, 10, 16)))
    ]
    for code in flavour.codes:
        share = rng.choice((0.0, 0.5, 1.0)) if code.once else 0.0
        drawn += [(code, unit) for unit in units if rng.random() < share]
    for code, unit in drawn:
        at = _edge(rng, begins + timedelta(seconds=rng.randint(0, 31 * 86400 - 1)), begins, ends, 0.15)
        if rng.random() < 0.1:
            at += rng.choice((-31, 31)) * _DAY
        yield Entered(
            unit,
            at,
            code.code,
            Fraction(rng.choice(code.points)) if code.points else None,
            order_id=rng.choice([*orders, "O99", ""]) if rng.random() < 0.6 else "",
            good=rng.choice((True, False)) if rng.random() < 0.25 else None,
            confirmed_by=flavour.confirmer if rng.random() < 0.75 else rng.choice(("", "", "working_group")),
        )


def _edge(rng: Random, at: datetime, begins: datetime, ends: datetime, chance: float) -> datetime:
    """Move a time to an edge of the month, now and then."""
    return rng.choice((begins - _SECOND, begins, ends - _SECOND, ends)) if rng.random() < chance else at


class _Lives:
    """Makes one order's life after another."""

    def __init__(
        self,
        rng: Random,
        policy: str,
        flavour: Flavour,
        units: Sequence[str],
        month: tuple[datetime, datetime],
    ) -> None:
        self.rng = rng
        self.policy = policy
        self.flavour = flavour
        self.units = units
        self.begins, self.ends = month
        self.now = self.begins
        self.events: list[Event] = []
        # Each world has its own habits, so that whole months lack a callback, a closing, an answer.
        self.closes = rng.choice((0.0, 0.6, 0.9, 0.95, 1.0, 1.0))
        self.calls = rng.choice((0.0, 0.6, 0.9, 0.95, 1.0, 1.0))
        self.answers = rng.choice((0.5, 0.85, 0.95, 1.0))
        self.rightly = rng.choice((0.1, 0.8, 0.9, 1.0))
        self.pleased = rng.choice((0.0, 0.3, 0.6, 0.9, 1.0))
        self.punctual = rng.choice((0.0, 0.5, 0.8, 0.95, 1.0))
        self.contacts = rng.choice((0.0, 0.6, 0.85, 1.0))
        self.anonymous = rng.choice((0.0, 0.1, 0.3, 1.0))
        self.asks = rng.choice((0.0, 0.2, 0.6))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def bare(self, unit: str) -> list[Event]:
        """Give a short life without a turn, for months of many units."""
        self.now = self.begins + timedelta(seconds=self.rng.randint(0, 20 * 86400))
        self.events = []
        self._say("receive")
        self._say("dispatch", unit=unit)
        self._say("accept")
        if self.chance(0.6):
            self._say("resolve", outcome="resolved")
            outcome, satisfaction = self._answer(OUTCOMES), self._answer(SATISFACTION)
            self._say("revisit", result="effective", outcome=outcome, satisfaction=satisfaction,
                      process_satisfaction=satisfaction)  # fmt: skip
            self._say("close")
        return self.events

    def life(self) -> list[Event]:
        """Give a life as it may happen, in order of time."""
        self._start()
        self._opening()
        if self.chance(0.03):
            self._say("resolve", category="direct")
            self._close()
        elif self.chance(0.03):
            self._say("hand_back")
        else:
            self._work()
        self._turns()
        if self.chance(0.05):
            del self.events[: self.rng.randint(1, 4)]  # an order that begins in the middle
        # Stable: rows of one second keep their order.
        return sorted(self.events, key=lambda one: one.at)

    def _start(self) -> None:
        first = self.begins - self.rng.choice((0, 0, 0, 2, 9, 30)) * _DAY
        self.now = first + timedelta(seconds=self.rng.randint(0, 24 * 86400))
        self.events = []

    def _say(self, event: str, unit: str = "", role: str = "", **said: Any) -> None:
        waits = (0, 1, 600, 1800, 1801, 7200, 20_000, 50_000, 86_400, 90_000, 200_000, 400_000)
        self.now += timedelta(seconds=self.rng.choice(waits))
        if self.chance(0.03):
            edge = _edge(self.rng, self.now, self.begins, self.ends, 1.0)
            self.now = max(self.now, edge)
        known = {name: value for name, value in said.items() if value is not None and value != ""}
        self.events.append(Event(event, self.now, unit, role, known))

    def _due(self) -> datetime:
        days = self.rng.choice((20, 30) if self.chance(self.punctual) else (0, 1, 2, 4, 7))
        return _edge(self.rng, self.now + timedelta(days=days, hours=7), self.begins, self.ends, 0.1)

    def _opening(self) -> None:
        self._say(
            "receive",
            anonymous=True if self.chance(self.anonymous) else self.rng.choice((None, False)),
            urgent=True if self.chance(0.1) else None,
            order_due=self._due() if self.chance(0.7) else None,
            law_due=self._due() if self.chance(0.15) else None,
            case_type=self.rng.choice(list(CASE_TYPES)) if self.chance(0.8) else None,
            repeat_of="O00" if self.chance(0.1) else None,
        )
        if self.chance(0.9):
            self._say("register")

    def _work(self) -> None:
        for turn in range(4):
            self._dispatch()
            if not self._returned() or turn == 3:
                break
            if self.chance(0.25):
                return
        if self.chance(0.1):
            return
        self._feedback()
        self._close()
        while self.chance(0.12):
            self._say("redo", unit=self.rng.choice(self.units) if self.chance(0.3) else "")
            if self.chance(0.8):
                self._say("accept")
            if self.chance(0.8):
                self._feedback()
                self._close()

    def _dispatch(self) -> None:
        unit = self.rng.choice(self.units) if self.chance(0.98) else ""
        classes = self.flavour.classes
        self._say(
            "dispatch",
            unit=unit,
            handling_class=self.rng.choice(classes) if classes and self.chance(0.8) else None,
            order_due=self._due() if self.chance(0.3) else None,
            site_visit=True if self.chance(0.1) else None,
            assisting=self.rng.choice(self.units) if self.chance(0.1) else None,
        )
        if self.chance(self.contacts / 2):
            self._contact()
        if self.chance(0.93):
            self._say("accept", unit=unit)
        if self.chance(self.contacts / 2):
            self._contact()
        if self.chance(0.12):
            self._extend()

    def _contact(self) -> None:
        self._say("contact", evidence=self.rng.choice(("rec-1", "rec-1", None)))

    def _returned(self) -> bool:
        """Ask for a return, now and then; tell whether the unit got rid of the order."""
        if not self.chance(0.22):
            return False
        kinds = self.flavour.return_kinds
        self._say(
            "request_return",
            reason="x",
            owner="y",
            basis="z",
            return_kind=self.rng.choice(kinds) if kinds and self.chance(0.75) else None,
            caller_told=self.rng.choice((True, False, None)),
        )
        decided = self.rng.random()
        if decided < 0.65:
            self._say("approve_return", role=self._role(self.flavour.approver))
            return self.chance(0.9)
        if decided < 0.85:
            self._say("refuse_return")
        return False

    def _role(self, named: str) -> str:
        return self.rng.choice((named, named, named, "", "handling_unit"))

    def _extend(self) -> None:
        self._say("request_extension", reason="x", report="y")
        decided = self.rng.random()
        if decided < 0.6:
            due = self._due() if self.chance(0.8) else None
            self._say("approve_extension", role=self._role("hotline_office"), order_due=due)
        elif decided < 0.8:
            self._say("refuse_extension")

    def _feedback(self) -> None:
        self._say(
            "resolve",
            outcome=self.rng.choice(list(OUTCOMES)),
            finding=self._finding(),
            signed_by="s" if self.chance(0.5) else None,
        )
        if self.chance(0.05):
            self._say("send_back", reason="x")
            self._say("resolve", outcome="resolved")

    def _finding(self) -> str | None:
        return self.rng.choice(list(FINDINGS)) if self.chance(0.5) else None

    def _close(self) -> None:
        while self.chance(self.calls * 0.75):
            self._call()
            if self.chance(0.6):
                break
        if self.chance(self.closes):
            self._say("close", finding=self._finding())
            while self.chance(self.calls * 0.4):
                self._call()

    def _call(self) -> None:
        answers: list[str | None] = [None, None, None]
        result = self.rng.choice(("effective", "effective", "effective", "connected", "not_connected", None))
        if result != "not_connected" or self.chance(0.1):
            kinds = (OUTCOMES, SATISFACTION, SATISFACTION)
            answers = [self._answer(kind) for kind in kinds]
        others = ("centre", "district", "third_party", "mayor_platform")
        right = self.rng.choice((self.flavour.source, self.flavour.source, None))
        self._say(
            "revisit",
            result=result,
            outcome=answers[0],
            satisfaction=answers[1],
            process_satisfaction=answers[2],
            source=right if self.chance(self.rightly) else self.rng.choice(others),
            contacted=self.rng.choice((True, False)) if self.chance(0.1) else None,
        )

    def _answer(self, kind: Mapping[str, str]) -> str | None:
        if not self.chance(self.answers):
            return None
        return next(iter(kind)) if self.chance(self.pleased) else self.rng.choice(list(kind))

    def _turns(self) -> None:
        """Throw in what may be said at any time, and now and then what no rule foresees."""
        if not self.events:
            return
        turns: list[Callable[[], None]] = []
        if self.flavour.exclusions and self.chance(self.asks):
            turns += [self._exclusion] * self.rng.choice((1, 1, 2))
        if self.chance(0.1):
            turns.append(self._supervised)
        if self.chance(0.12 if self.policy == "ZZ" else 0.03):
            turns.append(self._ruled)
        if self.chance(0.06):
            turns.append(lambda: self._say(self.rng.choice(("flag_urgent", "flag_risk", "note", "urge"))))
        if self.chance(0.08):
            turns.append(self._unforeseen)
        for turn in turns:
            # Each turn starts somewhere in the life so far, or after its end.
            self.now = self.rng.choice(self.events).at
            turn()

    def _ruled(self) -> None:
        """Rule who bears a lateness, of a limit that was said or of the latest."""
        limits = [None, *(event.said.get("order_due") for event in self.events)]
        self._say("rule_overdue", unit=self.rng.choice((*self.units, "")), order_due=self.rng.choice(limits))

    def _exclusion(self) -> None:
        self._say(
            "request_exclusion",
            exclusion=self.rng.choice(self.flavour.exclusions) if self.chance(0.93) else None,
            evidence="e" if self.chance(0.8) else None,
        )
        decided = self.rng.random()
        if decided < 0.7:
            self._say("approve_exclusion", role=self._role(self.flavour.approver))
        elif decided < 0.85:
            self._say("refuse_exclusion", role=self._role(self.flavour.approver))

    def _supervised(self) -> None:
        self._say("supervise", ground="x")
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            self._say("supervision_reply", met=self.rng.choice((False, False, True, None)))

    def _unforeseen(self) -> None:
        event = self.rng.choice(
            ("close", "close", "accept", "dispatch", "redo", "approve_return", "hand_back", "contact")
        )
        unit = self.rng.choice(self.units) if event == "dispatch" else ""
        self._say(event, unit=unit, finding=self._finding() if event == "close" else None)
