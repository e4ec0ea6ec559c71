"""Each JY rule an order shows: kept by a second, broken by a second, and gone when its row is."""

import tomllib

import pytest
from support import jy_orders
from support.jy_orders import LIVES
from support.lives import Life, book, check, check_enforced, ev, mutants, run, with_rows

from paidan.policies import registry
from paidan.policies.roster import Roster, Unit
from paidan.policies.schema import ClockRule, ExtensionRule, GuardRule

DOCUMENT = registry.document("JY")
VERSION = DOCUMENT.versions[0]


def rules(settings=None, document=DOCUMENT):
    roster = None
    if (settings or {}).get("jy.t03_scope") == "departments":
        roster = Roster([Unit("A", "neighbourhood")], "department")
    return book(document, settings, roster)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_the_life_comes_out_as_the_document_says(life: Life):
    check(life, rules(life.settings))


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_enforced_a_refused_command_leaves_the_order_as_it_was(life: Life):
    check_enforced(life, rules(life.settings))


MUTANTS = list(mutants(DOCUMENT, ("clock", "guard", "extension")))


@pytest.mark.parametrize("changed", [one for _, one in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_a_deleted_or_shifted_rule_is_noticed(changed):
    document = with_rows(DOCUMENT, changed)
    for life in LIVES:
        try:
            check(life, rules(life.settings, document))
        except Exception:  # noqa: BLE001 - noticed in whatever way
            return
    pytest.fail("no life notices")


def test_every_clock_guard_and_extension_of_the_document_is_among_the_mutants():
    policy = DOCUMENT.policy(VERSION)
    cited = {rule.rule for rule in policy.rules if isinstance(rule, ClockRule | GuardRule | ExtensionRule)}
    assert cited == {name.split()[0] for name, _ in MUTANTS}


def test_the_rows_are_toml_as_it_stands_in_the_file():
    assert tomllib.loads((registry.DOCUMENTS / "JY" / "rules.toml").read_text("utf-8")) == VERSION.rows


def test_a_second_receipt_starts_no_second_clock():
    life = Life("", (jy_orders.RECEIVED, ev("receive", "2026-03-02 10:00:00")))
    order, found, _ = run(life, rules())
    assert found == ["receive no_such_move"]
    assert [clock.rule for clock in order.clocks] == ["JY-T01", "JY-T04"]
