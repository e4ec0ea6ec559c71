"""Every talk of the documents: who holds it, who attends, what it calls for; gone when its row is."""

import copy

import pytest
from support.lives import book, mutants, with_rows
from support.talk_lives import TALKS, check_talk, check_talks

from paidan.policies import registry
from paidan.policies.errors import PolicyError
from paidan.policies.schema import TalkRule
from paidan.policies.score_schema import ConsequenceRule

EACH_TALK = [
    pytest.param(name, life, id=f"{name}: {life.says}") for name, lives in TALKS.items() for life in lives
]
TALK_ROWS = [
    pytest.param(name, rows, id=f"{name}: {of}")
    for name in TALKS
    for of, rows in mutants(registry.document(name), ("talk",))
]


@pytest.mark.parametrize(("name", "life"), EACH_TALK)
def test_a_talk_is_held_by_whom_the_document_names_and_calls_for_what_it_says(name, life):
    check_talk(life, book(registry.document(name), life.settings))


@pytest.mark.parametrize(("name", "rows"), TALK_ROWS)
def test_a_deleted_or_shifted_talk_row_is_noticed(name, rows):
    with pytest.raises(Exception):  # noqa: B017, PT011 - noticed in whatever way
        check_talks(name, with_rows(registry.document(name), rows))


def test_every_talk_meeting_and_report_that_may_follow_has_its_row_and_nothing_else_has():
    no_talks = {"award_cancelled", "commendation", "section_no_quarter_award", "branch_leader_no_year_award",
                "discipline", "notice", "efficiency_inspection"}  # fmt: skip
    for name in registry.names():
        policy = registry.document(name).policy(registry.document(name).versions[0])
        levels = {row.level for row in policy.of(TalkRule)}
        assert (
            levels
            == {row.level for row in policy.of(TalkRule)}
            == {life.level for life in TALKS.get(name, ())}
        )
        assert {rule.kind for rule in policy.of(ConsequenceRule)} - levels <= no_talks


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"level": "mian"}, "name_unknown"),
        ({"level": "joint"}, "talk_twice"),
        ({"held_by": ["main_leader|mayor"]}, "name_unknown"),
        ({"attends": ["nobody"]}, "name_unknown"),
        ({"attends": "unit_head"}, "list_wanted"),
        ({"adjustment": "talk_mian"}, "name_unknown"),
        ({"unrectified": "JY-E10"}, "name_unknown"),
        ({"minutes": True}, "key_unknown"),
    ],
)
def test_a_talk_row_that_names_what_is_not_there_is_not_read(said, code):
    found = registry.document("JY")
    row = {"rule": "JY-E10", "clause": "七", "zh": "约谈", "en": "Talk", "level": "commendation"}
    rows = copy.deepcopy(dict(found.versions[0].rows))
    rows["talk"].append({**row, "attends": ["unit_head"], **said})
    with pytest.raises(PolicyError) as told:
        with_rows(found, rows).policy(with_rows(found, rows).versions[0])
    assert {mistake.code for mistake in told.value.mistakes} == {code}
