"""Random lives of one live order: late knowledge, corrections, sweeps and notices at any time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.corrections import corrected, value_of
from paidan.engine.errors import NotFoundError, UsageError
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ATTRIBUTE_OF, SAYABLE, Holds, correctable
from paidan.workflows.records import BEIJING
from paidan.workflows.work_order import EVENTS
from support.notices import EVE, written

START = datetime(2026, 12, 28, 8, tzinfo=BEIJING)
"""Three days before the year whose holidays nobody knows yet."""
ASKED = [event.name for event in EVENTS if not event.by_engine and event.name not in ("correct", "receive")]
GAPS = (0, 1, 60, 1799, 1800, 1801, 7200, 40_000, 86_400, 300_000)
USUAL = (
    ("register", "dispatch", "contact", "accept", "resolve", "revisit", "close"),
    ("register", "dispatch", "accept", "request_extension", "approve_extension", "contact", "resolve"),
    ("register", "dispatch", "request_return", "approve_return", "dispatch", "accept", "contact", "resolve"),
    ("register", "dispatch", "accept", "contact", "resolve", "revisit", "redo", "accept", "resolve", "close"),
)
NEEDED = {
    "dispatch": ("order_due",),
    "request_extension": ("reason", "report"),
    "request_return": ("reason", "owner", "basis"),
    "approve_extension": ("order_due",),
    "revisit": ("result",),
    "resolve": ("outcome", "result_text"),
}
"""What is said as a rule, lest everything be refused."""


class Step(NamedTuple):
    """Something done after so many seconds; `back` says that it had happened so many before."""

    kind: str
    after: int
    event: str = ""
    back: int = 0
    said: tuple[tuple[str, Any], ...] = ()
    pick: int = 0


def values(name: str) -> st.SearchStrategy[Any]:
    attribute = ATTRIBUTE_OF[name]
    if attribute.holds is Holds.FLAG:
        return st.booleans()
    if attribute.choices:
        return st.sampled_from(sorted(attribute.choices))
    if attribute.holds is Holds.TEXT:
        return st.sampled_from(["甲", '乙 "丙", 丁\n戊'])
    return st.sampled_from([0, 3600, 86_400, 864_000]).map(lambda second: START + timedelta(seconds=second))


@st.composite
def steps(draw: st.DrawFn, *, notices: bool = True, events: Sequence[str] = ASKED) -> list[Step]:
    """A usual life with all sorts of things done in between."""
    told: list[Step] = []
    usual = draw(st.sampled_from(USUAL))
    for event in usual[: draw(st.integers(0, len(usual)))]:
        told.append(_told(draw, event))
        for _ in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from(["event", "correct", "correct", "sweep", "notice"]))
            if kind == "event":
                told.append(_told(draw, draw(st.sampled_from(events))))
            elif kind != "notice" or notices:
                said = (("shift", draw(st.sampled_from(GAPS)) * draw(st.sampled_from([-1, 1]))),)
                told.append(
                    Step(kind, draw(st.sampled_from(GAPS)), said=said, pick=draw(st.integers(0, 999)))
                )
    return told


def _told(draw: st.DrawFn, event: str) -> Step:
    sayable = sorted(SAYABLE[event] - {"backdated"})
    names = set(draw(st.lists(st.sampled_from(sayable), max_size=3)) if sayable else [])
    names.update(name for name in NEEDED.get(event, ()) if name in sayable)
    said = tuple((name, draw(values(name))) for name in sorted(names))
    back = draw(st.sampled_from([0, 0, *GAPS]))
    return Step("event", draw(st.sampled_from(GAPS)), event, back, said, draw(st.integers(0, 2)))


class Lived:
    """An order "A" in a store, taken through steps; what is refused is passed over."""

    def __init__(self, url: str, policy: str, folder: Path, clock: SimulatedClock | None = None) -> None:
        self.clock = clock or SimulatedClock(START)
        ladder = {"warn.before": "30m,2h", "escalate.after": "1h,1d"}
        self.engine = Engine.open(url, policy, clock=self.clock, settings=ladder)
        self.folder = folder
        self.accepted = 0
        self.engine.submit("A", "receive", order_due=START + timedelta(days=9))

    def now(self, rules: Rulebook) -> datetime:
        """The engine's time: never before the notice was loaded, which counts from the second after."""
        return max([self.clock.now(), *(since for since, _ in rules.editions)])

    def take(self, step: Step) -> None:
        now = self.clock.advance_to(self.clock.now() + timedelta(seconds=step.after))
        if step.kind == "sweep":
            self.engine.sweep()
        elif step.kind == "notice":
            self.engine.load_calendar(written(self.folder, EVE))
        elif step.kind == "correct":
            self.correct(step)
        else:
            late = {"at": now - timedelta(seconds=step.back), "backdated": "补录"} if step.back else {}
            unit = ("", "甲科", "乙科")[step.pick]
            self._submit(step.event, unit=unit, role="centre_head", **{**dict(step.said), **late})

    def correct(self, step: Step) -> None:
        """Correct a field of an entry as it stands to something else, most often a time."""
        log = [one for one in corrected(self.engine.history("A")) if correctable(one.event)]
        entry = log[step.pick % len(log)]
        fields = sorted(correctable(entry.event))
        field = "at" if step.pick % 3 else fields[step.pick % len(fields)]
        stands = value_of(entry, field)
        kind = ATTRIBUTE_OF[field].holds if field in ATTRIBUTE_OF else None
        after: Any
        if field == "at":
            after = entry.at + timedelta(seconds=step.said[0][1])
        elif kind is Holds.FLAG:
            after = None if stands and step.pick % 2 else not stands
        elif kind in (Holds.INSTANT, Holds.DUE):
            after = START + timedelta(days=step.pick % 20)
        elif kind is Holds.CHOICE:
            names = sorted(ATTRIBUTE_OF[field].choices or ())
            after = names[step.pick % len(names)]
        else:
            after = None if stands and step.pick % 2 else f"丙{step.pick % 3}"
        said = {"entry": entry.seq, "field": field, "before": stands, "after": after}
        self._submit("correct", reason="登记有误", role="hotline_office", **said)

    def _submit(self, event: str, **said: Any) -> None:
        try:
            self.accepted += self.engine.submit("A", event, **said).accepted
        except (UsageError, NotFoundError):  # a value that the document does not list
            return
