"""
Every scoring row of JY is carried: delete it, or shift any number or list in it, and a figure changes.

One scenario month holds enough for all of them. A number inside a branch of a setting is shifted
under that setting's reading.
"""

import copy
from dataclasses import replace
from fractions import Fraction

import pytest
from support.scores import JY, MARCH, callback, good, order, roster

from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.scoring import as_json
from paidan.policies.errors import PolicyError
from paidan.policies.scoring.month import Scoring

LABELS = ("rule", "clause", "zh", "en")
KINDS = ("item", "measure", "evaluation", "status", "total", "ranking", "adjustment", "confirmation", "cap")
ROWS = JY.versions[0].rows

HOODS = [f"N{n:02}" for n in range(1, 43)]
DEPARTMENTS = ["BIG", *(f"D{n}" for n in range(1, 9)), "IDLE", "OPEN", "UNEV", "CLOSER", "LATE", "NONE"]
UNITS = roster(department=" ".join(DEPARTMENTS), neighbourhood=" ".join((*HOODS, "QUIET")))

ADJUSTMENTS = """unit,at,code,points,order_id,good,confirmed_by,note
D1,2026-03-05,praise,3,,,head,
D1,2026-03-05,praise,3,,,head,
D1,2026-03-05,praise,3,,,head,
D1,2026-03-05,praise,3,,,head,
D2,2026-03-05,media,,,,,
D2,2026-03-05,media,,,,,
D2,2026-03-05,talk_main,,,,,
D2,2026-03-05,supervise_late,2,,,,
D2,2026-03-05,supervise_late,1,,,,
D3,2026-03-05,praise,1,,,,
D3,2026-03-05,three_duty,,,,,
D4,2026-03-05,praise,1,,,head,
D4,2026-03-05,three_duty,,,true,head,
D5,2026-03-05,talk_branch,,,,,
D6,2026-03-05,talk_joint,,,,,
D7,2026-03-05,talk_main,,,,,
D7,2026-03-05,talk_main,,TALK,,,
D8,2026-03-05,supervise_late,1,,,,
N01,2026-03-05,media,,,,,
N02,2026-03-05,absent,,,,,
N03,2026-03-05,supervise_late,2,,,,
N04,2026-03-05,praise,4,,,head,
N05,2026-03-05,supervise_late,3,,,,
N06,2026-03-05,praise,0.5,,,head,
N07,2026-03-05,supervise_late,0.5,,,,
LATE,2026-03-05,talk_main,,,,,
UNEV,2026-02-05,absent,,,,,
"""


def records():
    """A month in which every rule has somebody to bear it."""
    made = [good(f"BIG{n}", "BIG") for n in range(40)]
    for n in range(1, 9):
        made += [good(f"D{n}-{k}", f"D{n}") for k in range(1, 15 - n)]
    made += [good(f"{name}-{k}", name) for n, name in enumerate(HOODS, 1) for k in range(50 - n)]
    answers = (
        "resolved/satisfied",
        "explained/basically_satisfied",
        "recorded/neutral",
        "unresolved/dissatisfied",
    )
    made += [order(f"MIX{n}", "D1", accepted="2026-02-20", callbacks=(one,)) for n, one in enumerate(answers)]
    own = callback("unresolved", "dissatisfied", source="centre")
    made += [
        order("OPEN1", "OPEN", closed=None),
        order("UNEV1", "UNEV", callbacks=(own,)),
        good("CLOSER1", "CLOSER", accepted=None),
        good("QUIET1", "QUIET", accepted=None),
        good("STRAY1", "STRAY"),
        order("CENTRE", "D3", accepted=None, contact=None, callbacks=(own,)),
        good("BARE", "D4", accepted=None, contact="bare"),
        order("UNSAID", "D5", callbacks=(callback(source=""),)),
        order("TRIED", "D6", callbacks=(callback("", "", result="not_connected"),)),
        good("TALK", "D7", category="talk_first"),
        order("FEB", "UNEV", accepted="2026-02-01", closed=None),
        order("JOINT", "BIG", assisting=("D1", "D2")),
        good("NONE1", "NONE", accepted=None, contact=None, verdict="late"),
    ]
    late = {"verdict": "late", "accepted": None, "contact": None, "callbacks": ("unresolved/dissatisfied",)}
    made += [order(f"LATE{n}", "LATE", **late) for n in range(12)]
    return made


