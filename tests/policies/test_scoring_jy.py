"""A month under JY: every figure by hand, every setting with the figure it moves."""

from fractions import Fraction

import pytest
from msgspec.structs import replace
from support.scores import adjust, at, callback, good, month, order, points, roster, scoring

from paidan.policies.roster import Roster, Unit
from paidan.policies.scoring.records import Mark

F = Fraction


def worked_example():
    """Five closed by A, one late, four evaluated; B takes the volume so that A earns the band of 4."""
    callbacks = (
        "resolved/satisfied",
        "resolved/satisfied",
        "recorded/basically_satisfied",
        "unresolved/dissatisfied",
    )
    records = [
        order(
            f"A{n}",
            contact="evidence" if n < 3 else None,
            callbacks=(one,),
            verdict="late" if n == 0 else "met",
        )
        for n, one in enumerate(callbacks)
    ]
    return [*records, order("A4"), *(order(f"B{n}", "B") for n in range(30))]


def test_the_worked_example_is_73_point_125():
    scores = month(worked_example())
    assert points(scores["A"]) == {
        "volume": F(4),
        "timeliness": F(9),
        "contact": F(75, 4),
        "resolution": F(135, 8),
        "satisfaction": F(49, 2),
    }
    assert scores["A"].total == F("73.125")
    assert (scores["A"].status, scores["A"].rank) == ("assessed", 1)
    contact = scores["A"].item("contact")
    assert (contact.numerator, contact.denominator, contact.orders) == (3, 4, ("A0", "A1", "A2", "A3"))
    resolution = scores["A"].item("resolution")
    assert (resolution.numerator, resolution.denominator) == (F(27, 10), 4)
    timeliness = scores["A"].item("timeliness")
    assert (timeliness.numerator, timeliness.denominator, timeliness.orders) == (1, None, ("A0",))


def test_the_rates_of_the_worked_example():
    rates = {name: rate.exact for name, rate in month(worked_example())["A"].rates.items()}
    assert rates == {
        "volume": F(1, 7),
        "contact": F(3, 4),
        "on_time": F(4, 5),
        "resolution": F(27, 40),
        "callback": F(4, 5),
        "outcome.resolved": F(1, 2),
        "outcome.explained": 0,
        "outcome.recorded": F(1, 4),
        "outcome.unresolved": F(1, 4),
        "satisfaction.satisfied": F(1, 2),
        "satisfaction.basically_satisfied": F(1, 4),
        "satisfaction.neutral": 0,
        "satisfaction.dissatisfied": F(1, 4),
    }


def test_a_rate_of_nothing_is_undefined_and_never_0():
    unit = month([order("A1"), good("B1", "B")], units=roster(department="A B C"))["C"]
    assert unit.rates["contact"].exact is None
    assert unit.rates["on_time"].exact is None
    assert unit.rates["volume"].exact == 0


def accepting(**counts):
    return [good(f"{unit}{n}", unit) for unit, count in counts.items() for n in range(count)]


def test_a_fifth_of_the_volume_earns_all_and_only_those_below_are_ranked():
    scores = month(accepting(A=20, B=16, C=16, D=13, E=12, F=11, G=6, H=6))
    assert {unit: points(one)["volume"] for unit, one in scores.items()} == {
        "A": 5,
        "B": 4,
        "C": 4,
        "D": 4,
        "E": 3,
        "F": 3,
        "G": 3,
        "H": 3,
    }


def test_under_a_fifth_by_one_order_is_under():
    scores = month(accepting(A=20, B=79, C=1))
    assert points(scores["A"])["volume"] == 5
    scores = month(accepting(A=20, B=79, C=2))
    assert points(scores["A"])["volume"] == 4


def test_neighbourhoods_are_ranked_by_volume_with_ties_sharing_the_better_band():
    names = [f"N{n:02}" for n in range(1, 13)]
    counts = dict(zip(names, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2], strict=True))
    scores = month(accepting(**counts), units=roster(neighbourhood=" ".join(names)))
    got = [points(scores[name])["volume"] for name in names]
    assert got == [5] * 11 + [F(9, 2)]


def test_pools_are_ranked_apart():
    scores = month(accepting(A=1, B=1, N=1), units=roster(department="A B", neighbourhood="N"))
    assert {unit: one.rank for unit, one in scores.items()} == {"A": 1, "B": 1, "N": 1}


