"""A log with cases beside its orders, taken into a store: what a replay as recorded says comes of them."""

from dataclasses import replace
from itertools import count

import pytest
from support.case_lives import CaseLife, CaseShelf, cases_of
from support.cases import SHELVES
from support.lives import AS_OF, book
from support.logs import write_log

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock

_NUMBERS = count()


def entries_of(log):
    return [(one.event, one.from_state, one.to_state, one.at, one.rule, one.role, one.unit) for one in log]


@pytest.mark.parametrize(
    ("shelf", "life"),
    [pytest.param(shelf, life, id=f"{shelf.name}: {life.says}") for shelf in SHELVES for life in shelf.lives],
)
@pytest.mark.parametrize("enforce", [False, True])
def test_an_import_does_to_cases_what_a_replay_does_and_once(
    shelf: CaseShelf, life: CaseLife, enforce, tmp_path
):
    rules = book(shelf.document, life.settings)
    replayed = cases_of(replace(life, as_recorded=True), rules, enforce=enforce)
    told = {case.order.order_id: entries_of(case.entries) for case in replayed if case.entries}
    log = write_log(tmp_path / "log.csv", life.happens)
    url = f"memory://import-cases-{next(_NUMBERS)}"
    with Engine.open(url, shelf.name, settings=life.settings, clock=SimulatedClock(AS_OF)) as engine:
        first = engine.import_logs([log], enforce=enforce)
        assert {name: entries_of(engine.history(name)) for name in told} == told
        again = engine.import_logs([log], enforce=enforce)
        assert (again.applied, again.already_there) == (0, first.applied)
        assert {name: entries_of(engine.history(name)) for name in told} == told
