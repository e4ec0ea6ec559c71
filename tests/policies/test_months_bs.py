"""Months of the Baoshan plan worked by hand: items, exclusions, bonus, ranks, ladder, quarter, year."""

from fractions import Fraction

import pytest
from support.months import (
    consequences,
    counts,
    entry,
    item,
    life,
    lives,
    of,
    ranks,
    rate,
    rejected,
    scored,
    status,
    total,
)

from paidan.policies.roster import Unit

F = Fraction
ITEMS = ("volume", "contact", "on_time", "resolution", "satisfaction")
GOOD = "resolved/satisfied"


def bs(rows, **more):
    return scored("BS", rows, **more)


def undertaking(names):
    return {"undertaking": names}


def points(scores, unit):
    return tuple(item(scores, unit, name) for name in ITEMS)


def excluded(
    situation="major_project", *, evidence="纪要", role="licensing_section", answer="approve_exclusion"
):
    """An exclusion asked for after the feedback, and answered by a role."""
    asked = ("request_exclusion", "2026-03-06 10:30", {"exclusion": situation, "evidence": evidence})
    return [asked, (answer, "2026-03-06 10:40", {"role": role})] if answer else [asked]


# Items


def test_the_worked_example_of_the_catalogue_comes_to_991_twelfths():
    """12 of 60 accepted, 9 of 10 named contacted, 11 of 12 on time, 3 of 4 resolved, bonus 1."""
    answers = [
        GOOD,
        GOOD,
        "resolved/basically_satisfied",
        "unresolved/neutral",
    ]
    rows = [row for n, one in enumerate(answers) for row in life(f"E{n}", callbacks=[one])]
    rows += lives(4, "C")
    rows += life("N", contact=None)
    rows += life("L", due="2026-03-06 11:59:59")
    rows += lives(2, "X", anonymous=True)
    rows += lives(48, "B", unit="B", closed=None, accepted="2026-03-31 10:00", due="2026-04-30")
    scores = bs(rows, adjustments=[entry("A", "backstop", "1")])
    assert counts(scores, "A", "volume") == ("12", "60")
    assert item(scores, "A", "volume") == F(1)  # 12/60 x 5
    assert counts(scores, "A", "contact") == ("9", "10")
    assert item(scores, "A", "contact") == F(18)  # 9/10 x 20
    assert counts(scores, "A", "on_time") == ("11", "12")
    assert item(scores, "A", "on_time") == F(55, 3)  # 11/12 x 20
    assert counts(scores, "A", "resolution") == ("3", "4")
    assert item(scores, "A", "resolution") == F(75, 4)  # 3/4 x 25
    assert counts(scores, "A", "satisfaction") == ("17/5", "4")  # (100+100+80+60)/100
    assert item(scores, "A", "satisfaction") == F(51, 2)  # 340/400 x 30
    assert total(scores, "A") == F(991, 12)  # 1 + 18 + 55/3 + 75/4 + 51/2 + 1
    printed = of(scores, "A")
    assert (printed["total"], printed["exact"], printed["bonus"]) == ("82.58", "991/12", "1")
    assert printed["items"]["on_time"]["points"] == "18.33"
    assert printed["items"]["on_time"]["rule"] == "BS-S03"
    assert [printed["items"][name]["max"] for name in ITEMS] == [5, 20, 20, 25, 30]
    assert (printed["grade"], printed["deduction"], scores["policy"]) == (None, "0", "BS@2026-03-01")


def test_the_orders_of_an_item_are_those_in_its_denominator():
    rows = life("E", callbacks=[GOOD]) + life("X", anonymous=True) + life("N", contact=None)
    scores = bs(rows)
    listed = {name: of(scores, "A")["items"][name]["orders"] for name in ITEMS}
    assert listed == {
        "volume": ["E", "N", "X"],
        "contact": ["E", "N"],
        "on_time": ["E", "N", "X"],
        "resolution": ["E"],
        "satisfaction": ["E"],
    }


def test_full_marks_in_all_five_and_three_points_of_bonus_are_103():
    scores = bs(life("A1", callbacks=[GOOD]), adjustments=[entry("A", "backstop", "3")])
    assert points(scores, "A") == (5, 20, 20, 25, 30)
    assert total(scores, "A") == F(103)


@pytest.mark.parametrize(
    ("entered", "bonus"), [(("1",), "1"), (("2", "1"), "3"), (("2", "1.5"), "3"), (("3", "3"), "3")]
)
def test_the_bonus_for_backstop_orders_ends_at_three_points_a_month(entered, bonus):
    rows = life("A1", callbacks=["unresolved/dissatisfied"])
    scores = bs(rows, adjustments=[entry("A", "backstop", one) for one in entered])
    assert of(scores, "A")["bonus"] == bonus
    assert of(scores, "A")["adjustments"] == {"backstop": len(entered)}
    assert total(scores, "A") == 45 + F(bonus)  # 5 + 20 + 20 + 0 + 0


@pytest.mark.parametrize(("entered", "taken"), [("0", True), ("0.5", True), ("-1", False), ("", False)])
def test_bonus_points_are_entered_and_never_negative(entered, taken):
    assert (rejected("BS", entry("A", "backstop", entered)) == "") is taken


def test_the_bonus_counts_in_the_month_it_is_entered_for():
    rows = life("A1", callbacks=[GOOD])
    scores = bs(rows, adjustments=[entry("A", "backstop", "2", at="2026-04-01")], as_of="2026-04-02")
    assert total(scores, "A") == F(100)
    assert bs(rows, adjustments=[entry("A", "backstop", "2", at="2026-03-31")])["units"][0]["exact"] == "102"


def test_three_units_share_five_points_of_volume_and_an_eighth_is_shown_half_up():
    """1, 9 and 30 of 40 accepted: 1/8, 9/8 and 15/4 points, 5 together."""
    rows = lives(1, "A") + lives(9, "B", unit="B") + lives(30, "C", unit="C")
    scores = bs(rows)
    shares = [item(scores, unit, "volume") for unit in "ABC"]
    assert shares == [F(1, 8), F(9, 8), F(15, 4)]
    assert of(scores, "A")["items"]["volume"]["points"] == "0.13"
    assert rate(scores, "C", "volume") == F(3, 4)


