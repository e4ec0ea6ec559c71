"""
Posts and keeping of the five documents, worked by hand: what is missing, who sees what, how long it is kept.

A row is carried when one of these answers is another once it is deleted or shifted.
"""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lives import mutants, with_rows

from paidan.policies.directory import (
    Directory,
    Filing,
    Filings,
    Holding,
    from_text,
    gaps,
    is_titled,
    may_see_contacts,
    to_text,
)
from paidan.policies.errors import PolicyError, SettingError
from paidan.policies.keeping import kept_until, withheld
from paidan.policies.registry import document
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import KeepingRule, PostRule
from paidan.workflows.attributes import ROLES, UNIT_ROLES

FIVE = ("BS", "JY", "SW", "YY", "ZZ")
TODAY = date(2026, 3, 2)


def held(role, unit="", person="", **said):
    return Holding(role=role, unit=unit, person=person or f"{unit}{role}", **said)


def filed(unit, person, **said):
    """One person who is informant A or B, with all that must be filed of one."""
    return {"unit": unit, "person": person, "title": "科员", "contact": "021-5888 0000", **said}


POOLS = {
    "JY": {"甲科": "department", "一居": "neighbourhood"},
    "BS": {"甲所": "undertaking", "建管科": "support_section"},
    "YY": {"甲科": "department", "一居": "neighbourhood"},
    "SW": {"奉贤": "one_stop", "宝山": "district_other"},
    "ZZ": {"甲镇": "town", "乙局": "department", "丙局": "department"},
}
ORDERS = {"甲镇": Fraction(100), "乙局": Fraction(101), "丙局": Fraction(201, 2)}
_SW_UNIT = ("unit_branch_head", "responsible_section", "hotline_specialist", "duty_officer")
_ZZ_UNIT = ("unit_branch_head", "responsible_section", "hotline_specialist")
WHOLE = {
    "JY": (
        held("centre_head"), held("dispatcher"), held("first_responsible", "甲科"),
        held("first_responsible", "一居"),
        # a department's A and B may be one person, whatever she is: no rule says who fills them
        held("informant_a", **filed("甲科", "孙")), held("informant_b", **filed("甲科", "孙")),
        held("informant_a", **filed("一居", "李")),
        held("informant_b", **filed("一居", "周", title="居委会主任")),
    ),
    "BS": (
        *(held(role, "甲所") for role in
          ("hotline_specialist", "unit_head", "unit_branch_head", "counterpart_section")),
        held("unit_head", "建管科"),
    ),
    "YY": (
        held("first_responsible", "一居", title="党总支书记"),
        held("second_responsible", "一居", title="主任"),
        held("first_responsible", "甲科", title="科长"), held("second_responsible", "甲科", title="副科长"),
        held("hotline_specialist", "一居"), held("hotline_specialist", "甲科"),
    ),
    "SW": (
        held("leading_group"), held("hotline_office"),
        *(held("working_group", section) for section in
          ("纪检组", "安监处", "办公室", "人事处", "宣传处", "热线办")),
        *(held(role, unit) for unit in POOLS["SW"] for role in _SW_UNIT),
    ),
    "ZZ": (
        held("hotline_centre"), *(held(role, unit) for unit in POOLS["ZZ"] for role in _ZZ_UNIT),
        held("hotline_specialist", "乙局", "兼职"), held("hotline_specialist", "丙局", "兼职"),
    ),
}  # fmt: skip
"""Directories that lack nothing, and no person or title more than that takes."""

UNFILLED = {
    "JY": {
        "centre_head": "JY-R01", "dispatcher": "JY-R01", "first_responsible": "JY-R02",
        "informant_a": "JY-R02", "informant_b": "JY-R02",
    },
    "BS": {
        "hotline_specialist": "BS-R02", "unit_head": "BS-R05", "unit_branch_head": "BS-R05",
        "counterpart_section": "BS-R05",
    },
    "YY": {"first_responsible": "YY-R02", "second_responsible": "YY-R02", "hotline_specialist": "YY-R02"},
    "SW": {"leading_group": "SW-R01", "hotline_office": "SW-R01", **dict.fromkeys(_SW_UNIT, "SW-R03")},
    "ZZ": {"hotline_centre": "ZZ-R03", **dict.fromkeys(_ZZ_UNIT, "ZZ-R01")},
}  # fmt: skip
"""By document and post, which rule misses it once nobody holds it."""