RECORDS = records()


def figures(rows, tmp_path, settings):
    """Score the scenario under changed rows; the adjustments are read under them too."""
    document = replace(JY, versions=(replace(JY.versions[0], rows=rows),))
    policy = document.policy(document.versions[0], settings)
    path = tmp_path / "adjustments.csv"
    path.write_text(ADJUSTMENTS, encoding="utf-8")
    adjustments, _ = read_adjustments(path, policy, UNITS)
    return as_json(Scoring(policy, RECORDS, adjustments, UNITS).month(MARCH))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The scenario under the unchanged rows, by settings."""
    known = {}

    def score(settings):
        key = tuple(sorted(settings.items()))
        if key not in known:
            known[key] = figures(ROWS, tmp_path_factory.mktemp("plain"), settings)
        return known[key]

    return score


def mutated(kind, position, path, value):
    rows = copy.deepcopy(dict(ROWS))
    inside = rows[kind][position]
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return rows


def leaves(value, path=()):
    """Every number and every list below a value, as (path, what to put there instead)."""
    if isinstance(value, dict):
        if set(value) == {"by"}:
            default = JY.settings[value["by"]].default
            if default == "0":
                yield path, "1"
            return
        for key, one in value.items():
            if key != "by":
                yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield path, value[:position] + value[position + 1 :]
            yield from leaves(one, (*path, position))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value + 1
    elif isinstance(value, str):
        try:
            yield path, str(Fraction(value) + 1)
        except ValueError:
            return


def shifts():
    for kind in KINDS:
        for position, row in enumerate(ROWS[kind]):
            for path, value in leaves({key: one for key, one in row.items() if key not in LABELS}):
                settings = {}
                at = row
                for step in path:
                    if isinstance(at, dict) and "by" in at:
                        settings[at["by"]] = step
                    at = at[step]
                name = f"{row['rule']} {'.'.join(map(str, path))} = {value}"
                yield pytest.param((kind, position, path, value, settings), id=name)


EQUIVALENT = {
    "JY-X01 some = []": "with nothing closed, JY-S08 already took the months with nothing accepted",
    "JY-X02 some = []": "with nothing closed, JY-S08 and JY-X01 between them took every month",
}
"""Mutants that say the same: the three status rules part the months among them."""

REFUSED = {"JY-S01 pools = []", "JY-S02 pools = []"}
"""Mutants that the loader does not take: two volume items for one pool."""


@pytest.mark.parametrize("mutant", list(shifts()))
def test_a_shifted_scoring_row_changes_a_figure(mutant, plain, tmp_path, request):
    *shift, settings = mutant
    rows = mutated(*shift)
    if request.node.callspec.id in REFUSED:
        with pytest.raises(PolicyError, match="item_twice"):
            figures(rows, tmp_path, settings)
        return
    changed = figures(rows, tmp_path, settings) != plain(settings)
    assert changed != (request.node.callspec.id in EQUIVALENT)


@pytest.mark.parametrize(
    ("kind", "position"),
    [pytest.param(kind, n, id=f"{row['rule']} {kind}") for kind in KINDS for n, row in enumerate(ROWS[kind])],
)
def test_a_deleted_scoring_row_changes_a_figure(kind, position, plain, tmp_path):
    rows = copy.deepcopy(dict(ROWS))
    gone = rows[kind].pop(position)
    if kind == "item" and gone["name"] not in {one["name"] for one in rows["item"]}:
        for other in (*rows["total"], *rows["evaluation"]):
            for listed in lists_in(other["items"]):
                if gone["name"] in listed:
                    listed.remove(gone["name"])
    if kind == "adjustment":
        for other in rows["confirmation"]:
            other["codes"] = [code for code in other["codes"] if code != gone["code"]]
    before = plain({})
    after = figures(rows, tmp_path, {})
    assert numbers(after) != numbers(before)


def lists_in(value):
    """The lists that a row names items in: the value itself, or those of its branches."""
    if isinstance(value, list):
        return [value]
    return [one for one in value.values() if isinstance(one, list)]


def numbers(scores):
    """What a reader sees of the units, without the ids of the rules."""
    return [
        (
            unit["status"],
            unit["total"],
            unit["rank"],
            unit["bonus"],
            unit["deduction"],
            {name: item["points"] for name, item in unit["items"].items()},
        )
        for unit in scores["units"]
    ]
