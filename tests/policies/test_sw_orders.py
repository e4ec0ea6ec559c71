"""Each SW rule an order shows: kept by a second, broken by a second, and gone when its row is."""

import pytest
from support.lives import AS_OF, Life, Whose, book, check, check_enforced, mutants, run, told, with_rows
from support.sw_orders import LIVES, WHOSE

from paidan.engine.decide import raise_overdue
from paidan.policies import registry
from paidan.policies.reader import shown
from paidan.policies.schema import ClockRule, GuardRule, RoleRule

DOCUMENT = registry.document("SW")
VERSION = DOCUMENT.versions[0]
KINDS = ("clock", "guard", "role")


def notices(document) -> None:
    for life in LIVES:
        rules = book(document, life.settings)
        check(life, rules)
        raised = raise_overdue(run(life, rules).order, AS_OF, rules).entries
        assert {entry.rule for entry in raised} <= {"SW-T01", "SW-T04"}, "a window raises no time-out"
    for case in WHOSE:
        assert told(case, book(document, case.settings)) == case.roles


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_the_life_comes_out_as_the_document_says(life: Life):
    check(life, book(DOCUMENT, life.settings))


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_enforced_a_refused_command_leaves_the_order_as_it_was(life: Life):
    check_enforced(life, book(DOCUMENT, life.settings))


@pytest.mark.parametrize("case", WHOSE, ids=lambda case: case.says)
def test_whose_business_an_event_is(case: Whose):
    assert told(case, book(DOCUMENT, case.settings)) == case.roles


MUTANTS = list(mutants(DOCUMENT, KINDS))


@pytest.mark.parametrize("changed", [one for _, one in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_a_deleted_or_shifted_rule_is_noticed(changed):
    with pytest.raises(Exception):  # noqa: B017, PT011 - noticed in whatever way
        notices(with_rows(DOCUMENT, changed))


def test_every_carried_row_is_among_the_mutants():
    carried = (ClockRule, GuardRule, RoleRule)
    cited = {rule.rule for rule in DOCUMENT.policy(VERSION).rules if isinstance(rule, carried)}
    assert cited == {name.split()[0] for name, _ in MUTANTS}


def test_every_rule_of_the_catalogue_has_one_line_and_a_carrier():
    counts = {"T": 5, "G": 2, "R": 4, "C": 1, "S": 8, "B": 2, "X": 1, "P": 5, "D": 1}
    ids = {rule.rule for rule in DOCUMENT.policy(VERSION).rules}
    assert ids == {f"SW-{kind}{number:02d}" for kind, most in counts.items() for number in range(1, most + 1)}
    assert len(ids) == 29


def test_every_reading_that_may_be_chosen_is_tried():
    tried = {pair for one in (*LIVES, *WHOSE) for pair in one.settings.items()}
    for name, setting in DOCUMENT.settings.items():
        if name not in DOCUMENT.shared and not setting.planned:
            others = {shown(reading) for reading in setting.readings if reading != setting.default}
            assert {(name, reading) for reading in others} <= tried
