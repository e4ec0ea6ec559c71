"""Cases beside orders, imported or lived: what a replay as recorded says comes of them, in a store."""

from dataclasses import replace
from itertools import count

import pytest
from support.case_lives import CaseLife, CaseShelf, cases_of
from support.cases import SHELVES
from support.lives import AS_OF, beijing, book
from support.logs import write_log

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock

_NUMBERS = count()


def entries_of(log):
    return [(one.event, one.from_state, one.to_state, one.at, one.rule, one.role, one.unit) for one in log]


EACH_LIFE = pytest.mark.parametrize(
    ("shelf", "life"),
    [pytest.param(shelf, life, id=f"{shelf.name}: {life.says}") for shelf in SHELVES for life in shelf.lives],
)


def replayed(shelf: CaseShelf, life: CaseLife, *, enforce: bool):
    rules = book(shelf.document, life.settings)
    cases = cases_of(replace(life, as_recorded=True), rules, enforce=enforce)
    return {case.order.order_id: entries_of(case.entries) for case in cases if case.entries}


def opened(shelf: CaseShelf, life: CaseLife, clock: SimulatedClock) -> Engine:
    return Engine.open(f"memory://cases-{next(_NUMBERS)}", shelf.name, settings=life.settings, clock=clock)


@EACH_LIFE
def test_an_import_does_to_cases_what_a_replay_does_and_once(shelf: CaseShelf, life: CaseLife, tmp_path):
    told = replayed(shelf, life, enforce=False)
    log = write_log(tmp_path / "log.csv", life.happens)
    with opened(shelf, life, SimulatedClock(AS_OF)) as engine:
        first = engine.import_logs([log])
        assert {name: entries_of(engine.history(name)) for name in told} == told
        again = engine.import_logs([log])
        assert (again.applied, again.already_there) == (0, first.applied)
        assert {name: entries_of(engine.history(name)) for name in told} == told


@EACH_LIFE
def test_what_is_lived_is_what_is_replayed_and_what_is_rebuilt(shelf: CaseShelf, life: CaseLife, tmp_path):
    told = replayed(shelf, life, enforce=True)
    clock = SimulatedClock(beijing(life.happens[0][2]))
    with opened(shelf, life, clock) as engine:
        for about, event, at, said in life.happens:
            clock.advance_to(beijing(at))
            done = engine.submit(about, event, **said)
            assert done.accepted != any(one.refuses for one in done.findings)
        clock.advance_to(AS_OF)
        engine.sweep()
        assert {name: entries_of(engine.history(name)) for name in told} == told
        assert engine.rebuild() is False
        rows = engine.export(tmp_path / "log.csv")
    with opened(shelf, life, SimulatedClock(AS_OF)) as engine:
        assert engine.import_logs([tmp_path / "log.csv"], enforce=True).refused == 0
        assert {name: entries_of(engine.history(name)) for name in told} == told
        assert engine.export(tmp_path / "again.csv") == rows


def test_a_signature_out_of_turn_stays_with_the_order_and_a_note_says_that_its_case_does_not_move():
    shelf = next(one for one in SHELVES if one.name == "BS")
    life = shelf.lives[0]
    with opened(shelf, life, SimulatedClock(AS_OF)) as engine:
        for about, event, _, said in life.happens[:4]:
            engine.submit(about, event, **said)
        before = engine.order("O~enquiry~1")
        done = engine.submit("O", "sign", role="main_leader", responsible="乙")
        assert (done.accepted, engine.order("O~enquiry~1")) == (True, before)
        told = {one.rule: (one.text, one.refuses) for one in done.reasons()}
    assert told["BS-R04"] == (
        "案件 O~enquiry~1 未变动。第一签：承办单位主要领导：只能由单位主要负责人办理，不是主要领导", False
    )  # fmt: skip