def test_a_unit_that_closed_nothing_stays_in_the_sum_of_the_category_and_is_not_assessed():
    """A 1, B 3 (none closed): A has 1/4 x 5; B has no items, no total, no rank, and loses its bonus."""
    rows = life("A1") + lives(3, "B", unit="B", closed=None)
    scores = bs(rows, units=undertaking("A B"), adjustments=[entry("B", "backstop", "2")])
    assert item(scores, "A", "volume") == F(5, 4)
    assert [status(scores, unit) for unit in "AB"] == ["assessed", "not_assessed"]
    assert points(scores, "B") == (None,) * 5
    assert (total(scores, "B"), of(scores, "B")["total"], of(scores, "B")["bonus"]) == (None, None, "0")
    assert ranks(scores) == {"A": 1, "B": None}


def test_a_unit_without_any_order_is_listed_and_not_assessed():
    scores = bs(life("A1"), units=undertaking("A B"))
    assert (status(scores, "B"), total(scores, "B"), ranks(scores)["B"]) == ("not_assessed", None, None)


def test_support_sections_are_not_assessed_and_out_of_the_sum_of_volumes():
    """The section's 4 orders count nowhere: A 1 of 2, B 1 of 2."""
    rows = life("A1") + life("B1", "B") + lives(4, "S", unit="S", callbacks=[GOOD])
    scores = bs(rows, units={"undertaking": "A B", "support_section": "S"})
    assert item(scores, "A", "volume") == F(5, 2)
    assert (status(scores, "S"), total(scores, "S"), ranks(scores)["S"]) == ("not_assessed", None, None)
    assert not [one for one in consequences(scores) if one[1] == "S"]


def test_sections_read_as_ranked_are_of_one_class_with_the_units():
    """One order each: 5/3 of volume, the section among the three; the answers part them."""
    rows = life("A1", callbacks=["resolved/neutral"]) + life("B1", "B", callbacks=["resolved/dissatisfied"])
    rows += life("S1", "S", callbacks=[GOOD])
    units = {"undertaking": "A B", "support_section": "S"}
    scores = bs(rows, units=units, settings={"bs.ranked": "with_sections"})
    assert [item(scores, unit, "volume") for unit in "ABS"] == [F(5, 3)] * 3
    assert (status(scores, "S"), ranks(scores)) == ("assessed", {"A": 2, "B": 3, "S": 1})
    assert consequences(scores, "BS-E01") == [("BS-E01", "B", "point_meeting")]


def test_a_unit_missing_from_the_roster_has_no_pool_no_rank_and_is_in_no_sum():
    rows = life("A1") + lives(3, "Y", unit="Y")
    scores = bs(rows, units=undertaking("A"))
    assert item(scores, "A", "volume") == F(5)
    assert (of(scores, "Y")["pool"], ranks(scores)["Y"]) == (None, None)


def test_configured_categories_share_five_points_each():
    """Roads 3 and 1 orders, housing 2: 15/4, 5/4 and 5; as one category 5/2, 5/6 and 5/3."""
    rows = lives(3, "A") + life("B1", "B") + lives(2, "C", unit="C")
    units = [
        Unit(unit, "undertaking", category=its) for unit, its in zip("ABC", ("路", "路", "房"), strict=True)
    ]
    by_category = bs(rows, units=units, settings={"bs.category": "configured"})
    assert [item(by_category, unit, "volume") for unit in "ABC"] == [F(15, 4), F(5, 4), F(5)]
    as_one = bs(rows, units=units)
    assert [item(as_one, unit, "volume") for unit in "ABC"] == [F(5, 2), F(5, 6), F(5, 3)]


def test_volume_is_of_the_month_of_acceptance_and_all_else_of_the_month_of_closing():
    rows = life("A1", accepted="2026-02-27 09:00", closed="2026-03-06 12:00", callbacks=[GOOD])
    rows += life(
        "A2", accepted="2026-03-30 09:00", closed="2026-04-03 12:00", callbacks=["unresolved/neutral"]
    )
    rows += life("B1", "B", accepted="2026-03-03 09:00")
    scores = bs(rows)
    assert counts(scores, "A", "volume") == ("1", "2")
    assert counts(scores, "A", "on_time") == ("1", "1")
    assert item(scores, "A", "resolution") == F(25)
    assert of(scores, "A")["items"]["volume"]["orders"] == ["A2"]


def test_nothing_accepted_in_the_category_is_full_volume_and_nothing_of_something_is_none():
    rows = life("A1", accepted="2026-02-27 09:00", closed="2026-03-06 12:00")
    assert item(bs(rows), "A", "volume") == F(5)  # 0/0
    assert item(bs(rows + life("B1", "B")), "A", "volume") == F(0)  # 0/1


NO_DENOMINATORS = life("A1", accepted="2026-02-27 09:00", anonymous=True, due="2026-03-01")
"""Accepted the month before, anonymous, closed late, nobody called back: four of five are 0/0 or nil."""


def test_every_zero_denominator_is_full_marks():
    """Volume 5, contact 20, on time 0 of 1, resolution 25, satisfaction 30: 80."""
    scores = bs(NO_DENOMINATORS)
    assert points(scores, "A") == (5, 20, 0, 25, 30)
    assert [counts(scores, "A", name)[1] for name in ITEMS] == ["0", "0", "1", "0", "0"]
    assert total(scores, "A") == F(80)
    assert rate(scores, "A", "contact") is None


def test_zero_denominators_read_as_zero_take_their_points():
    """A has 5 of volume and 20 of on time; contact, resolution, satisfaction have no denominator."""
    rows = life("A1", anonymous=True)
    scores = bs(rows, settings={"bs.zero_denominator": "zero"})
    assert points(scores, "A") == (5, 0, 20, 0, 0)
    assert total(scores, "A") == F(25)
    assert scores["settings"] == {"bs.zero_denominator": "zero"}


def test_zero_denominators_read_as_redistributed_leave_the_rest_to_stand_for_a_hundred():
    """No callback: volume 5/5, contact 10/20, on time 20/20 of 45 points: 35/45 x 100, bonus on top."""
    rows = life("A1") + life("A2", contact=None)
    scores = bs(
        rows,
        settings={"bs.zero_denominator": "redistribute"},
        adjustments=[entry("A", "backstop", "1")],
    )
    assert total(scores, "A") == F(35, 45) * 100 + 1


