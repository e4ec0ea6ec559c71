"""Who is told next under each document; each row deleted or shifted tells somebody else."""

import copy

import pytest
from support.lives import mutants, with_rows

from paidan.policies.errors import PolicyError
from paidan.policies.ladder import USUAL, Ladder
from paidan.policies.registry import document

BY_HAND = {
    "JY": "handling_unit first_responsible dispatcher centre_head hotline_branch_leader main_leader",
    "BS": "handling_unit unit_branch_head unit_head licensing_section hotline_branch_leader main_leader",
    "YY": "handling_unit first_responsible hotline_office centre_head hotline_branch_leader main_leader",
    "SW": "handling_unit unit_branch_head hotline_office leading_group",
    "ZZ": "handling_unit unit_branch_head unit_head hotline_centre hotline_branch_leader",
}
OFFICES = {
    "JY": "dispatcher", "BS": "licensing_section", "YY": "hotline_office", "SW": "hotline_office",
    "ZZ": "hotline_centre",
}  # fmt: skip


def ladder_of(name, found=None):
    found = found or document(name)
    return Ladder(found.policy(found.versions[0]))


def check(name, found=None):
    ladder, role, told = ladder_of(name, found), "handling_unit", ["handling_unit"]
    while (above := ladder.above(role)) is not None:
        role = above
        told.append(role)
    assert " ".join(told) == BY_HAND[name]
    assert ladder.office == OFFICES[name]


@pytest.mark.parametrize("name", BY_HAND)
def test_what_nobody_takes_goes_from_the_unit_to_the_leader(name):
    check(name)


CHANGES = [(name, *one) for name in BY_HAND for one in mutants(document(name), ("ladder",))]


@pytest.mark.parametrize(("name", "rows"), [pytest.param(one[0], one[2], id=one[1]) for one in CHANGES])
def test_a_ladder_deleted_or_shifted_tells_somebody_else(name, rows):
    with pytest.raises((AssertionError, PolicyError)):
        check(name, with_rows(document(name), rows))


def test_every_other_role_answers_to_somebody_on_the_ladder():
    ladder = ladder_of("YY")
    assert ladder.above("hotline_specialist") == "first_responsible"
    assert ladder.above("party_government_office") == "main_leader"
    assert ladder.above("main_leader") is None
    assert ladder.up("hotline_office", 9) == "main_leader"


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ([], "ladder_order"),
        (["unit_head"], "ladder_order"),
        (["centre_head", "unit_head", "main_leader"], "ladder_order"),
        (["unit_head", "main_leader", "main_leader"], "ladder_again"),
        (["nobody"], "name_unknown"),
    ],
)
def test_a_ladder_that_leads_nowhere_is_not_read(roles, code):
    found = document("JY")
    rows = copy.deepcopy(dict(found.versions[0].rows))
    rows["ladder"][0]["roles"] = roles
    with pytest.raises(PolicyError) as refused:
        ladder_of("JY", with_rows(found, rows))
    assert code in {mistake.code for mistake in refused.value.mistakes}


def test_there_is_one_ladder_and_without_any_the_usual_one():
    found = document("JY")
    rows = copy.deepcopy(dict(found.versions[0].rows))
    rows["ladder"].append({**rows["ladder"][0], "rule": "JY-R02"})
    with pytest.raises(PolicyError) as refused:
        ladder_of("JY", with_rows(found, rows))
    assert "ladder_twice" in {mistake.code for mistake in refused.value.mistakes}
    rows["ladder"] = []
    assert ladder_of("JY", with_rows(found, rows)).roles == USUAL
