"""Each ZZ rule an order shows: kept by a second, broken by a second, and gone when its row is."""

import pytest
from support.lives import Life, Whose, book, check, check_enforced, mutants, offered, shelf, told, with_rows
from support.zz_orders import ADVICE, CASES, LIVES

from paidan.policies import registry
from paidan.policies.schema import carrier

DOCUMENT = registry.document("ZZ")
KINDS = ("clock", "guard", "exclusion", "escalation", "role")
MUTANTS = list(mutants(DOCUMENT, KINDS))


def lists(rules):
    return {one.rule: (one.situation, one.items) for one in rules.exclusions.values()}


LISTS = {"ZZ-X01": ("unreasonable", ("result_satisfaction", "process_satisfaction"))}


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_the_life_comes_out_as_the_document_says(life: Life):
    check(life, book(DOCUMENT, life.settings))


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.says)
def test_enforced_a_refused_command_leaves_the_order_as_it_was(life: Life):
    check_enforced(life, book(DOCUMENT, life.settings))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_whose_business_an_event_is(case: Whose):
    assert told(case, book(DOCUMENT, case.settings)) == case.roles


def advised(events, asked, rules):
    return {one.rule: one.details["missing"] for one in offered(events, rules, asked).advice}


@pytest.mark.parametrize(("events", "asked", "wanted"), ADVICE, ids=[asked for _, asked, _ in ADVICE])
def test_what_is_told_beforehand_refuses_nothing(events, asked, wanted):
    rules = book(DOCUMENT)
    assert advised(events, asked, rules) == wanted
    assert not {one.rule for one in offered(events, rules, asked).findings} & set(wanted)


def test_the_lists_are_those_of_the_document():
    assert lists(book(DOCUMENT)) == LISTS


def notice(document):
    """Raise where the document is no longer what it was."""
    books = shelf(document)
    for life in LIVES:
        check(life, books(life.settings))
    for case in CASES:
        assert told(case, books(case.settings)) == case.roles
    rules = books({})
    for events, asked, wanted in ADVICE:
        assert advised(events, asked, rules) == wanted
    assert lists(rules) == LISTS


@pytest.mark.parametrize("changed", [one for _, one in MUTANTS], ids=[name for name, _ in MUTANTS])
def test_a_deleted_or_shifted_rule_is_noticed(changed):
    try:
        notice(with_rows(DOCUMENT, changed))
    except Exception:  # noqa: BLE001 - noticed in whatever way
        return
    pytest.fail("nothing notices")


def test_nothing_is_noticed_where_nothing_changed():
    notice(with_rows(DOCUMENT, DOCUMENT.versions[0].rows))


def test_every_carried_rule_is_among_the_mutants():
    policy = DOCUMENT.policy(DOCUMENT.versions[0])
    carried = {row["rule"] for kind in KINDS for row in DOCUMENT.versions[0].rows[kind]}
    assert carried == {name.split()[0] for name, _ in MUTANTS}
    assert not [row for row in policy.rules if row.rule in carried and carrier(row) == "none"]


def test_every_rule_of_the_catalogue_has_one_line_and_a_carrier():
    policy = DOCUMENT.policy(DOCUMENT.versions[0])
    counts = {"T": 3, "G": 3, "R": 5, "C": 1, "S": 11, "X": 1, "B": 1, "E": 3, "P": 6}
    ids = {rule.rule for rule in policy.rules}
    assert ids == {f"ZZ-{kind}{number:02d}" for kind, most in counts.items() for number in range(1, most + 1)}