def test_zero_denominators_read_as_not_ranked_take_the_rank():
    rows = life("A1") + life("B1", "B", callbacks=["unresolved/dissatisfied"])
    assert ranks(bs(rows)) == {"A": 1, "B": 2}
    scores = bs(rows, settings={"bs.zero_denominator": "not_ranked"})
    assert ranks(scores) == {"A": None, "B": 1}
    assert consequences(scores) == []


def test_late_contact_still_counts_as_does_contact_without_evidence():
    """Accepted at 9, contacted the next day: past BS-T01, yet contacted. 3 of 4 in all."""
    rows = life("L", contact="2026-03-03 10:00") + life("N", contact=None)
    rows += life("E", evidence="") + life("B", contact="2026-03-02 08:30")
    assert item(bs(rows), "A", "contact") == F(15)


def test_only_timely_contact_counts_where_so_read():
    """Late: no. The last second of the day: yes. Accepted after 14:00, no limit: yes. 2 of 3."""
    rows = life("L", contact="2026-03-03 00:00:00") + life("T", contact="2026-03-02 23:59:59")
    rows += life("F", accepted="2026-03-02 14:00:00", contact="2026-03-04 10:00")
    settings = {"bs.contact_timely_only": "true"}
    assert item(bs(rows, settings=settings), "A", "contact") == F(40, 3)
    assert item(bs(rows), "A", "contact") == F(20)


def test_anonymous_orders_leave_both_parts_of_the_contact_rate_even_when_contacted():
    """One named of two contacted, three anonymous: 1/2 x 20; the three stay in volume and on time."""
    rows = life("N1") + life("N2", contact=None)
    rows += lives(2, "X", anonymous=True, contact=None) + life("Y", anonymous=True)
    scores = bs(rows)
    assert counts(scores, "A", "contact") == ("1", "2")
    assert item(scores, "A", "contact") == F(10)
    assert counts(scores, "A", "volume") == ("5", "5")
    assert counts(scores, "A", "on_time") == ("5", "5")


def test_anonymous_orders_read_as_included_are_in_both_parts():
    rows = life("N1") + life("X1", anonymous=True, contact=None) + life("X2", anonymous=True)
    scores = bs(rows, settings={"anonymous.contact": "include"})
    assert counts(scores, "A", "contact") == ("2", "3")


@pytest.mark.parametrize(
    ("said", "on_time"),
    [
        ({"due": "2026-03-06 12:00:00"}, True),
        ({"due": "2026-03-06 11:59:59"}, False),
        ({"due": "2026-03-06"}, True),
        ({"due": None}, True),
        ({"due": "2026-03-20", "dispatch__order_due": "2026-03-05"}, False),
        ({"due": "2026-03-05", "dispatch__order_due": "2026-03-20"}, True),
        ({"due": "2026-03-20", "handling_class": "solve_now"}, False),
        ({"due": "2026-03-20", "handling_class": "solve_now", "closed": "2026-03-05 23:59:59"}, True),
        ({"due": "2026-03-04", "handling_class": "solve_now", "closed": "2026-03-05 12:00"}, False),
        ({"due": None, "handling_class": "solve_now"}, False),
        ({"due": None, "handling_class": "solve_now", "closed": "2026-03-05 12:00"}, True),
        ({"due": "2026-03-20", "handling_class": "staged"}, True),
    ],
)
def test_closing_is_on_time_by_the_orders_limit_and_by_three_working_days_where_solvable_at_once(
    said, on_time
):
    """Dispatched Monday 2 March; three working days end on Thursday the 5th at 24:00."""
    scores = bs(life("A1", **said))
    assert counts(scores, "A", "on_time") == ("1" if on_time else "0", "1")
    assert item(scores, "A", "on_time") == F(20 if on_time else 0)


def test_an_approved_extension_moves_the_limit_of_the_closing():
    late = {"due": "2026-03-05"}
    asked = ("request_extension", "2026-03-04 09:00", {"reason": "雨"})
    approved = ("approve_extension", "2026-03-04 10:00", {"order_due": "2026-03-06"})
    assert item(bs(life("A1", **late)), "A", "on_time") == F(0)
    assert item(bs(life("A1", also=[asked], **late)), "A", "on_time") == F(0)
    assert item(bs(life("A1", also=[asked, approved], **late)), "A", "on_time") == F(20)


def test_a_redo_moves_closing_and_evaluation_and_the_clock_keeps_its_first_close():
    """Closed on time in March, redone and closed again in May: nothing of March, on time in May."""
    again = [
        ("redo", "2026-04-02 09:00", {"ground": "poor_quality"}),
        ("accept", "2026-04-02 10:00", {"unit": "A"}),
        ("resolve", "2026-05-04 09:00", {"outcome": "resolved"}),
        (
            "revisit",
            "2026-05-04 10:00",
            {"result": "effective", "outcome": "resolved", "satisfaction": "neutral"},
        ),
        ("close", "2026-05-05 12:00", {}),
    ]
    rows = life("A1", callbacks=["unresolved/dissatisfied"], also=again) + life("A2", callbacks=[GOOD])
    march = bs(rows, period="2026-03")
    assert [counts(march, "A", name) for name in ITEMS] == [
        ("2", "2"),
        ("1", "1"),
        ("1", "1"),
        ("1", "1"),
        ("1", "1"),
    ]
    may = bs(rows, period="2026-05")
    assert counts(may, "A", "volume") == ("0", "0")
    assert points(may, "A") == (5, 20, 20, 25, 18)  # 60/100 x 30


def test_an_order_belongs_to_the_unit_of_its_last_dispatch():
    moved = [
        ("request_return", "2026-03-02 11:00", {"reason": "非本单位"}),
        ("approve_return", "2026-03-02 12:00", {}),
        ("dispatch", "2026-03-02 13:00", {"unit": "B"}),
        ("accept", "2026-03-02 15:00", {"unit": "B"}),
    ]
    scores = bs(life("M", "A", callbacks=[GOOD], also=moved) + life("A1"), units=undertaking("A B"))
    assert [counts(scores, unit, "volume") for unit in "AB"] == [("1", "2"), ("1", "2")]
    assert [counts(scores, unit, "on_time") for unit in "AB"] == [("1", "1"), ("1", "1")]
    assert item(scores, "B", "contact") == F(20)


