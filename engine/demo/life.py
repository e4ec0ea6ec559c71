"""One order being written, step by step; the ways it can go are in `ways` and `faults`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from paidan.engine.demo.chance import Draw, Limits
from paidan.engine.demo.street import CHANNELS, Topic
from paidan.workflows.records import Command


class Post(NamedTuple):
    """Who does something: a post, never a person."""

    actor: str
    role: str
    unit: str = ""


SUPERVISOR = Post("监督员巡查岗", "supervisor")
CENTRE_HEAD = Post("城运中心负责人", "centre_head")
BRANCH_LEADER = Post("热线分管领导", "hotline_branch_leader")
MAIN_LEADER = Post("主要领导", "main_leader")
ADMINISTRATIVE_HEAD = Post("行政主要领导", "administrative_head")
DISTRICT = Post("区热线办回访岗", "district_office")
SUPERVISION = Post("区热线办督办岗", "district_office")

_DONE_IN_TIME = {
    "JY-T01": 0.96, "JY-T02": 0.95, "JY-T03": 0.92, "JY-T04": 0.93, "JY-T05": 0.84, "JY-T09": 0.9,
}  # fmt: skip
_CALLBACKS = {"effective": 78, "connected": 10, "not_connected": 12}
_LENGTHS = {1: 3, 2: 6, 3: 14, 5: 42, 7: 10, 10: 18, 15: 7}
"""Working days that the centre gives an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is true of an order before anybody works on it."""

    order_id: str
    received_at: datetime
    topic: Topic
    unit: str
    slack: float
    way: str
    urgent: bool = False
    anonymous: bool = False
    site_visit: bool = False
    hazard: bool = False
    working_days: int | None = None
    category: str = "dispatched"
    repeat_of: str | None = None


class Life:
    """
    An order's commands so far. `at` is the time of the last one; none may lie before it.

    Steps that have a limit keep it about as often as the unit at work keeps its limits.
    """

    def __init__(self, case: Case, draw: Draw, limits: Limits) -> None:
        self.case, self.draw, self.limits = case, draw, limits
        self.at = case.received_at
        self.unit = case.unit
        self.dispatched_at = case.received_at
        self.order_due: datetime | None = None
        self.contacted = False
        self.commands: list[Command] = []
        self.centre = Post(f"坐席{draw.whole(1, 8):02d}", "dispatcher")

    @property
    def handler(self) -> Post:
        """The unit's informant (信息员) at work."""
        return Post(f"{self.unit}信息员A角", "handling_unit", self.unit)

    def write(self, event: str, at: datetime, by: Post, **said: object) -> None:
        """Write an event; attributes that are None are not said."""
        if at < self.at:
            raise ValueError(f"{self.case.order_id}: {event} at {at} before {self.at}")
        attributes = {name: value for name, value in said.items() if value is not None}
        self.commands.append(Command(self.case.order_id, event, at, *by, attributes))
        self.at = at

    def keeps(self, rule: str) -> bool:
        """Say whether this time the limit of `rule` is kept."""
        centre = rule in ("JY-T01", "JY-T02")
        missed = (1 - _DONE_IN_TIME[rule]) * (1.0 if centre else self.case.slack)
        return not self.draw.chance(missed)

    def office(self, until: datetime, after: datetime | None = None) -> datetime:
        """Give a time in office hours from now (or `after`) until then."""
        return self.limits.office(self.draw, max(self.at, after or self.at), max(self.at, until))

    # ---- the centre ----------------------------------------------------------------------------

    def receive(self, **said: object) -> None:
        """Come down from the superior platform."""
        case = self.case
        self.write(
            "receive", case.received_at, Post("区平台", "district_office"), urgent=case.urgent,
            anonymous=case.anonymous, channel=self.draw.weighted(CHANNELS), case_type=case.topic.case_type,
            repeat_of=case.repeat_of, area=case.unit if case.unit.endswith("居民区") else None, **said,
        )  # fmt: skip

    def register(self, **said: object) -> None:
        """Be taken by the centre, mostly within its thirty minutes."""
        due = self.limits.due("JY-T01", self.at)
        at = self.draw.soon(self.at, 1, 6 if self.case.urgent else 28)
        if not self.keeps("JY-T01"):
            at = self.draw.soon(due, 1, 50)
        self.write("register", at, self.centre, **said)

    def begin(self) -> None:
        """Be received, registered and dispatched."""
        self.receive()
        self.register()
        self.dispatch()

    def dispatch(
        self,
        unit: str | None = None,
        *,
        by: Post | None = None,
        within: timedelta | None = None,
        limited: bool = True,
    ) -> None:
        """Go out to the case's unit or another, with a limit of working days, or `within` some time."""
        case = self.case
        if self.dispatched_at == case.received_at and not self.keeps("JY-T02"):
            at = self.draw.soon(self.limits.due("JY-T02", self.at), 1, 70)
        else:
            at = self.draw.soon(self.at, 1, 8 if case.urgent else 28)
        self.unit = unit or self.unit
        days = case.working_days or (self.draw.whole(1, 2) if case.urgent else self.draw.weighted(_LENGTHS))
        due = at + within if within else self.limits.days(at, days)
        self.order_due = due if limited else None
        actor, role, _ = by or self.centre
        self.write(
            "dispatch", at, Post(actor, role, self.unit), category=case.category, order_due=self.order_due,
            site_visit=case.site_visit or None, hazard=case.hazard or None,
        )  # fmt: skip
        self.dispatched_at = at

    # ---- the unit ------------------------------------------------------------------------------

    def accept_time(self, *, timely: bool | None = None) -> datetime:
        """Give the time at which the unit accepts."""
        due = self.limits.due("JY-T03", self.dispatched_at)
        if self.case.urgent:
            return self.draw.soon(self.at, 2, 25)
        if self.keeps("JY-T03") if timely is None else timely:
            return self.office(due)
        return self.office(self.limits.days(due, self.draw.whole(1, 2)), after=due + timedelta(minutes=5))

    def contact(self, at: datetime, by: Post | None = None) -> None:
        """Speak with the caller for the first time; careless units keep no recording (JY-G07)."""
        kept = not self.draw.chance(0.06 * self.case.slack)
        said = f"录音{self.case.order_id[2:]}" if kept else None
        self.write("contact", at, by or self.handler, evidence=said)
        self.contacted = True

    def take_up(self, *, contact: bool | None = None, accept: bool | None = None) -> None:
        """Be accepted, and the caller contacted: by the unit, or by the centre before it."""
        accept_at = self.accept_time(timely=accept)
        if self.contacted or self.case.anonymous:
            self.write("accept", accept_at, self.handler)
            return
        urgent = self.case.urgent
        due = self.limits.due(
            "JY-T05" if urgent else "JY-T04", self.case.received_at,
            urgent_flagged_at=self.case.received_at if urgent else None,
        )  # fmt: skip
        if contact is None:
            contact = self.keeps("JY-T05" if urgent else "JY-T04")
        timely = contact and due > self.at
        if not timely:
            self.write("accept", accept_at, self.handler)
            self.contact(self.draw.soon(max(due, accept_at), 4, 90 if urgent else 1500))
        elif accept_at >= due or self.draw.chance(0.1):
            before = min(due, accept_at)
            by = self.centre if self.draw.chance(0.8) else self.handler
            self.contact(self.limits.waking(self.draw, self.at, before), by)
            self.write("accept", accept_at, self.handler)
        else:
            self.write("accept", accept_at, self.handler)
            together = self.draw.chance(0.07)
            self.contact(accept_at if together else self.limits.waking(self.draw, accept_at, due))

    def settle(self, *, timely: bool | None = None, checked: bool = True) -> None:
        """Be resolved, checked and closed; then perhaps called back by the district."""
        if timely is None:
            timely = self.keeps("JY-T09")
        due = self.order_due or self.limits.days(self.at, 8)
        if timely and due - self.at > timedelta(hours=2):
            close_at = self.office(due, after=self.at + timedelta(hours=1))
        else:
            late_from = max(self.at, due) + timedelta(minutes=10)
            close_at = self.office(self.limits.days(late_from, self.draw.whole(1, 4)), after=late_from)
        self.resolve(self.office(close_at))
        if checked and not (self.case.anonymous and self.draw.chance(0.7)):
            self.call_back(self.office(close_at))
        self.close(close_at)
        self.district()

    def resolve(self, at: datetime, by: Post | None = None, **said: object) -> None:
        """Report what was done; where there is a site, mostly with a record of the visit (JY-G06)."""
        seen = self.case.site_visit and not self.draw.chance(0.12 * self.case.slack)
        outcome = self.draw.weighted({"resolved": 60, "explained": 24, "recorded": 10, "unresolved": 6})
        said = {"outcome": outcome, "evidence": "现场踏勘照片2张" if seen else None, **said}
        self.write("resolve", at, by or self.handler, **said)

    # ---- checked, called back, closed ----------------------------------------------------------

    def answers(self) -> dict[str, str]:
        """Give what a caller says who was reached: how it ended, and whether that is satisfying."""
        careless = int(14 * self.case.slack) + (12 if self.case.repeat_of else 0)
        outcome = self.draw.weighted(
            {"resolved": 58, "explained": 22, "recorded": 9, "unresolved": 4 + careless // 2}
        )
        pleased = 18 if outcome == "unresolved" else 62
        satisfaction = self.draw.weighted(
            {"satisfied": pleased, "basically_satisfied": 22, "neutral": 8, "dissatisfied": 3 + careless}
        )
        return {"outcome": outcome, "satisfaction": satisfaction}

    def call_back(self, at: datetime, **said: object) -> None:
        """Be called back by the centre."""
        result = self.draw.weighted(_CALLBACKS)
        answers = self.answers() if result == "effective" else {}
        asked = result != "not_connected" and not self.case.anonymous
        contacted = self.contacted if asked else None
        said = {"result": result, "source": "centre", "contacted": contacted, **answers, **said}
        self.write("revisit", at, self.centre, **said)

    def district(self, **said: object) -> None:
        """Be called back by the district some days later, as most are; this counts (JY-C02)."""
        if not said and (self.case.anonymous or self.draw.chance(0.28)):
            return
        start = self.at + timedelta(hours=3)
        at = self.limits.waking(self.draw, start, start + timedelta(days=4))
        result = self.draw.weighted(_CALLBACKS)
        answers = self.answers() if result == "effective" and not said else {}
        self.write("revisit", at, DISTRICT, **{"result": result, "source": "district", **answers, **said})

    def close(self, at: datetime) -> None:
        """Be closed by the centre; complaints with a finding."""
        finding = None
        if self.case.topic.case_type == "complaint_report":
            finding = self.draw.weighted({"founded": 55, "partly_founded": 25, "unfounded": 20})
        self.write("close", at, self.centre, finding=finding)
