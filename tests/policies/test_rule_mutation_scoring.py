"""
Every row that scores is carried, in all five documents: deleted or shifted it shows in a figure.

The small months are those of `tests/support/worlds_*.py`, replayed once; each mutant is scored over
them until one differs. A mutant that the loader refuses is noticed too. The few that show nowhere are
listed here, each with its reason; one that shows after all does not belong there.
"""

import re

import pytest
from support import worlds_bs, worlds_jy, worlds_sw, worlds_yy, worlds_zz
from support.score_mutants import KINDS, Bench, mutants

from paidan.engine.scoring.score import SCORING_ROWS
from paidan.policies.registry import document

WORLDS = {
    "BS": worlds_bs.WORLDS, "JY": worlds_jy.WORLDS, "SW": worlds_sw.WORLDS, "YY": worlds_yy.WORLDS,
    "ZZ": worlds_zz.WORLDS,
}  # fmt: skip
TABLES = {
    "YY": {
        "yy.weights": "contact=30,on_time=20,resolution=24,satisfaction=26,basically_satisfied=1/2,"
        "neutral=1/4"
    },
    "SW": {
        "sw.weights": "base=20,volume=6,contact=14,on_time=19,resolution=35,satisfaction=26,explained=1/2,"
        "recorded=1/4,basically_satisfied=4/5,neutral=3/5"
    },
}
"""Settings that may be tables of numbers, as such."""

EQUIVALENT = {
    # the three statuses of JY part the months among them
    "JY-X01 status not_assessed some.0 (dropped|= undertaken)": "JY-S08 took those with nothing accepted",
    "JY-X02 status not_assessed some.0 dropped": "JY-S08 and JY-X01 took those with nothing closed",
    # of two talks of a month the higher stands, of equal ones the lower id
    "JY-E03 consequence level = 1": "the only talk of that level, JY-E01, is for neighbourhoods",
    "JY-E07 consequence level = 5": "the only other of its level, JY-E08, has a higher id",
    "JY-E07 consequence streak.least.any_joint_talk = 2": "one talk a month: two joint ones take two months",
    # what nothing asks of a document
    "(BS-S06|YY-S02) total floor = none": "it deducts nothing: no total is below nothing",
    "BS-S03 item on_time empty": "of a unit that closed nothing no month is assessed (BS-S06)",
    "SW-S08 ranking (edge|never_top) =": "it draws nothing from a last place",
    "ZZ-S09 ranking tie = satisfaction_first": "it has no item of the name that breaks ties",
    "BS-X(23|25|27|28|30|31) finding (deleted|finding|case_types|items)":
        "such an order stays evaluated; its case type is told by orders (test_document_orders.py)",
    "ZZ-S11 grade grades.fail": "the last grade is for all below, whatever number it names",
}  # fmt: skip
"""Mutants that show nowhere, by what their names begin with, and why."""


def reason(name):
    return next((why for pattern, why in EQUIVALENT.items() if re.match(pattern, name)), None)


ROWS = [(name, kind) for name in WORLDS for kind in KINDS if document(name).versions[0].rows.get(kind)]


@pytest.fixture(scope="module")
def survivors(tmp_path_factory):
    """The mutants of a kind of row that show nowhere, and those that break the program, each found once."""
    benches, found = {}, {}

    def of(name, kind):
        if name not in benches:
            benches[name] = Bench(document(name), WORLDS[name], tmp_path_factory.mktemp(name))
        if (name, kind) not in found:
            found[name, kind] = list(_survivors(benches[name], kind))
        return found[name, kind]

    return of


def _survivors(bench, kind):
    for mutant in mutants(bench.document, kind, TABLES.get(bench.document.name, {})):
        try:
            if not bench.notices(mutant):
                yield mutant.name
        except Exception as crash:  # noqa: BLE001 - told with its mutant
            yield f"{mutant.name}: {crash!r}"


@pytest.mark.parametrize(("name", "kind"), ROWS)
def test_a_deleted_or_shifted_row_shows_in_a_figure_or_is_refused(survivors, name, kind):
    holes = [one for one in survivors(name, kind) if not any(re.match(known, one) for known in EQUIVALENT)]
    assert not holes, "\n".join(holes)


def test_what_is_said_to_show_nowhere_does_so(survivors):
    survived = [one for name, kind in ROWS for one in survivors(name, kind)]
    assert not [known for known in EQUIVALENT if not any(re.match(known, one) for one in survived)]


def test_every_kind_of_row_that_scores_is_shifted():
    for name in WORLDS:
        version = document(name).versions[0]
        read = {kind for kind in version.rows if kind in SCORING_ROWS} - {"reminder"}
        assert read <= set(KINDS), "a kind of row that no mutant shifts"