# what is otherwise than in the whole directory (role and unit, with what is said), and what is missing then
OTHERWISE: tuple[tuple[str, str, str, dict[str, Any] | None, list[str]], ...] = (
    ("JY", "informant_b", "一居", {"title": "居委会副主任"}, ["JY-R03 一居 informant_b title"]),
    ("JY", "informant_b", "一居", {"person": "李"}, ["JY-R03 一居 informant_a held_twice"]),
    ("JY", "informant_a", "甲科", {"title": ""}, ["JY-D01 甲科 informant_a untold"]),
    ("JY", "informant_a", "一居", {"contact": ""}, ["JY-D01 一居 informant_a untold"]),
    ("JY", "informant_b", "甲科", {"contact": ""}, ["JY-D01 甲科 informant_b untold"]),
    ("JY", "informant_b", "甲科", {"to_on": date(2026, 3, 1)}, ["JY-R02 甲科 informant_b unfilled"]),
    ("JY", "informant_b", "甲科", {"to_on": date(2026, 3, 2), "from_on": date(2026, 3, 2)}, []),
    ("JY", "informant_b", "甲科", {"from_on": date(2026, 3, 3)}, ["JY-R02 甲科 informant_b unfilled"]),
    ("YY", "first_responsible", "一居", {"title": "副书记"}, ["YY-R02 一居 first_responsible title"]),
    ("YY", "second_responsible", "一居", {"title": "副主任"}, ["YY-R02 一居 second_responsible title"]),
    ("YY", "first_responsible", "甲科", {"title": "副科长"}, ["YY-R02 甲科 first_responsible title"]),
    ("YY", "second_responsible", "甲科", {"title": "科长"}, ["YY-R02 甲科 second_responsible title"]),
    ("SW", "working_group", "热线办", None, ["SW-R01  working_group too_few"]),
    ("SW", "working_group", "热线办", {"person": "办公室working_group"}, ["SW-R01  working_group too_few"]),
    ("ZZ", "hotline_specialist", "乙局 兼职", None, ["ZZ-R01 乙局 hotline_specialist too_few"]),
    ("ZZ", "hotline_specialist", "丙局 兼职", None, ["ZZ-R01 丙局 hotline_specialist too_few"]),
)  # fmt: skip

_ROUTE = {
    "handling_unit", "unit_head", "business_branch_leader", "licensing_section", "hotline_branch_leader",
    "main_leader",
}  # fmt: skip
_APPROVERS = {
    "handling_unit", "hotline_specialist", "unit_branch_head", "hotline_office", "district_office",
    "city_office", "hotline_branch_leader",
}  # fmt: skip
ALL = {*ROLES, ""}
SEEN = {
    "BS": {False: ALL, True: _ROUTE},
    "YY": {False: _APPROVERS, True: _APPROVERS},
    **{name: {False: ALL, True: ALL} for name in ("JY", "SW", "ZZ")},
}
"""Who may see the identities of an order in dispute (BS-D02) or none, for the unit that has it."""
CONTACTS = {name: set(ROLES) - UNIT_ROLES for name in FIVE} | {"JY": {"centre_head", "dispatcher"}}
KEPT = {"BS": date(2028, 3, 1)} | dict.fromkeys(("JY", "SW", "YY", "ZZ"))
"""Until when a recording of an order closed on 1 March 2026 is kept."""


def rulebook(one):
    return Rulebook(one.policy(one.versions[0]))


def missing(name, policy, holdings):
    found = gaps(policy, Directory(holdings), POOLS[name], TODAY, ORDERS)
    return [f"{one.rule.rule} {one.unit} {one.role} {one.code}" for one in found]


def changed(name, role, unit, said):
    """Give the whole directory with one post otherwise, or without it."""
    unit, _, person = unit.partition(" ")
    found = []
    for one in WHOLE[name]:
        if (one.role, one.unit) == (role, unit) and (not person or one.person == person):
            if said is not None:
                found.append(held(role, unit, **{"person": one.person, **_said(one), **said}))
        else:
            found.append(one)
    assert tuple(found) != WHOLE[name]
    return found


def _said(one):
    return {"title": one.title, "contact": one.contact}


