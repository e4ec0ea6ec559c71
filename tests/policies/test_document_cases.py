"""Each rule a case shows, by document: what comes of it, and that it is gone when its row is."""

import pytest
from support.case_lives import OF_CASE_KINDS, CaseLife, CaseShelf, cases_of, check_case_life, check_cases
from support.cases import SHELVES
from support.lives import book, speaks_of_case, with_rows

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
    for case in cases_of(life, book(shelf.document, life.settings), enforce=True):
        refused = [one for one in case.deviations if one.refused]
        assert all(one.finding.clause or not one.finding.rule for one in case.deviations)
        assert {one.command for one in refused}.isdisjoint(
            one.command for one in case.deviations if not one.refused and one.finding.refuses
        )


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