def test_late_closings_cost_a_point_each_and_never_more_than_the_item():
    assert points(month([good(f"A{n}", verdict="late") for n in range(12)])["A"])["timeliness"] == 0
    free = month([good(f"A{n}", verdict="late") for n in range(12)], floor__item="none")
    assert points(free["A"])["timeliness"] == -2


def test_overdue_still_open_counts_only_when_closed():
    unit = month([good("A1"), order("A2", closed=None, verdict="overdue")])["A"]
    assert points(unit)["timeliness"] == 10


def test_no_limit_known_is_in_time():
    assert points(month([good("A1", verdict=None)])["A"])["timeliness"] == 10


def test_the_total_has_a_floor():
    records = [
        order(
            f"A{n}",
            accepted="2026-02-27",
            verdict="late",
            contact=None,
            callbacks=("unresolved/dissatisfied",),
        )
        for n in range(10)
    ]
    talks = [adjust("talk_main"), adjust("talk_branch")]
    assert month(records, talks)["A"].total == 0
    assert month(records, talks, floor__total="none")["A"].total == -4


# ---- status --------------------------------------------------------------------------------------


def test_a_month_without_orders_counts_as_full_and_is_ranked():
    unit = month([good("B1", "B")], [adjust("absent")], roster(department="A B"))["A"]
    assert (unit.status, unit.total, unit.rank) == ("no_orders", 99, 2)
    assert points(unit) == {
        "volume": 5,
        "timeliness": 10,
        "contact": 25,
        "resolution": 25,
        "satisfaction": 35,
    }


def test_whether_a_month_without_orders_is_ranked_is_a_setting():
    units = roster(department="A B")
    assert month([good("B1", "B")], (), units, jy__no_orders_ranked="false")["A"].rank is None


def test_accepted_but_nothing_closed_is_not_assessed():
    scores = month([order("A1", closed=None), good("B1", "B")])
    unit = scores["A"]
    assert (unit.status, unit.total, unit.rank) == ("not_assessed", None, None)
    assert set(points(unit).values()) == {None}
    assert unit.rules["status"] == "JY-X01"
    assert unit.rates["volume"].exact == F(1, 2)


@pytest.mark.parametrize(
    "callbacks",
    [
        (),
        (callback("", "", result="not_connected"),),
        (callback("", "", result="connected"),),
        (callback("resolved", "", result=""),),
        (callback(source="centre"),),
        (callback(result="not_connected"),),
    ],
)
def test_closed_without_an_effective_evaluation_that_counts_is_not_assessed(callbacks):
    unit = month([order("A1", callbacks=callbacks)])["A"]
    assert (unit.status, unit.total, unit.rules["status"]) == ("not_assessed", None, "JY-X02")


@pytest.mark.parametrize("result", ["effective", "", "connected"])
def test_both_answers_imply_an_effective_evaluation(result):
    assert month([order("A1", callbacks=(callback(result=result, source=""),))])["A"].status == "assessed"


def test_a_missing_answer_stays_in_the_denominator():
    unit = month([good("A1"), order("A2", callbacks=(callback("resolved", ""),))])["A"]
    assert (points(unit)["resolution"], points(unit)["satisfaction"]) == (25, F(35, 2))


def test_the_last_effective_evaluation_counts_whatever_comes_after():
    tries = ("unresolved/dissatisfied", "resolved/neutral", callback("", "", result="not_connected"))
    unit = month([order("A1", callbacks=tries)])["A"]
    assert (points(unit)["resolution"], points(unit)["satisfaction"]) == (25, 21)


def test_an_evaluation_counts_in_the_month_of_closing_or_by_setting_in_its_own():
    late = callback(on="2026-04-02")
    records = [good("A0"), order("A1", callbacks=(late,), contact=None)]
    assert points(month(records)["A"])["contact"] == F(25, 2)
    by_callback = month(records, attr__callback="callback_month")
    assert points(by_callback["A"])["contact"] == 25
    april = month(records, period="2026-04", attr__callback="callback_month")["A"]
    assert april.item("contact").orders == ("A1",)
    assert month(records, period="2026-04")["A"].item("contact").orders == ()


def test_contact_counts_only_with_evidence_and_anonymous_orders_stay_in():
    records = [good("A1"), good("A2", contact="bare"), good("A3", contact=None, anonymous=True)]
    contact = month(records)["A"].item("contact")
    assert (contact.numerator, contact.denominator) == (1, 3)


def test_orders_without_a_unit_belong_to_nobody():
    scores = month([good("A1"), order("D1", None, accepted=None)])
    assert list(scores) == ["A"]


