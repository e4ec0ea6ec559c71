"""Whose business an event is (JY-R04 to R08): told with rule and clause, and gone when the row is."""

from typing import Any

import pytest
from support.lives import Whose, book, mutants, told, with_rows

from paidan.policies import registry

DOCUMENT = registry.document("JY")
VERSION = DOCUMENT.versions[0]

Events = tuple[tuple[str, dict[str, Any]], ...]
REGISTERED: Events = (("receive", {}), ("register", {}))
AT_WORK: Events = (*REGISTERED, ("dispatch", {"category": "dispatched"}), ("accept", {}))
DIRECT: Events = (("receive", {}), ("register", {"category": "direct"}))
JOINT: Events = (*REGISTERED, ("dispatch", {"category": "joint"}))
CASES = (
    Whose("JY-R04", REGISTERED, "dispatch", ("dispatcher",)),
    Whose("JY-R05", DIRECT, "resolve", ("supervisor", "dispatcher")),
    Whose("JY-R06", AT_WORK, "resolve", ("handling_unit",)),
    Whose("JY-R07", (*JOINT, ("file_dispute", {})), "assign", ("hotline_branch_leader", "main_leader")),
    Whose("JY-R07", JOINT, "assign", ()),
    Whose("JY-R07", JOINT, "assign", ("hotline_branch_leader", "main_leader"), {"jy.joint_leader": "always"}),
    Whose("JY-R07", AT_WORK, "assign", (), {"jy.joint_leader": "always"}),
    Whose("JY-R07", (*AT_WORK, ("file_dispute", {})), "assign", ()),
    Whose("JY-R08", (("receive", {}), ("register", {"category": "chronic"})), "dispatch", ("main_leader",)),
    Whose("JY-R08", REGISTERED, "dispatch", ()),
    Whose("JY-R05", AT_WORK, "resolve", ()),
    Whose("JY-R06", DIRECT, "resolve", ()),
)
MUTANTS = list(mutants(DOCUMENT, ("role",)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_whose_business_an_event_is(case: Whose):
    assert told(case, book(DOCUMENT, case.settings)) == case.roles


@pytest.mark.parametrize("changed", [one for _, one in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_a_deleted_or_shifted_role_is_noticed(changed):
    document = with_rows(DOCUMENT, changed)
    assert any(told(case, book(document, case.settings)) != case.roles for case in CASES)


def test_every_rule_of_the_catalogue_has_one_line_and_a_carrier():
    policy = DOCUMENT.policy(VERSION)
    counts = {"T": 9, "G": 8, "R": 12, "C": 2, "S": 10, "B": 10, "E": 11, "X": 2, "P": 7, "D": 1}
    ids = {rule.rule for rule in policy.rules}
    assert ids == {f"JY-{kind}{number:02d}" for kind, most in counts.items() for number in range(1, most + 1)}
