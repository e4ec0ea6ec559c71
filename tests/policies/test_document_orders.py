"""Each rule an order shows, by document: kept by a second, broken by a second, and gone when its row is."""

import tomllib

import pytest
from support import bs_orders, jy_orders, sw_orders, yy_orders, zz_orders
from support.lives import (
    AS_OF,
    ORDER_KINDS,
    SCORED,
    UNBUILT_KINDS,
    Advice,
    Life,
    Shelf,
    Whose,
    check,
    check_enforced,
    ev,
    mutants,
    offered,
    run,
    speaks_of_case,
    told,
    with_rows,
)

from paidan.engine.decide import raise_overdue
from paidan.policies import registry
from paidan.policies.reader import settings_read_by, shown
from paidan.policies.rows import KINDS
from paidan.policies.schema import carrier
from paidan.workflows.cases import OF_CASES

SHELVES = tuple(one.SHELF for one in (jy_orders, bs_orders, yy_orders, sw_orders, zz_orders))
MUTANTS = [(shelf, name, rows) for shelf in SHELVES for name, rows in mutants(shelf.document, shelf.kinds)]


def on(shelf, name, *values):
    return pytest.param(shelf, *values, id=f"{shelf.name}: {name}")


EACH = pytest.mark.parametrize("shelf", SHELVES, ids=lambda shelf: shelf.name)
EACH_LIFE = pytest.mark.parametrize(
    ("shelf", "life"), [on(shelf, life.says, life) for shelf in SHELVES for life in shelf.lives]
)
EACH_WHOSE = pytest.mark.parametrize(
    ("shelf", "case"), [on(shelf, case.says, case) for shelf in SHELVES for case in shelf.whose]
)
EACH_ADVICE = pytest.mark.parametrize(
    ("shelf", "advice"), [on(shelf, one.asked, one) for shelf in SHELVES for one in shelf.advice]
)


def check_advice(advice: Advice, rules):
    found = offered(advice.events, rules, advice.asked)
    assert found.allowed
    assert [(one.rule, one.details["missing"]) for one in found.advice] == list(advice.missing.items())
    assert not {one.rule for one in found.findings} & set(advice.missing)


def check_lists(shelf: Shelf, rules):
    situations = {one.rule: (one.situation, one.items) for one in rules.exclusions.values()}
    findings = {one.rule: (one.finding, one.case_types, one.evaluated) for one in rules.findings.values()}
    assert (situations, findings) == (shelf.exclusions, shelf.findings)


def check_orders(shelf: Shelf, document):
    """Raise where the document's orders are no longer what they were."""
    books = shelf.books(document)
    for life in shelf.lives:
        rules = books(life.settings)
        raised = raise_overdue(check(life, rules), AS_OF, rules).entries
        assert {entry.rule for entry in raised} <= set(shelf.duties), "a window raises no time-out"
    for advice in shelf.advice:
        check_advice(advice, books({}))
    check_lists(shelf, books({}))


def others_business(shelf: Shelf, document):
    """Say which events are no longer the business of those they were."""
    books = shelf.books(document)
    return [case for case in shelf.whose if told(case, books(case.settings)) != case.roles]


@EACH_LIFE
def test_the_life_comes_out_as_the_document_says(shelf: Shelf, life: Life):
    check(life, shelf.books()(life.settings))


@EACH_LIFE
def test_enforced_a_refused_command_leaves_the_order_as_it_was(shelf: Shelf, life: Life):
    check_enforced(life, shelf.books()(life.settings))


@EACH_WHOSE
def test_whose_business_an_event_is(shelf: Shelf, case: Whose):
    assert told(case, shelf.books()(case.settings)) == case.roles


@EACH_ADVICE
def test_what_is_told_beforehand_refuses_nothing(shelf: Shelf, advice: Advice):
    check_advice(advice, shelf.books()({}))


@EACH
def test_the_lists_are_those_of_the_document(shelf: Shelf):
    check_lists(shelf, shelf.books()({}))