@pytest.mark.parametrize(
    ("outcome", "resolution"), [("resolved", 25), ("explained", 0), ("recorded", 0), ("unresolved", 0)]
)
def test_only_actual_resolution_counts(outcome, resolution):
    scores = bs(life("A1", callbacks=[f"{outcome}/satisfied"]))
    assert item(scores, "A", "resolution") == F(resolution)
    assert rate(scores, "A", f"outcome.{outcome}") == F(1)


@pytest.mark.parametrize(
    ("answer", "satisfaction"),
    [("satisfied", 30), ("basically_satisfied", 24), ("neutral", 18), ("dissatisfied", 0)],
)
def test_the_four_answers_weigh_100_80_60_and_nothing(answer, satisfaction):
    scores = bs(life("A1", callbacks=[f"resolved/{answer}"]))
    assert item(scores, "A", "satisfaction") == F(satisfaction)
    assert rate(scores, "A", f"satisfaction.{answer}") == F(1)


def test_only_effective_callbacks_evaluate_and_the_last_of_them_does():
    """
    E changed its mind to neutral; I is effective by both answers; M said so, its satisfaction missing.

    U was not reached, C gave one answer only, F was told at the resolution alone. Of three two are
    resolved, and the satisfaction is (60 + 100 + 0)/300.
    """
    rows = life("E", callbacks=["resolved/satisfied", {"at": "2026-04-20", "result": "effective",
                "outcome": "resolved", "satisfaction": "neutral"}, {"at": "2026-04-21",
                "result": "not_connected"}])  # fmt: skip
    rows += life("I", callbacks=[{"outcome": "unresolved", "satisfaction": "satisfied"}])
    rows += life("M", callbacks=[{"result": "effective", "outcome": "resolved"}])
    rows += life("U", callbacks=[{"result": "not_connected"}])
    rows += life("C", callbacks=[{"result": "connected", "outcome": "resolved"}])
    rows += life("F", outcome="resolved")
    scores = bs(rows)
    assert counts(scores, "A", "resolution") == ("2", "3")
    assert item(scores, "A", "resolution") == F(50, 3)
    assert counts(scores, "A", "satisfaction") == ("8/5", "3")
    assert item(scores, "A", "satisfaction") == F(16)
    assert rate(scores, "A", "callback") == F(5, 6)  # tried or told: all closed but F


@pytest.mark.parametrize("source", ["centre", "district", "third_party", "mayor_platform", ""])
def test_callbacks_of_any_source_count(source):
    answers = {"result": "effective", "outcome": "resolved", "satisfaction": "neutral", "source": source}
    assert item(bs(life("A1", callbacks=[answers])), "A", "satisfaction") == F(18)


def test_a_callback_counts_in_the_closing_month_unless_its_own_is_chosen():
    """Closed in March, called back in April, when nothing was closed but one other order."""
    told = {"at": "2026-04-20", "outcome": "unresolved", "satisfaction": "neutral"}
    rows = life("A1", callbacks=[told]) + life("A2", accepted="2026-04-01 09:00", closed="2026-04-03 12:00")
    for reading, denominators in (("closing_month", ["1", "0"]), ("callback_month", ["0", "1"])):
        months = [bs(rows, period=one, settings={"attr.callback": reading}) for one in ("2026-03", "2026-04")]
        assert [counts(one, "A", "resolution")[1] for one in months] == denominators


def test_a_month_with_a_limit_past_the_known_calendar_is_provisional():
    """Dispatched on 30 December 2026: two working days for the form end in January 2027."""
    rows = life("A1", accepted="2026-12-30 09:00", closed="2026-12-31 12:00")
    assert bs(rows, period="2026-12")["provisional"] is True
    assert bs(life("A1"))["provisional"] is False


# Annexes 3 and 4


SITUATIONS = (
    "other_legal_channel", "central_authority", "military", "classified_matter", "personal_privacy",
    "law_enforcement_case", "anti_fraud", "sudden_disaster", "natural_disaster", "public_health_event",
    "public_opinion_event", "major_project", "improper_demand", "policy_not_accepted", "neighbour_avoidance",
    "major_event", "merchant_closure", "consumer_dispute", "medical_dispute", "other_contract_dispute",
    "other_tort_compensation", "backstop_accepted",
)  # fmt: skip
"""The 22 of annex 3, in its order."""


def with_one_asked_out(asked):
    """A good order, and one unresolved and dissatisfied for which an exclusion may have been asked."""
    return life("A1", callbacks=[GOOD]) + life("A2", callbacks=["unresolved/dissatisfied"], also=asked)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_an_exclusion_of_annex_3_leaves_satisfaction_alone(situation):
    """1 of 1 satisfied: 30; 1 of 2 resolved: 12.5; contact, on time and volume over both."""
    scores = bs(with_one_asked_out(excluded(situation)))
    assert points(scores, "A") == (5, 20, 20, F(25, 2), 30)
    assert counts(scores, "A", "satisfaction") == ("1", "1")
    assert rate(scores, "A", "satisfaction.satisfied") == F(1)
    assert [counts(scores, "A", name)[1] for name in ITEMS] == ["2", "2", "2", "2", "1"]


@pytest.mark.parametrize(
    "asked",
    [
        excluded(evidence=""),
        excluded(answer="refuse_exclusion"),
        excluded(answer=""),
        excluded(role="handling_unit"),
        excluded(role="hotline_centre"),
        excluded("unreasonable"),
        [],
    ],
    ids=["no evidence", "refused", "pending", "by the unit", "by another centre", "not in annex 3", "none"],
)
def test_an_exclusion_that_is_not_evidenced_and_approved_by_the_section_counts_for_nothing(asked):
    """1 of 2 in both."""
    scores = bs(with_one_asked_out(asked))
    assert points(scores, "A") == (5, 20, 20, F(25, 2), 15)


