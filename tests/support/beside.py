"""Lives of orders and the cases about them, lived step by step, and what a replay makes of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.intake.events import read_logs
from paidan.engine.replay_cases import replay_cases
from paidan.engine.replay_order import Replayed, replay_order
from paidan.workflows.attributes import ORDER_ENTRY, WRITTEN
from paidan.workflows.cases import EVENT_OF, OPENINGS, about, case_id, ended, workflow_of
from paidan.workflows.records import BEIJING, Entry

BEGAN = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
ORDERS = ("O", "O~1")
POLICIES = ("BS", "JY", "YY", "ZZ")
_SIGNERS = ("unit_head", "business_branch_leader", "hotline_branch_leader", "main_leader")
_SAID: Mapping[str, Mapping[str, Any]] = {
    "register": {"category": "topic"},
    "dispatch": {"unit": "甲", "handling_class": "complex", "order_due": "2026-03-20"},
    "accept": {"unit": "甲"},
    "supervise": {"ground": "推诿扯皮"},
    "revisit": {"satisfaction": "dissatisfied", "source": "district", "result": "effective"},
    "request_extension": {"reason": "情况复杂", "report": "附后", "role": "handling_unit"},
    "file_dispute": {"number": "征1", "earlier_handling": "已联系", "difficulty": "权属", "proposal": "乙"},
    "issue_sheet": {"number": "督办1", "role": "dispatcher"},
    "end_supervision": {"role": "party_government_office"},
    "receive_enquiry": {"role": "licensing_section"},
    "examine_extension": {"role": "hotline_office"},
    "report_extension": {"role": "district_office"},
    "meet_on_topic": {"lead": "甲", "minutes": "纪要"},
    "drop_supervision": {"reason": "已办结"},
}
_NEXT = {
    "received": "register", "registered": "dispatch", "dispatched": "accept", "accepted": "contact",
    "contacted": "resolve", "extended": "resolve", "returned": "dispatch", "resolved": "revisit",
    "revisited": "redo", "closed": "redo",
}  # fmt: skip
_ASIDE = (
    *("supervise", "supervise", "supervision_reply", "supervision_reply", "file_dispute", "file_dispute"),
    *("sign", "sign", "sign", "sign", "request_return", "approve_return", "revisit", "note"),
)
_ASKS = (*_ASIDE, *("request_extension",) * 8, "approve_extension", "refuse_extension")
_AT_WORK = ("accepted", "contacted", "extended")


class Life:
    """Steps drawn from a seed: time passes, something is asked of an order or a case, a sweep is made."""

    def __init__(self, engine: Engine, clock: SimulatedClock, rng: Random) -> None:
        self.engine = engine
        self.clock = clock
        self.rng = rng
        for order in ORDERS:
            engine.submit(order, "receive", actor="1")

    def step(self) -> None:
        """Take one."""
        rng = self.rng
        wait = rng.choice((0, 0, 0, 0, 1, 60, 600, 3600, 20_000, 200_000))
        self.clock.advance_to(self.clock.now() + timedelta(seconds=wait))
        cases = self.engine.cases()
        if (drawn := rng.random()) < 0.15:
            self.engine.sweep()
        elif cases and drawn < 0.5:
            self._of_case(rng.choice(cases).order_id)
        else:
            order = ORDERS[rng.random() < 0.2]
            going = _NEXT.get(self.engine.order(order).state)
            aside = _ASKS if self.engine.order(order).state in _AT_WORK else _ASIDE
            self._ask(order, going if going and rng.random() < 0.3 else rng.choice(aside))

    def _of_case(self, case: str) -> None:
        log = self.engine.history(case)
        own = [one for one in log if one.event == "issue_sheet"]
        if own and self.rng.random() < 0.1:
            said = {"entry": own[-1].seq, "field": "number", "before": own[-1].attributes.get("number")}
            self._ask(case, "correct", **said, after="督办2", reason="笔误", role="hotline_office")
            return
        events = [one.name for one in workflow_of(case).events if not one.by_engine and one.name != "correct"]
        self._ask(case, self.rng.choice(events))

    def _ask(self, of: str, event: str, **said: Any) -> None:
        said = {**_SAID.get(event, {}), **said}
        if event == "issue_sheet":
            said["reply_due"] = self.clock.now() + timedelta(seconds=self.rng.choice((10, 3600, 200_000)))
        if event == "supervision_reply":
            said["met"] = self.rng.random() < 0.5
        if event == "sign":
            said |= {"role": self._signer(of), "responsible": "乙"}
        self.engine.submit(of, event, actor="1", **said)

    def _signer(self, order: str) -> str:
        """Name who signs next of an enquiry, most of the time."""
        found = self.engine.cases(order, "enquiry")
        signed = (found[-1].facts.get("signatures") or 0) if found else 0
        return _SIGNERS[signed % 4] if self.rng.random() < 0.8 else self.rng.choice(_SIGNERS)


def lived(engine: Engine, clock: SimulatedClock, seed: int, steps: int = 40) -> None:
    """Live, and raise what is overdue in the end."""
    life = Life(engine, clock, Random(seed))
    for _ in range(steps):
        life.step()
    engine.sweep()


def replayed(engine: Engine, file: Path, *, enforce: bool = True) -> dict[str, Replayed]:
    """Give what a replay as recorded makes of the export of all that an engine keeps, by id."""
    engine.export(file)
    log, now, books = read_logs([file]), engine.now(), engine._governing.books()
    assert not log.rejected, log.rejected
    found: dict[str, Replayed] = {}
    told = {one: list(log.of(one, as_recorded=True)) for one in log.orders}
    for of in {about(one) for one in told}:
        own = {one: rows for one, rows in told.items() if one != of and about(one) == of}
        if of in told:
            rules = books.governing(told[of][0].at.date())[0]
            found[of] = replay_order(of, told[of], rules, now, enforce=enforce, as_recorded=True)
        heard = found[of].heard if of in found else ()
        for case, _ in replay_cases(heard, own, books, now, enforce=enforce, as_recorded=True):
            found[case.order.order_id] = case
    return found


def kept(engine: Engine) -> Iterator[str]:
    """Name all that is kept."""
    return (one.order.order_id for one in engine._store.orders())


def plain(log: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """Give a log but for when the engine wrote what it did, and where what was asked was told from."""
    told = []
    for one in log:
        engine = EVENT_OF[one.event].by_engine
        said = {
            name: value
            for name, value in one.attributes.items()
            if name not in WRITTEN or (engine and name == ORDER_ENTRY)
        }
        told.append((*one[:6], None if engine else one.recorded_at, *one[7:12], said))
    return told


def check_cases(engine: Engine) -> int:
    """Hold every case against the log of its order; give how many there are."""
    count = 0
    for case in engine.cases():
        of, log = case_id(case.order_id), engine.history(case.order_id)
        assert of is not None
        assert [one.seq for one in log] == list(range(1, len(log) + 1))
        assert all(one.recorded_at <= other.recorded_at for one, other in pairwise(log))
        order = engine.history(of.about)
        by = [one.attributes[ORDER_ENTRY] for one in log if EVENT_OF[one.event].follows]
        for one in log:
            if EVENT_OF[one.event].follows and one.event not in OPENINGS:
                assert order[one.attributes[ORDER_ENTRY] - 1].event in EVENT_OF[one.event].follows
        assert len(by) == len(set(by)), f"{case.order_id} follows twice"
        count += 1
    still = [(about(one.order_id), workflow_of(one.order_id).name)
             for one in engine.cases() if not ended(one.order_id, one.state)]  # fmt: skip
    assert len(still) == len(set(still)), f"two of a kind are open: {still}"
    return count