@EACH
def test_a_second_receipt_starts_no_second_clock(shelf: Shelf):
    received = shelf.lives[0].events[0]
    life = Life("", (received, ev("receive", "2026-03-02 10:00:00")))
    order, found, _ = run(life, shelf.books()({}))
    assert found == ["receive no_such_move"]
    assert tuple(clock.rule for clock in order.clocks) == shelf.on_receipt


@pytest.mark.parametrize(
    ("shelf", "kind", "rows"), [on(shelf, name, name.split()[1], rows) for shelf, name, rows in MUTANTS]
)
def test_a_deleted_or_shifted_rule_is_noticed(shelf: Shelf, kind, rows):
    document = with_rows(shelf.document, rows)
    if kind == "role":
        assert others_business(shelf, document)
    else:
        with pytest.raises(Exception):  # noqa: B017, PT011 - noticed in whatever way
            check_orders(shelf, document)


@EACH
def test_nothing_is_noticed_where_nothing_changed(shelf: Shelf):
    document = with_rows(shelf.document, shelf.document.versions[0].rows)
    check_orders(shelf, document)
    assert not others_business(shelf, document)


@EACH
def test_every_carried_rule_is_among_the_mutants(shelf: Shelf):
    version = shelf.document.versions[0]
    policy = shelf.document.policy(version)
    shifted = {tuple(name.split()[:2]) for one, name, _ in MUTANTS if one is shelf}
    assert set(shelf.kinds) == set(version.rows) & set(ORDER_KINDS)
    assert shifted == {
        (row["rule"], kind) for kind in shelf.kinds for row in version.rows[kind] if not speaks_of_case(row)
    }
    assert shifted == {
        (rule.rule, kind)
        for kind in ORDER_KINDS
        for rule in policy.of(KINDS[kind])
        if getattr(rule, "on", getattr(rule, "starts", "")) not in OF_CASES
    }
    carried = {rule for rule, _ in shifted}
    assert not [row for row in policy.rules if row.rule in carried and carrier(row) == "none"]


@EACH
def test_every_rule_of_the_catalogue_has_one_line_and_a_carrier(shelf: Shelf):
    ids = {rule.rule for rule in shelf.document.policy(shelf.document.versions[0]).rules}
    assert ids == {
        f"{shelf.name}-{letter}{number:02d}"
        for letter, most in shelf.counts.items()
        for number in range(1, most + 1)
    }
    assert len(ids) == shelf.total


@EACH
def test_the_rows_are_toml_as_it_stands_in_the_file(shelf: Shelf):
    text = (registry.DOCUMENTS / shelf.name / "rules.toml").read_text("utf-8")
    assert tomllib.loads(text) == shelf.document.versions[0].rows


def _of_orders(row):
    return {key: value for key, value in row.items() if key not in SCORED}


def readings(shelf: Shelf):
    """
    Yield each reading beside the default that shows in an order, and whether it takes a life to show it.

    Those are the readings of every built setting that the document has for itself or its rows read,
    except where only a score reads it. What only tells whose business an event is may show in a `Whose`.
    """
    document, rows = shelf.document, shelf.document.versions[0].rows
    shown_by_orders = [rows[kind] for kind in rows if kind in shelf.kinds and kind != "role"]
    ruling = settings_read_by([[_of_orders(row) for row in found] for found in shown_by_orders])
    telling = settings_read_by(rows["role"]) - ruling
    unbuilt = settings_read_by([rows[kind] for kind in rows if kind in UNBUILT_KINDS])
    scoring = settings_read_by(list(rows.values())) - ruling - telling - unbuilt
    for name, setting in document.settings.items():
        own = name not in document.shared and name not in scoring and name not in shelf.elsewhere
        if not setting.planned and (own or name in ruling | telling | unbuilt):
            for reading in setting.readings:
                if reading != setting.default:
                    yield name, shown(reading), name not in telling


@pytest.mark.parametrize(
    ("shelf", "name", "reading", "in_a_life"),
    [on(shelf, f"{one[0]} {one[1]}", *one) for shelf in SHELVES for one in readings(shelf)],
)
def test_each_reading_has_a_life(shelf: Shelf, name, reading, in_a_life):
    shows = shelf.lives if in_a_life else (*shelf.lives, *shelf.whose)
    assert reading in {one.settings.get(name) for one in shows}