def test_the_district_approves_exclusions_where_so_read():
    rows = life("A1", callbacks=[GOOD])
    by_section = life("A2", callbacks=["resolved/dissatisfied"], also=excluded())
    by_district = life("A2", callbacks=["resolved/dissatisfied"], also=excluded(role="district_office"))
    settings = {"bs.exclusion_approver": "district"}
    assert item(bs(rows + by_section, settings=settings), "A", "satisfaction") == F(15)
    assert item(bs(rows + by_district, settings=settings), "A", "satisfaction") == F(30)
    assert item(bs(rows + by_district), "A", "satisfaction") == F(15)


def test_a_refused_exclusion_asked_for_again_and_approved_counts():
    asked = [
        *excluded(answer="refuse_exclusion"),
        ("request_exclusion", "2026-03-10 10:00", {"exclusion": "major_project", "evidence": "补充"}),
        ("approve_exclusion", "2026-03-11 10:00", {"role": "licensing_section"}),
    ]
    rows = life("A1", callbacks=[GOOD]) + life("A2", callbacks=["resolved/dissatisfied"], also=asked)
    assert item(bs(rows), "A", "satisfaction") == F(30)


def test_every_evaluated_order_excluded_is_full_satisfaction_and_the_backstop_bonus_counts_besides():
    """X22 and B01 both apply: 5 + 20 + 20 + 0 + 30 (0/0) + 2."""
    rows = life("A1", callbacks=["unresolved/dissatisfied"], also=excluded("backstop_accepted"))
    scores = bs(rows, adjustments=[entry("A", "backstop", "2", order_id="A1")])
    assert total(scores, "A") == F(77)


EVALUATED = (
    ("enquiry", "policy_info"),
    ("enquiry", "explanation_accepted"),
    ("complaint_report", "founded"),
    ("help", "partly_founded"),
    ("other", "founded"),
    ("suggestion", "adopted"),
    ("suggestion", "partly_adopted"),
)
NOT_EVALUATED = (
    ("enquiry", "no_policy_info"),
    ("enquiry", "explanation_refused"),
    ("complaint_report", "unfounded"),
    ("help", "unfounded"),
    ("other", "unfounded"),
    ("suggestion", "kept_for_reference"),
    ("suggestion", "not_adopted"),
)
OUTSIDE_ITS_TYPE = (
    ("complaint_report", "no_policy_info"),
    ("enquiry", "unfounded"),
    ("help", "kept_for_reference"),
    ("suggestion", "explanation_refused"),
)


def found(case_type, finding, **more):
    """A good order, and one unresolved and dissatisfied with that finding at its closing."""
    other = life("A2", callbacks=["unresolved/dissatisfied"], case_type=case_type, finding=finding, **more)
    return life("A1", callbacks=[GOOD]) + other


@pytest.mark.parametrize(("case_type", "finding"), NOT_EVALUATED)
def test_an_order_with_a_finding_that_is_not_evaluated_leaves_both_rates(case_type, finding):
    scores = bs(found(case_type, finding))
    assert points(scores, "A") == (5, 20, 20, 25, 30)
    assert [counts(scores, "A", name) for name in ("resolution", "satisfaction")] == [("1", "1"), ("1", "1")]
    assert counts(scores, "A", "on_time") == ("2", "2")


@pytest.mark.parametrize(("case_type", "finding"), [*EVALUATED, *OUTSIDE_ITS_TYPE, ("help", "")])
def test_other_findings_none_and_one_outside_its_case_type_are_evaluated(case_type, finding):
    """1 of 2 resolved and satisfied."""
    scores = bs(found(case_type, finding))
    assert points(scores, "A") == (5, 20, 20, F(25, 2), 15)


def test_a_finding_that_was_only_proposed_leaves_the_order_evaluated():
    rows = life("A1", callbacks=[GOOD])
    rows += life("A2", callbacks=["unresolved/dissatisfied"], case_type="help", resolve__finding="unfounded")
    assert item(bs(rows), "A", "resolution") == F(25, 2)


@pytest.mark.parametrize(("case_type", "finding"), NOT_EVALUATED)
@pytest.mark.parametrize(
    ("scope", "expected"), [("both", (25, 30)), ("resolution", (25, 15)), ("satisfaction", (F(25, 2), 30))]
)
def test_annex_4_read_for_one_rate_leaves_the_other(scope, expected, case_type, finding):
    scores = bs(found(case_type, finding), settings={"bs.annex4_scope": scope})
    assert (item(scores, "A", "resolution"), item(scores, "A", "satisfaction")) == expected


def test_with_no_order_left_to_evaluate_both_rates_are_full():
    rows = life("A1", callbacks=["unresolved/dissatisfied"], case_type="help", finding="unfounded")
    assert points(bs(rows), "A") == (5, 20, 20, 25, 30)


# Ranks

ANSWERS = {
    "5": "resolved/satisfied",
    "4": "resolved/basically_satisfied",
    "3": "resolved/neutral",
    "2": "resolved/dissatisfied",
    "1": "unresolved/dissatisfied",
}
"""One order a unit: 65 + volume share of 5, and 30, 24, 18, 0 for the answer; 1 is unresolved, 25 less."""


def history(months, names="A B C"):
    """Months of one order a unit, as "A5 B4 C1": which unit, which of the answers; and the roster."""
    rows = []
    for month, places in months.items():
        for one in places.split():
            unit, place = one[:-1], one[-1]
            rows += life(
                f"{unit}-{month}",
                unit,
                accepted=f"{month}-02 09:00",
                closed=f"{month}-06 12:00",
                callbacks=[ANSWERS[place]],
            )
    return rows, undertaking(names)


def raised(months, month, *rules, names="A B C", **more):
    """The consequences of a month of a history, of these rules (all but guidance where none is named)."""
    rows, units = history(months, names)
    scores = bs(rows, period=month, units=units, **more)
    return consequences(scores, *(rules or tuple(f"BS-E0{number}" for number in range(1, 7))))


def meeting(unit):
    return ("BS-E01", unit, "point_meeting")


def report(unit):
    return ("BS-E02", unit, "leader_report")


def branch_talk(unit):
    return ("BS-E03", unit, "branch_talk")


def main_talk(unit):
    return ("BS-E04", unit, "main_talk")