def worked_by_hand(name, one):
    """Raise where a document no longer answers as it did."""
    rules = rulebook(one)
    policy = rules.policy
    assert missing(name, policy, WHOLE[name]) == []
    for role, rule in UNFILLED[name].items():
        units = POOLS[name] if role in UNIT_ROLES else [""]
        wanted = [
            f"{rule} {unit} {role} unfilled"
            for unit in units
            if any((post.role, post.unit) == (role, unit) for post in WHOLE[name])
        ]
        found = missing(name, policy, [post for post in WHOLE[name] if post.role != role])
        assert sorted(found) == sorted(wanted)
    for document_name, role, unit, said, wanted in OTHERWISE:
        if document_name == name:
            assert missing(name, policy, changed(name, role, unit, said)) == wanted
    for disputed, those in SEEN[name].items():
        facts = {"unit": "甲", "disputed": disputed}
        assert {role for role in ALL if not withheld("identity", role, "甲", facts, rules)} == those
    assert {role for role in ALL if may_see_contacts(policy, role)} == CONTACTS[name]
    until = kept_until("recording", date(2026, 3, 1), {}, rules)
    assert (until and until.on) == KEPT[name]


@pytest.mark.parametrize("name", FIVE)
def test_what_a_document_asks_of_posts_and_keeping_is_what_was_worked_by_hand(name):
    worked_by_hand(name, document(name))


MUTANTS = [
    pytest.param(name, rows, id=f"{name}: {shift}")
    for name in FIVE
    for shift, rows in mutants(document(name), ("post", "keeping"))
]


@pytest.mark.parametrize(("name", "rows"), MUTANTS)
def test_a_deleted_or_shifted_row_is_noticed(name, rows):
    with pytest.raises((AssertionError, PolicyError, SettingError)):
        worked_by_hand(name, with_rows(document(name), rows))


def test_the_rules_of_posts_and_keeping_are_these():
    found = {
        row.rule
        for name in FIVE
        for row in rulebook(document(name)).policy.rules
        if isinstance(row, PostRule | KeepingRule)
    }
    assert found == {
        "JY-R01", "JY-R02", "JY-R03", "JY-D01", "BS-R02", "BS-R05", "BS-D01", "BS-D02", "YY-R02", "YY-D01",
        "SW-R01", "SW-R03", "ZZ-R01", "ZZ-R03",
    }  # fmt: skip


def test_a_unit_sees_the_identities_of_its_own_orders_and_of_no_others():
    rules = rulebook(document("YY"))
    facts = {"unit": "甲科"}
    assert withheld("identity", "handling_unit", "甲科", facts, rules) == ()
    for unit in ("乙科", ""):
        (found,) = withheld("identity", "handling_unit", unit, facts, rules)
        assert (found.rule, found.code, found.refuses) == ("YY-D01", "not_its_unit", True)
    assert withheld("identity", "handling_unit", "", {}, rules), "an order that no unit has is no unit's"
    assert withheld("identity", "hotline_office", "", {}, rules) == ()


@pytest.mark.parametrize(
    ("closed", "months", "until"),
    [("2026-03-31", 1, "2026-04-30"), ("2024-02-29", 12, "2025-02-28"), ("2026-12-15", 1, "2027-01-15"),
     ("2026-01-31", 24, "2028-01-31"), ("2026-11-30", 13, "2027-12-30")],
)  # fmt: skip
def test_months_end_on_the_same_day_or_the_last_there_is(closed, months, until):
    one = document("BS")
    policy = one.policy(one.versions[0], {"retention.recordings_months": months})
    kept = kept_until("recording", date.fromisoformat(closed), {}, Rulebook(policy))
    assert kept is not None
    assert str(kept.on) == until


def test_without_the_number_of_orders_the_row_that_leans_on_it_is_not_asked():
    policy = rulebook(document("ZZ")).policy
    short = changed("ZZ", "hotline_specialist", "乙局 兼职", None)
    assert gaps(policy, Directory(short), POOLS["ZZ"], TODAY) == []
    assert gaps(policy, Directory(short), POOLS["ZZ"], TODAY, {}) == []


def test_that_nobody_holds_a_post_is_said_once():
    policy = rulebook(document("JY")).policy
    found = missing("JY", policy, [one for one in WHOLE["JY"] if one.unit != "一居"])
    assert found == [
        f"JY-R02 一居 {role} unfilled" for role in ("first_responsible", "informant_a", "informant_b")
    ]


@pytest.mark.parametrize(
    ("title", "wanted", "is_one"),
    [("主任", "主任", True), ("一居居委会主任", "主任", True), ("常务副主任", "主任", False),
     ("副主任", "副主任", True), ("", "主任", False), ("主任助理", "主任", False), ("副科长", "科长", False)],
)  # fmt: skip
def test_a_title_is_what_it_ends_with_and_a_deputy_is_another(title, wanted, is_one):
    assert is_titled(title, (wanted,)) is is_one