def test_a_unit_that_lost_its_only_order_is_listed_without_orders():
    scores = month([good("A1", earlier_units=("Z",))])
    assert scores["Z"].status == "no_orders"


def test_a_unit_that_is_not_in_the_roster_has_no_pool_no_rank_and_no_part_in_the_sums():
    scores = month(accepting(A=1, X=9), units=roster(department="A"))
    assert list(scores) == ["A", "X"]
    assert (scores["X"].pool, scores["X"].rank, scores["X"].total) == (None, None, None)
    assert points(scores["X"])["satisfaction"] == 35
    assert scores["X"].rates["volume"].exact is None
    assert scores["A"].rates["volume"].exact == 1


def test_a_listing_counts_in_the_months_it_holds_in():
    units = Roster(
        [
            Unit("A", "department", to_on=at("2026-03-10").date()),
            Unit("A", "neighbourhood", from_on=at("2026-03-11").date()),
            Unit("B", "department", from_on=at("2026-04-01").date()),
        ],
        "department",
    )
    scores = month([good("A1")], (), units)
    assert {unit: one.pool for unit, one in scores.items()} == {"A": "neighbourhood"}


def test_months_end_at_midnight_in_beijing():
    edge = at("2026-03-31T23:59:59")
    record = good("A1", closed=None, accepted=None)
    record = replace(record, closed=Mark(edge, 8))
    assert month([record])["A"].item("contact").orders == ("A1",)
    record = replace(record, closed=Mark(at("2026-04-01"), 8))
    assert month([record])["A"].status == "no_orders"


def test_a_score_is_provisional_when_a_deadline_of_a_counted_order_is():
    records = [good("A1"), order("A2", accepted="2026-04-02", closed=None, provisional=True)]
    assert not scoring(records).month("2026-03").provisional
    assert scoring(records).month("2026-04").provisional


# ---- adjustments ---------------------------------------------------------------------------------


def adjusted(*adjustments, records=(), **settings):
    unit = month([good("A1"), *records], adjustments, **settings)["A"]
    return unit.bonus, unit.deduction, unit.total


def test_bonus_and_deduction_are_capped_at_10_each():
    bonuses = [adjust("praise", points=F(3), confirmed_by="centre_head") for _ in range(4)]
    talks = [adjust("media") for _ in range(4)]
    assert adjusted(*bonuses) == (10, 0, 110)
    assert adjusted(*bonuses, *talks) == (10, 10, 100)
    assert adjusted(*talks[:3]) == (0, 9, 91)


def test_an_unconfirmed_bonus_is_listed_and_counts_nothing():
    unit = month([good("A1")], [adjust("praise", points=F(3))])["A"]
    assert (unit.bonus, unit.total) == (0, 100)
    (line,) = unit.adjustments
    assert (line.because, line.cites, line.counted) == ("unconfirmed", "JY-G08", False)


def test_a_deduction_needs_no_confirmation():
    assert adjusted(adjust("talk_joint"))[1] == 2


@pytest.mark.parametrize(
    ("more", "bonus"),
    [
        ({}, F(1, 2)),
        ({"good": True}, F(3, 2)),
        ({"good": False, "order_id": "A1"}, F(1, 2)),
        ({"order_id": "A1"}, F(3, 2)),
        ({"order_id": "A2"}, F(3, 2)),
        ({"order_id": "A3"}, F(1, 2)),
        ({"order_id": "unknown"}, F(1, 2)),
    ],
)
def test_the_further_point_follows_good_or_else_the_orders_evaluation(more, bonus):
    records = [
        order("A2", callbacks=("unresolved/basically_satisfied",)),
        order("A3", callbacks=("resolved/neutral",)),
    ]
    entered = adjust("three_duty", confirmed_by="centre_head", **more)
    assert adjusted(entered, records=records)[0] == bonus


def test_a_talk_for_a_dispatch_after_a_talk_deducts_unless_the_setting_says_not():
    record = good("T1", category="talk_first")
    talk = adjust("talk_main", order_id="T1")
    assert adjusted(talk, records=[record])[1] == 3
    assert adjusted(talk, records=[record], jy__dispatch_talk_deducts="false")[1] == 0
    other = adjust("talk_main", order_id="A1")
    assert adjusted(other, records=[record], jy__dispatch_talk_deducts="false")[1] == 3


def test_adjustments_count_in_the_month_of_their_time():
    assert adjusted(adjust("absent", on="2026-02-28T23:59:59"), adjust("absent", on="2026-04-01")) == (
        0,
        0,
        100,
    )