def test_equal_totals_share_a_rank_and_the_next_is_passed_over():
    """5/4 of volume each: 405/4-0, then two at 24, then 0 of 30."""
    rows, units = history({"2026-03": "A5 B4 C4 D1"}, "A B C D")
    scores = bs(rows, units=units)
    assert [total(scores, unit) for unit in "ABCD"] == [F(385, 4), F(361, 4), F(361, 4), F(165, 4)]
    assert ranks(scores) == {"A": 1, "B": 2, "C": 2, "D": 4}


def test_ranks_go_by_the_exact_total_unless_the_displayed_one_is_chosen():
    """
    705/14 = 50.357… and 1813/36 = 50.361… both show as 50.36.

    A: 9 closed late without contact, 5 of 7 resolved, all satisfied: 5/2 + 125/7 + 30.
    B: 9 closed late, 5 contacted, 3 of 4 resolved, all neutral: 5/2 + 100/9 + 75/4 + 18.
    """
    late = {"due": "2026-03-05"}
    rows = []
    for n in range(9):
        outcome_a = "resolved/satisfied" if n < 5 else "unresolved/satisfied"
        outcome_b = "resolved/neutral" if n < 3 else "unresolved/neutral"
        called_a, called_b = [outcome_a] if n < 7 else [], [outcome_b] if n < 4 else []
        rows += life(f"A{n}", contact=None, callbacks=called_a, **late)
        rows += life(f"B{n}", "B", contact="2026-03-02 10:00" if n < 5 else None, callbacks=called_b, **late)
    exact = bs(rows, units=undertaking("A B"))
    assert [total(exact, unit) for unit in "AB"] == [F(705, 14), F(1813, 36)]
    assert [of(exact, unit)["total"] for unit in "AB"] == ["50.36", "50.36"]
    assert ranks(exact) == {"A": 2, "B": 1}
    shown = bs(rows, units=undertaking("A B"), settings={"rank.on": "displayed"})
    assert ranks(shown) == {"A": 1, "B": 1}
    assert (consequences(exact, "BS-E01"), consequences(shown, "BS-E01")) == ([meeting("A")], [])


def test_equal_totals_part_by_satisfaction_where_so_read():
    """
    85.5 both, 5 orders each, one of them called back: 2.5 + 20 on time + 25 resolved.

    A: all contacted, neutral: 20 + 18. B: 2 of 5 contacted, satisfied: 8 + 30.
    """
    rows = lives(4, "A") + life("A5", callbacks=["resolved/neutral"])
    rows += life("B1", "B", callbacks=[GOOD]) + life("B2", "B")
    rows += lives(3, "C", unit="B", contact=None)
    scores = bs(rows)
    assert [total(scores, unit) for unit in "AB"] == [F(171, 2), F(171, 2)]
    assert ranks(scores) == {"A": 1, "B": 1}
    assert ranks(bs(rows, settings={"rank.method": "satisfaction_first"})) == {"A": 2, "B": 1}


# Consequences of a month


def test_the_last_of_the_month_has_a_meeting_and_the_last_three_have_guidance():
    rows, units = history({"2026-03": "A5 B4 C3 D2 E1"}, "A B C D E")
    scores = bs(rows, units=units)
    assert consequences(scores) == [
        meeting("E"),
        ("BS-E07", "C", "guidance"),
        ("BS-E07", "D", "guidance"),
        ("BS-E07", "E", "guidance"),
    ]
    assert all(one["because"] for one in scores["consequences"])


@pytest.mark.parametrize(
    ("places", "last", "low"),
    [
        ("A5 B4 C1", "C", "BC"),  # the best is never among the last three
        ("A5 B1 C1", "BC", "BC"),
        ("A5 B5 C1", "C", "C"),
        ("A5 B5 C5", "", ""),  # nobody is better
        ("A5", "", ""),
        ("A5 B4 C4 D4 E1", "E", "BCDE"),  # the edge of the last three is tied
        ("A5 B4 C3 D3 E3", "CDE", "CDE"),
        ("A5 B5 C4 D4 E4 F4", "CDEF", "CDEF"),
    ],
)
def test_all_tied_at_the_edge_are_last_and_nobody_tied_with_the_best_is(places, last, low):
    rows, units = history({"2026-03": places}, "A B C D E F")
    scores = bs(rows, units=units)
    assert consequences(scores, "BS-E01") == [meeting(unit) for unit in last]
    assert [unit for _, unit, _ in consequences(scores, "BS-E07")] == list(low)


def test_exactly_k_are_last_where_so_read():
    """B, C, D and E are tied: one of them is the last, three of them are the last three."""
    rows, units = history({"2026-03": "A5 B3 C3 D3 E3"}, "A B C D E")
    scores = bs(rows, units=units, settings={"bottom.tie": "exactly_k"})
    assert len(consequences(scores, "BS-E01")) == 1
    assert len(consequences(scores, "BS-E07")) == 3
    assert {unit for _, unit, _ in consequences(scores)} <= set("BCDE")


def test_a_unit_tied_with_the_best_may_be_last_where_so_read():
    rows, units = history({"2026-03": "A5 B5"}, "A B")
    scores = bs(rows, units=units, settings={"bottom.never_top": "false"})
    assert consequences(scores, "BS-E01") == [meeting("A"), meeting("B")]
    alone = bs(life("A1"), settings={"bottom.never_top": "false"})
    assert consequences(alone, "BS-E01") == [meeting("A")]


@pytest.mark.parametrize(("number", "low"), [("1", "J"), ("3", "HIJ"), ("5", "FGHIJ"), ("10%", "J")])
def test_how_many_are_low_is_a_choice(number, low):
    """Ten units apart by volume: 10, 9, … 1 of 55 orders accepted."""
    rows = [row for n, unit in enumerate("ABCDEFGHIJ") for row in lives(10 - n, unit, unit=unit)]
    scores = bs(rows, settings={"low_rank_n": number})
    assert [unit for _, unit, _ in consequences(scores, "BS-E07")] == list(low)
    assert consequences(scores, "BS-E01") == [meeting("J")]


