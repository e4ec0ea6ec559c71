"""Whose business an event is (JY-R04 to R08): told with rule and clause, and gone when the row is."""

import copy

import pytest
from support.jy_orders import beijing

from paidan.engine.availability import available
from paidan.engine.decide import decide
from paidan.policies import registry
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import Command, Order

DOCUMENT = registry.document("JY")
VERSION = DOCUMENT.versions[0]
NOW = beijing("2026-03-02 12:00:00")

Events = tuple[tuple[str, dict[str, str]], ...]
REGISTERED: Events = (("receive", {}), ("register", {}))
AT_WORK: Events = (*REGISTERED, ("dispatch", {"category": "dispatched"}), ("accept", {}))
DIRECT: Events = (("receive", {}), ("register", {"category": "direct"}))
JOINT: Events = (*REGISTERED, ("dispatch", {"category": "joint"}))
CASES: tuple[tuple[str, Events, str, tuple[str, ...], dict[str, str]], ...] = (
    ("JY-R04", REGISTERED, "dispatch", ("dispatcher",), {}),
    ("JY-R05", DIRECT, "resolve", ("supervisor", "dispatcher"), {}),
    ("JY-R06", AT_WORK, "resolve", ("handling_unit",), {}),
    ("JY-R07", (*JOINT, ("file_dispute", {})), "assign", ("hotline_branch_leader", "main_leader"), {}),
    ("JY-R07", JOINT, "assign", (), {}),
    ("JY-R07", JOINT, "assign", ("hotline_branch_leader", "main_leader"), {"jy.joint_leader": "always"}),
    ("JY-R07", AT_WORK, "assign", (), {"jy.joint_leader": "always"}),
    ("JY-R08", (("receive", {}), ("register", {"category": "chronic"})), "dispatch", ("main_leader",), {}),
    ("JY-R08", REGISTERED, "dispatch", (), {}),
    ("JY-R05", AT_WORK, "resolve", (), {}),
    ("JY-R06", DIRECT, "resolve", (), {}),
)  # fmt: skip


def told(case, document=DOCUMENT):
    rule, events, asked, _, settings = case
    rules = Rulebook(document.policy(document.versions[0], settings))
    order = Order("O")
    for minute, (event, said) in enumerate(events):
        at = beijing(f"2026-03-02 09:{minute:02d}:00")
        order = decide(order, Command("O", event, at, attributes=said), rules, observe=True).order
    found = next(one for one in available(order, rules, NOW) if one.event == asked)
    return tuple(role for whose in found.whose if whose.rule == rule and whose.clause for role in whose.roles)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case[0]} {case[2]} {'/'.join(case[3]) or 'nobody'}"
)
def test_whose_business_an_event_is(case):
    assert told(case) == case[3]


def mutants():
    for position, row in enumerate(VERSION.rows["role"]):
        rows = copy.deepcopy(VERSION.rows)
        del rows["role"][position]
        yield f"{row['rule']} deleted", rows
        for place in range(len(row["roles"])):
            rows = copy.deepcopy(VERSION.rows)
            del rows["role"][position]["roles"][place]
            yield f"{row['rule']} without {row['roles'][place]}", rows
        if "when" in row:
            rows = copy.deepcopy(VERSION.rows)
            del rows["role"][position]["when"]
            yield f"{row['rule']} always", rows


MUTANTS = list(mutants())


@pytest.mark.parametrize("rows", [rows for _, rows in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_a_deleted_or_shifted_role_is_noticed(rows):
    changed = type(VERSION)(
        **{name: getattr(VERSION, name) for name in type(VERSION).__slots__} | {"rows": rows}
    )
    document = copy.copy(DOCUMENT)
    object.__setattr__(document, "versions", (changed,))
    assert any(told(case, document) != case[3] for case in CASES)


def test_every_rule_of_the_catalogue_has_one_line_and_a_carrier():
    policy = DOCUMENT.policy(VERSION)
    counts = {"T": 9, "G": 8, "R": 12, "C": 2, "S": 10, "B": 10, "E": 11, "X": 2, "P": 7, "D": 1}
    ids = {rule.rule for rule in policy.rules}
    assert ids == {f"JY-{kind}{number:02d}" for kind, most in counts.items() for number in range(1, most + 1)}