def test_adjustments_of_a_month_that_is_not_assessed_lapse_or_by_setting_go_to_the_next():
    records = [
        order("A1", accepted="2026-01-05", closed=None),
        order("A2", accepted="2026-02-05", closed=None),
        good("A3"),
    ]
    entered = [
        adjust("absent", on="2026-01-09"),
        adjust("talk_joint", on="2026-02-09"),
        adjust("media", on="2026-03-09"),
    ]
    lapsed = month(records, entered, period="2026-02")["A"]
    assert (lapsed.deduction, lapsed.adjustments[0].because) == (0, "month_not_assessed")
    assert month(records, entered)["A"].deduction == 3
    carry = {"jy__unassessed_adjustments": "carry_forward"}
    assert month(records, entered, period="2026-02", **carry)["A"].adjustments[0].because == "carried_forward"
    carried = month(records, entered, **carry)["A"]
    assert carried.deduction == 6
    assert [line.carried_from for line in carried.adjustments] == ["2026-01", "2026-02", ""]


# ---- settings ------------------------------------------------------------------------------------


def test_volume_rank_scope_all_ranks_the_big_ones_too():
    records = accepting(A=20, B=6, C=5, D=4)
    assert points(month(records)["D"])["volume"] == 4
    assert points(month(records, jy__volume_rank_scope="all")["D"])["volume"] == 3


def test_volume_pool_of_all_undertaken_sets_the_lead_against_all_that_assist():
    records = [*accepting(A=8, B=31), good("S", "B", assisting=("A", "C"))]
    assert points(month(records)["A"])["volume"] == 5
    assert points(month(records, jy__volume_pool="all_undertaken")["A"])["volume"] == 4


@pytest.mark.parametrize(("reading", "expected"), [("0", 0), ("lowest_band", F(5, 2)), ("full", 5)])
def test_closing_without_accepting_earns_what_the_setting_says(reading, expected):
    unit = month([good("A1", accepted=None), good("B1", "B")], jy__volume_no_accept=reading)["A"]
    assert points(unit)["volume"] == expected


def test_the_denominator_may_be_every_call_that_was_tried():
    records = [good("A1"), order("A2", callbacks=(callback("", "", result="not_connected"),))]
    assert points(month(records)["A"])["satisfaction"] == 35
    assert points(month(records, jy__denominator="all_callbacks")["A"])["satisfaction"] == F(35, 2)


def test_by_setting_only_satisfaction_asks_for_the_district():
    records = [
        good("A1"),
        order("A2", contact=None, callbacks=(callback("unresolved", "neutral", source="centre"),)),
    ]
    assert points(month(records)["A"])["resolution"] == 25
    unit = month(records, jy__evaluation_source="S06_only")["A"]
    assert (points(unit)["contact"], points(unit)["resolution"], points(unit)["satisfaction"]) == (
        F(25, 2),
        F(25, 2),
        35,
    )


def three_way():
    """B and C tie to the second place, B and D exactly; D has the better satisfaction."""
    base = accepting(A=1)
    return base, [
        adjust("praise", "B", points=F("1.001"), confirmed_by="x"),
        adjust("praise", "C", points=F("1.002"), confirmed_by="x"),
    ]


def test_ranks_are_by_exact_total_unless_the_setting_says_displayed():
    base, entered = three_way()
    units = roster(department="A B C")
    assert [month(base, entered, units)[unit].rank for unit in "ABC"] == [3, 2, 1]
    assert [month(base, entered, units, rank__on="displayed")[unit].rank for unit in "ABC"] == [3, 1, 1]


def test_satisfaction_breaks_ties_only_where_the_setting_says_so():
    records = [
        order("A1", callbacks=("resolved/neutral",)),
        good("B1", "B", contact=None),
        *(order(f"C{n}", "C", callbacks=("resolved/neutral",)) for n in range(1)),
    ]
    entered = [
        adjust("praise", "B", points=F(3), confirmed_by="x"),
        *(adjust("media", "A") for _ in range(2)),
        *(adjust("media", "C") for _ in range(2)),
        *(adjust("absent", unit) for unit in "AC"),
        adjust("talk_branch", "A"),
        adjust("talk_branch", "C"),
    ]
    scores = month(records, entered)
    assert scores["A"].total == scores["B"].total == scores["C"].total
    assert [scores[unit].rank for unit in "ABC"] == [1, 1, 1]
    ranks = month(records, entered, rank__method="satisfaction_first")
    assert [ranks[unit].rank for unit in "ABC"] == [2, 1, 2]