def test_a_unit_acts_by_its_informants_where_nobody_is_listed_as_acting_for_it():
    posts = [
        held("informant_b", "甲科", "乙"),
        held("informant_a", "甲科", "甲"),
        held("informant_a", "丙科"),
    ]
    assert [one.person for one in Directory(posts).holders("handling_unit", "甲科", TODAY)] == ["甲", "乙"]
    posts.append(held("handling_unit", "甲科", "丁"))
    assert [one.person for one in Directory(posts).holders("handling_unit", "甲科", TODAY)] == ["丁"]
    assert Directory(posts).holders("informant_a", "", TODAY) == ()


def test_a_post_there_is_once_is_found_whatever_unit_is_asked_for():
    directory = Directory([held("centre_head", "城运中心", "赵")])
    assert [one.person for one in directory.holders("centre_head", "甲科", TODAY)] == ["赵"]


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))
HOLDINGS = st.builds(
    Holding,
    role=st.sampled_from(["informant_a", "handling_unit", "centre_head"]),
    person=st.sampled_from(["甲", "乙"]),
    unit=st.sampled_from(["", "一", "二"]),
    title=st.sampled_from(["", "主任"]),
    contact=st.sampled_from(["", "1\n2"]),
    from_on=st.none() | DAYS,
    to_on=st.none() | DAYS,
    note=st.text(max_size=3),
)
FILINGS = st.lists(st.tuples(DAYS, st.lists(HOLDINGS, max_size=3)), max_size=4)


@given(FILINGS, DAYS)
def test_a_day_is_answered_by_the_last_filing_that_counts_by_then(filed_ones, on):
    filings = Filings(Filing(begins, Directory(posts)) for begins, posts in filed_ones)
    by_then = [posts for begins, posts in filed_ones if begins <= on]
    first = [posts for _, posts in sorted(filed_ones, key=lambda one: one[0])]
    wanted = by_then[-1] if by_then else first[0] if first else []
    assert filings.on(on).holdings == tuple(wanted)
    assert bool(filings) is bool(filed_ones)


@given(st.lists(HOLDINGS, max_size=5), DAYS)
def test_who_holds_a_post_holds_it_on_that_day(posts, on):
    directory = Directory(posts)
    for role, unit in {(one.role, one.unit) for one in posts if one.role != "handling_unit"}:
        counting = [
            one
            for one in posts
            if one.role == role
            and (one.unit == unit or role not in UNIT_ROLES)
            and (one.from_on or date.min) <= on <= (one.to_on or date.max)
        ]
        assert list(directory.holders(role, unit, on)) == counting


@given(st.lists(HOLDINGS, max_size=5))
def test_a_directory_is_read_back_as_it_was_written(posts):
    assert from_text(to_text(Directory(posts))).holdings == tuple(posts)


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("post", {"roles": []}, "post_empty"),
    ("post", {"roles": ["informant_a"], "at_least": 0}, "post_empty"),
    ("post", {"roles": ["centre_head"], "pools": ["department"]}, "post_of_no_unit"),
    ("post", {"roles": ["centre_head"], "above_orders": 1}, "post_of_no_unit"),
    ("post", {"roles": ["informant_a"], "pools": ["town"]}, "name_unknown"),
    ("post", {"roles": ["informant"]}, "name_unknown"),
    ("post", {"roles": ["informant_a"], "needs": ["phone"]}, "name_unknown"),
    ("keeping", {"what": "identity"}, "keeping_incomplete"),
    ("keeping", {"what": "recording"}, "keeping_incomplete"),
    ("keeping", {"what": "recording", "months": 1, "roles": ["centre_head"]}, "keeping_unfit"),
    ("keeping", {"what": "register", "roles": ["centre_head"], "months": 1}, "keeping_unfit"),
    ("keeping", {"what": "register", "roles": ["centre_head"], "when": {"disputed": True}}, "keeping_unfit"),
    ("keeping", {"what": "photograph", "months": 1}, "name_unknown"),
)


@pytest.mark.parametrize(("kind", "says", "code"), WRONG)
def test_a_row_that_means_nothing_is_not_read(kind, says, code):
    one = document("JY")
    cited = {"rule": "JY-R99", "clause": "九", "zh": "甲", "en": "a"}
    rows = {**one.versions[0].rows}
    rows[kind] = [*rows[kind], {**cited, **says}]
    other = with_rows(one, rows)
    with pytest.raises(PolicyError) as told:
        other.policy(other.versions[0])
    assert {mistake.code for mistake in told.value.mistakes} == {code}
