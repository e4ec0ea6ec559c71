"""Each JY rule an order shows: kept by a second, broken by a second, and gone when its row is."""

import copy
import tomllib

import pytest
from support import jy_orders
from support.jy_orders import LIVES, Life, check, commands, ev, run

from paidan.engine.decide import decide
from paidan.policies import registry
from paidan.policies.roster import Roster, Unit
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import ClockRule, GuardRule
from paidan.workflows.records import Order

DOCUMENT = registry.document("JY")
VERSION = DOCUMENT.versions[0]


def book(settings=None, document=DOCUMENT):
    roster = None
    if (settings or {}).get("jy.t03_scope") == "departments":
        roster = Roster([Unit("A", "neighbourhood")], "department")
    return Rulebook(document.policy(document.versions[0], settings or {}), roster)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_the_life_comes_out_as_the_document_says(life: Life):
    check(life, book(life.settings))


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_enforced_a_refused_command_leaves_the_order_as_it_was(life: Life):
    rules = book(life.settings)
    order = Order("O")
    for command in commands(life):
        decision = decide(order, command, rules)
        assert decision.refused == any(finding.refuses for finding in decision.findings)
        if decision.refused:
            assert decision.order == order
            assert all(finding.clause or not finding.rule for finding in decision.findings)
        order = decision.order


def _document_with(rows):
    version = copy.copy(VERSION)
    changed = type(VERSION)(
        **{name: getattr(version, name) for name in type(VERSION).__slots__} | {"rows": rows}
    )
    other = copy.copy(DOCUMENT)
    object.__setattr__(other, "versions", (changed,))
    return other


def _shifts(row):
    """Every small change of a number, list or condition of a row, with what was changed."""

    def walk(value, path):
        if isinstance(value, bool):
            return
        if isinstance(value, int):
            yield path, value + 1
            if value > 1:
                yield path, value - 1
        elif isinstance(value, list):
            for position in range(len(value)):
                yield path, value[:position] + value[position + 1 :]
            for position, one in enumerate(value):
                for inner, changed in walk(one, ()):
                    copied = copy.deepcopy(value)
                    target = copied[position]
                    if inner:
                        for key in inner[:-1]:
                            target = target[key]
                        target[inner[-1]] = changed
                    else:
                        copied[position] = changed
                    yield path, copied
        elif isinstance(value, dict):
            for key, one in value.items():
                if key != "by":
                    yield from walk(one, (*path, key))

    yield from walk({k: v for k, v in row.items() if k not in ("rule", "clause", "zh", "en")}, ())
    if "replaces" in row:
        yield ("replaces",), None
    for key in ("when", "void_when", "unless"):
        if key in row and "by" not in row[key]:
            yield (key,), None


def _mutants():
    for kind in ("clock", "guard"):
        for position, row in enumerate(VERSION.rows[kind]):
            rows = copy.deepcopy(VERSION.rows)
            del rows[kind][position]
            yield f"{row['rule']} {kind} deleted", rows
            for path, value in _shifts(row):
                rows = copy.deepcopy(VERSION.rows)
                target = rows[kind][position]
                for key in path[:-1]:
                    target = target[key]
                if value is None:
                    del target[path[-1]]
                else:
                    target[path[-1]] = value
                yield f"{row['rule']} {kind} {'.'.join(path)} = {value}", rows


MUTANTS = list(_mutants())


@pytest.mark.parametrize("rows", [rows for _, rows in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_a_deleted_or_shifted_rule_is_noticed(rows):
    document = _document_with(rows)
    for life in LIVES:
        try:
            check(life, book(life.settings, document))
        except Exception:  # noqa: BLE001 - noticed in whatever way
            return
    pytest.fail("no life notices")


def test_every_clock_and_guard_of_the_document_is_among_the_mutants():
    policy = DOCUMENT.policy(VERSION)
    cited = {rule.rule for rule in policy.rules if isinstance(rule, ClockRule | GuardRule)}
    assert cited == {name.split()[0] for name, _ in MUTANTS}


def test_the_rows_are_toml_as_it_stands_in_the_file():
    assert tomllib.loads((registry.DOCUMENTS / "JY" / "rules.toml").read_text("utf-8")) == VERSION.rows


def test_a_second_receipt_starts_no_second_clock():
    life = Life("", (jy_orders.RECEIVED, ev("receive", "2026-03-02 10:00:00")))
    order, found = run(life, book())
    assert found == ["receive no_such_move"]
    assert [clock.rule for clock in order.clocks] == ["JY-T01", "JY-T04"]