LADDER = dict.fromkeys(("2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04"), "A1 B4 C5")


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2025-11", [meeting("A")]),
        ("2025-12", [meeting("A"), report("A")]),
        ("2026-01", [meeting("A"), report("A"), branch_talk("A")]),
        ("2026-02", [meeting("A"), report("A")]),
        ("2026-03", [meeting("A"), report("A"), main_talk("A")]),
        ("2026-04", [meeting("A"), report("A")]),
    ],
)
def test_the_ladder_of_a_unit_that_is_last_month_after_month(month, expected):
    """Report from the second in a row on, talks at the third and the fifth in all, each once."""
    assert raised(LADDER, month) == expected


def test_last_places_add_up_with_better_months_between():
    """A last in November, January, March, May, July: no streak, talks in March and July; B in between."""
    odd = dict.fromkeys(("2025-11", "2026-01", "2026-03", "2026-05", "2026-07"), "A1 B4 C5")
    even = dict.fromkeys(("2025-12", "2026-02", "2026-04", "2026-06"), "A5 B1 C4")
    months = dict(sorted({**odd, **even}.items()))
    assert raised(months, "2026-01") == [meeting("A")]
    assert raised(months, "2026-03") == [meeting("A"), branch_talk("A")]
    assert raised(months, "2026-04") == [meeting("B"), branch_talk("B")]
    assert raised(months, "2026-06") == [meeting("B")]
    assert raised(months, "2026-07") == [meeting("A"), main_talk("A")]


def test_two_units_tied_at_the_end_climb_together():
    months = {"2026-02": "A1 B1 C5", "2026-03": "A1 B1 C5"}
    assert raised(months, "2026-03") == [meeting("A"), meeting("B"), report("A"), report("B")]


def test_a_month_in_which_all_are_equal_breaks_a_streak_and_adds_nothing():
    months = {"2026-01": "A1 B4 C5", "2026-02": "A1 B1 C1", "2026-03": "A1 B4 C5"}
    assert raised(months, "2026-02") == []
    assert raised(months, "2026-03") == [meeting("A")]


GAP = {"2026-01": "A1 B4 C5", "2026-02": "B1 C5", "2026-03": "A1 B4 C5"}


def test_a_month_without_a_rank_breaks_the_streak():
    assert raised(GAP, "2026-03") == [meeting("A")]


def test_a_month_without_a_rank_is_passed_over_where_so_read():
    assert raised(GAP, "2026-03", settings={"bs.streak_gap": "skip"}) == [meeting("A"), report("A")]


def test_a_month_in_a_better_place_breaks_the_streak_in_either_reading():
    months = GAP | {"2026-02": "A4 B1 C5"}
    for reading in ("break", "skip"):
        assert raised(months, "2026-03", settings={"bs.streak_gap": reading}) == [meeting("A")]


def test_a_month_in_which_nobody_has_an_order_breaks_the_streak_too():
    months = {"2026-01": "A1 B5", "2026-03": "A1 B5"}
    assert raised(months, "2026-03") == [meeting("A")]
    assert raised(months, "2026-02") == []


def test_over_the_first_of_november_the_streak_runs_on_and_the_count_begins_anew():
    """Last in September, October and November 2025: three in a row, one of the new year."""
    months = dict.fromkeys(("2025-09", "2025-10", "2025-11", "2025-12", "2026-01"), "A1 B4 C5")
    assert raised(months, "2025-11") == [meeting("A"), report("A")]
    assert raised(months, "2026-01") == [meeting("A"), report("A"), branch_talk("A")]


def test_the_count_never_begins_anew_where_so_read():
    """The third last place is that of November, the fifth that of January."""
    months = dict.fromkeys(("2025-09", "2025-10", "2025-11", "2025-12", "2026-01"), "A1 B4 C5")
    settings = {"bs.cum_reset": "never"}
    assert raised(months, "2025-11", settings=settings) == [meeting("A"), report("A"), branch_talk("A")]
    assert raised(months, "2025-12", settings=settings) == [meeting("A"), report("A")]
    assert raised(months, "2026-01", settings=settings) == [meeting("A"), report("A"), main_talk("A")]


MET = entry("", "three_rates_met", at="2026-02-28")
TWO = {"2026-01": "A1 B4 C5", "2026-02": "A1 B4 C5", "2026-03": "A1 B4 C5"}


def test_three_rates_that_reach_the_average_spare_the_meeting_and_nothing_else():
    """February is met: no meeting, but the report of the second month, and it counts for March."""
    assert raised(TWO, "2026-02", adjustments=[MET]) == [report("A")]
    assert raised(TWO, "2026-03", adjustments=[MET]) == [meeting("A"), report("A"), branch_talk("A")]
    assert raised(TWO, "2026-01", adjustments=[MET]) == [meeting("A")]


def test_three_rates_that_reach_the_average_leave_points_ranks_and_guidance():
    rows, units = history(TWO)
    with_row = bs(rows, units=units, period="2026-02", adjustments=[MET])
    without = bs(rows, units=units, period="2026-02")
    assert ranks(with_row) == ranks(without) == {"A": 3, "B": 2, "C": 1}
    assert consequences(with_row, "BS-E07") == consequences(without, "BS-E07") != []
    assert [one["unit"] for one in with_row["units"]] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("month", "default", "ignored"),
    [
        ("2025-12", [report("A")], [meeting("A"), report("A")]),
        ("2026-01", [report("A"), branch_talk("A")], [meeting("A"), report("A"), branch_talk("A")]),
        ("2026-03", [report("A"), main_talk("A")], [meeting("A"), report("A"), main_talk("A")]),
    ],
)
def test_what_the_gate_spares_is_a_choice(month, default, ignored):
    """Read as the whole clause it spares report and talks too; read as ignored, nothing."""
    met = [entry("", "three_rates_met", at=f"{month}-10")]
    assert raised(LADDER, month, adjustments=met) == default
    assert raised(LADDER, month, adjustments=met, settings={"bs.gate": "whole_clause"}) == []
    assert raised(LADDER, month, adjustments=met, settings={"bs.gate": "ignored"}) == ignored
    for reading in ("publication_and_meeting_only", "whole_clause", "ignored"):
        assert raised(LADDER, month, settings={"bs.gate": reading}) == ignored


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2026Q1", ("BS-E05", "A", "section_no_quarter_award")),
        ("2026", ("BS-E06", "A", "branch_leader_no_year_award")),
    ],
)
def test_awards_are_spared_by_the_gate_only_as_the_whole_clause_and_with_every_month_met(period, expected):
    months = ["2025-11", "2025-12", *(f"2026-{number:02}" for number in range(1, 11))]
    met = [entry("", "three_rates_met", at=f"{month}-10") for month in months]
    rows, units = history(LADDER)
    for reading, entered, found in (
        ("publication_and_meeting_only", met, [expected]),
        ("ignored", met, [expected]),
        ("whole_clause", met, []),
        ("whole_clause", met[1:], [expected]),
    ):
        scores = bs(rows, units=units, period=period, adjustments=entered, settings={"bs.gate": reading})
        assert consequences(scores) == found


