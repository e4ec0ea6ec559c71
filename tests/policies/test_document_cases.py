"""Each rule a case shows, by document: what comes of it, and that it is gone when its row is."""

from dataclasses import replace

import pytest
from support.case_lives import OF_CASE_KINDS, CaseLife, CaseShelf, cases_of, check_case_life, check_cases
from support.cases import SHELVES
from support.lives import beijing, book, speaks_of_case, with_rows

EACH_LIFE = pytest.mark.parametrize(
    ("shelf", "life"),
    [pytest.param(shelf, life, id=f"{shelf.name}: {life.says}") for shelf in SHELVES for life in shelf.lives],
)
MUTANTS = [
    pytest.param(shelf, rows, id=f"{shelf.name}: {name}")
    for shelf in SHELVES
    for name, rows in shelf.shifted()
]


@EACH_LIFE
def test_the_cases_come_out_as_the_document_says(shelf: CaseShelf, life: CaseLife):
    check_case_life(life, book(shelf.document, life.settings))


@EACH_LIFE
def test_enforced_what_is_refused_leaves_the_case_as_it_was(shelf: CaseShelf, life: CaseLife):
    rules = book(shelf.document, life.settings)
    cases = cases_of(life, rules, enforce=True)
    refused = []
    for found in (one for case in cases for one in case.deviations):
        told = [one for case in cases for one in case.deviations if one.command is found.command]
        assert found.refused == any(one.finding.refuses for one in told)
        assert found.finding.clause or not found.finding.rule
        refused += [found.command] if found.refused else []
    asked = {(one.order_id, one.event, one.at) for one in refused}
    kept = tuple(one for one in life.happens if (one[0], one[1], beijing(one[2])) not in asked)
    without = cases_of(replace(life, happens=kept), rules, enforce=True)
    assert [case.entries for case in without] == [case.entries for case in cases]


@pytest.mark.parametrize(("shelf", "rows"), MUTANTS)
def test_a_deleted_or_shifted_rule_of_a_case_is_noticed(shelf: CaseShelf, rows):
    document = with_rows(shelf.document, rows)
    with pytest.raises(Exception):  # noqa: B017, PT011 - noticed in whatever way
        check_cases(shelf, document)


@pytest.mark.parametrize("shelf", SHELVES, ids=lambda shelf: shelf.name)
def test_nothing_is_noticed_of_a_case_where_nothing_changed(shelf: CaseShelf):
    written = shelf.document.versions[0].rows
    assert any(speaks_of_case(row) for kind in OF_CASE_KINDS for row in written.get(kind, ()))
    check_cases(shelf, with_rows(shelf.document, written))