def test_a_single_month_is_at_the_beginning_of_every_streak():
    assert raised({"2026-03": "A1 B5"}, "2026-03") == [meeting("A")]


def test_a_bonus_may_lift_a_unit_out_of_the_last_place():
    """B 65 + 2.5 + 0, A the same and a point: the bonus is part of what is ranked."""
    months = {"2026-03": "A2 B2"}
    assert raised(months, "2026-03", names="A B") == []
    adjustments = [entry("A", "backstop", "1")]
    assert raised(months, "2026-03", names="A B", adjustments=adjustments) == [meeting("B")]


# Quarter and year

QUARTER = {"2025-11": "A5 B4", "2025-12": "B1", "2026-01": "A3 B5", "2026-02": "A1 B5", "2026-03": "A1 B5"}
"""
By month (two units: 2.5 of volume each; December: B alone, 5):
A 97.5, –, 85.5, 42.5, 42.5; B 91.5, 45, 97.5, 97.5, 97.5.
"""


def test_the_first_quarter_runs_from_november_to_january_over_the_ranked_months():
    """A (97.5 + 85.5) / 2 = 91.5; B (91.5 + 45 + 97.5) / 3 = 78: B is last of the quarter."""
    rows, units = history(QUARTER, "A B C")
    scores = bs(rows, units=units, period="2026Q1")
    assert [total(scores, unit) for unit in "ABC"] == [F(183, 2), F(78), None]
    assert ranks(scores) == {"A": 1, "B": 2, "C": None}
    assert [of(scores, unit)["total"] for unit in "AB"] == ["91.50", "78.00"]
    assert consequences(scores) == [("BS-E05", "B", "section_no_quarter_award")]
    assert scores["period"] == "2026Q1"


def test_the_second_quarter_begins_with_february():
    """A 42.5, B 97.5 in each of two months; April has no rank."""
    rows, units = history(QUARTER, "A B")
    scores = bs(rows, units=units, period="2026Q2")
    assert [total(scores, unit) for unit in "AB"] == [F(85, 2), F(195, 2)]
    assert consequences(scores) == [("BS-E05", "A", "section_no_quarter_award")]


def test_read_by_the_calendar_the_first_quarter_runs_from_january_to_march():
    """A (85.5 + 42.5 + 42.5) / 3, B 97.5 three times."""
    rows, units = history(QUARTER, "A B")
    settings = {"bs.quarter_basis": "calendar"}
    scores = bs(rows, units=units, period="2026Q1", settings=settings, as_of="2026-03-31 12:00")
    assert [total(scores, unit) for unit in "AB"] == [F(341, 6), F(195, 2)]
    assert consequences(scores) == [("BS-E05", "A", "section_no_quarter_award")]


def test_equal_means_of_a_quarter_leave_nobody_last():
    """97.5 and 91.5 each, in turn."""
    rows, units = history({"2025-11": "A5 B4", "2025-12": "A4 B5"}, "A B")
    scores = bs(rows, units=units, period="2026Q1")
    assert [total(scores, unit) for unit in "AB"] == [F(189, 2), F(189, 2)]
    assert (ranks(scores), consequences(scores)) == ({"A": 1, "B": 1}, [])


def test_a_tie_at_the_end_of_a_quarter_takes_both_sections():
    rows, units = history({"2025-11": "A4 B4 C5"})
    scores = bs(rows, units=units, period="2026Q1")
    assert [(rule, unit) for rule, unit, _ in consequences(scores)] == [("BS-E05", "A"), ("BS-E05", "B")]


def test_the_year_is_the_mean_of_the_ranked_months_from_november_to_october():
    """
    A (97.5 + 85.5 + 42.5 + 42.5 + 97.5) / 5 = 73.1; B (91.5 + 45 + 97.5 x 3 + 67.5) / 6 = 82.75.

    October 2025 and November 2026 belong to other years.
    """
    months = QUARTER | {"2025-10": "A5 B1", "2026-10": "A5 B2", "2026-11": "A5 B1"}
    rows, units = history(dict(sorted(months.items())), "A B")
    scores = bs(rows, units=units, period="2026")
    assert [total(scores, unit) for unit in "AB"] == [F(731, 10), F(331, 4)]
    assert ranks(scores) == {"A": 2, "B": 1}
    assert consequences(scores) == [("BS-E06", "A", "branch_leader_no_year_award")]
    assert {one["grade"] for one in scores["units"]} == {None}


def test_read_by_the_calendar_the_year_runs_from_january_to_december():
    """A: 97.5 in December 2025 and 42.5 in January 2026; B 42.5 and 97.5, and again in December 2026."""
    months = {"2025-12": "A5 B1", "2026-01": "A1 B5", "2026-12": "A1 B5"}
    rows, units = history(months, "A B")
    settings = {"year.basis": "calendar"}
    scores = bs(rows, units=units, period="2026", settings=settings, as_of="2026-12-31 12:00")
    assert [total(scores, unit) for unit in "AB"] == [F(85, 2), F(195, 2)]


def test_items_of_a_quarter_are_pooled_over_its_orders():
    """Contacted 1 of 1 in November, 0 of 3 in December: 1 of 4 in the quarter, 20 and 0 by month."""
    rows = life("N1", accepted="2025-11-03 09:00", closed="2025-11-06 12:00", callbacks=[GOOD])
    rows += lives(3, "D", accepted="2025-12-01 09:00", closed="2025-12-05 12:00", contact=None)
    scores = bs(rows, period="2026Q1")
    assert rate(scores, "A", "contact") == F(1, 4)
    assert total(scores, "A") == (F(100) + F(80)) / 2
