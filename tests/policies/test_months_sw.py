"""
Months and the thirteen-month year of 上海市水务局 worked by hand from 五 to 七, the sums beside the orders.

2015-03-02 is a Monday and March 2015 has no holiday. Orders are dispatched on the day they are received,
one working day from Monday 2 is Tuesday 3, and two weeks from the receipt is Monday 16 at 08:00.
"""

from fractions import Fraction

import pytest
from support.months import consequences, entry, item, life, of, ranks, rate, scored, status, total

from paidan.policies.errors import SettingError

F = Fraction

ITEMS = ("volume", "contact", "on_time", "resolution", "satisfaction")
OUTCOMES = ("resolved", "explained", "recorded", "unresolved")
ANSWERS = ("satisfied", "basically_satisfied", "neutral", "dissatisfied")
UNITS = {"one_stop": "A B", "district_other": "M", "chengtou": "K"}
MARCH = "2015-03"


def order(order_id, unit="A", **said):
    """An order of March 2015, accepted on the 2nd and closed on the 6th unless said otherwise."""
    return life(order_id, unit, **{"accepted": "2015-03-02 09:00", "closed": "2015-03-06 12:00", **said})


def march(rows, *entered, period=MARCH, units=UNITS, **settings):
    chosen = {name.replace("__", "."): value for name, value in settings.items()}
    return scored("SW", rows, period=period, units=units, adjustments=entered, settings=chosen)


def decided(unit, code, points="", at="2015-03-20"):
    """An entry that the leading group has confirmed."""
    return entry(unit, code, points, at, confirmed_by="leading_group")


def shares(scores, unit, of_what, names):
    return [rate(scores, unit, f"{of_what}.{name}") for name in names]


def side(scores, unit, name):
    return F(of(scores, unit)[name])


RETURNED = (
    ("request_return", "2015-03-03 09:00", {"return_kind": "outside_system", "reason": "属交通部门"}),
    ("approve_return", "2015-03-03 15:00", {"role": "hotline_office"}),
)


# ---- volume, contact, time -----------------------------------------------------------------------


THREE_POOLS = [
    *order("A1"), *order("A2"), *order("A3", closed=None),
    *order("B1", "B"),
    *order("M1", "M"), *order("M2", "M"),
    *order("K1", "K"), *order("K2", "K"),
]  # fmt: skip


def test_volume_is_the_share_of_all_orders_accepted_whatever_the_pool():
    scores = march(THREE_POOLS)
    # of 3 + 1 + 2 + 2 = 8
    assert [rate(scores, unit, "volume") for unit in "ABMK"] == [F(3, 8), F(1, 8), F(1, 4), F(1, 4)]


def test_by_setting_volume_is_the_share_of_the_one_stop_units():
    scores = march(THREE_POOLS, sw__volume_total="one_stop_only")
    # of 3 + 1
    assert [rate(scores, unit, "volume") for unit in "AB"] == [F(3, 4), F(1, 4)]


def test_volume_counts_in_the_month_of_acceptance_and_the_rest_in_that_of_closing():
    rows = [*order("A1", closed="2015-04-02 12:00", due="2015-04-10 12:00"), *order("B1", "B")]
    scores = march(rows)
    assert (rate(scores, "A", "volume"), rate(scores, "A", "on_time")) == (F(1, 2), None)
    scores = march(rows, period="2015-04")
    assert (rate(scores, "A", "volume"), rate(scores, "A", "on_time")) == (None, 1)


def test_contact_counts_inside_a_working_day_of_the_dispatch_and_never_for_anonymous_orders():
    rows = [
        *order("A1", contact="2015-03-03 23:59:59"),  # the last second
        *order("A2", contact="2015-03-04 00:00:00"),  # a second late
        *order("A3", contact=None),
        *order("A4", contact="2015-03-02 08:05"),  # before the dispatch at 08:20: met
        *order("A5", anonymous=True),
    ]
    # A1 A4 of A1 to A4
    assert rate(march(rows), "A", "contact") == F(1, 2)


def test_on_time_is_closed_by_the_order_due_or_by_the_statutory_limit_in_its_place():
    rows = [
        *order("A1", due="2015-03-06 12:00:00"),  # closed on its last second
        *order("A2", due="2015-03-06 11:59:59"),  # a second late
        *order("A3", due="2015-03-05 18:00", law_due="2015-03-10 18:00"),  # the law gives longer
        *order("A4", due="2015-03-10 18:00", law_due="2015-03-05 18:00"),  # the law gives less
        *order("A5", anonymous=True, contact=None),  # anonymous orders stay in
        *order("A6", due=None),  # no limit known: on time
    ]
    # A1 A3 A5 A6 of six
    assert rate(march(rows), "A", "on_time") == F(2, 3)


def test_recognised_returns_leave_every_rate_and_stay_in_volume():
    rows = [
        *order("A1", due="2015-03-05 12:00", callbacks=["resolved/satisfied"]),  # late
        *order("A2", contact=None, resolved=None, callbacks=["unresolved/dissatisfied"], also=RETURNED),
        *order("B1", "B"),
    ]
    scores = march(rows)
    assert [rate(scores, "A", name) for name in ("contact", "on_time", "outcome.resolved")] == [1, 0, 1]
    assert shares(scores, "A", "satisfaction", ANSWERS) == [1, 0, 0, 0]
    assert rate(scores, "A", "volume") == F(2, 3)


def test_a_unit_whose_only_closing_was_a_recognised_return_has_no_rates():
    scores = march(order("A1", resolved=None, also=RETURNED))
    assert [rate(scores, "A", name) for name in ("contact", "on_time", "resolution")] == [None] * 3
    assert (status(scores, "A"), rate(scores, "A", "volume")) == ("rates_only", 1)


def test_a_return_only_asked_for_stays_in_the_rates():
    rows = [*order("A1"), *order("A2", contact=None, also=RETURNED[:1])]
    assert rate(march(rows), "A", "contact") == F(1, 2)


def test_a_return_recognised_for_one_unit_does_not_free_the_next():
    rows = order("A1", "A", contact=None, resolved=None, closed=None, also=[
        *RETURNED,
        ("dispatch", "2015-03-04 09:00", {"unit": "B"}),
        ("accept", "2015-03-04 10:00", {"unit": "B"}),
        ("contact", "2015-03-06 00:00:00", {}),  # the working day of B ended with Thursday 5
        ("resolve", "2015-03-09 10:00", {"unit": "B", "outcome": "resolved"}),
        ("close", "2015-03-10 10:00", {}),
    ])  # fmt: skip
    scores = march(rows)
    assert [rate(scores, "B", name) for name in ("volume", "contact", "on_time")] == [1, 0, 1]
    assert status(scores, "A") == "no_orders"


# ---- what callers said ---------------------------------------------------------------------------


def called(source, outcome="unresolved", satisfaction="dissatisfied"):
    return {"result": "effective", "outcome": outcome, "satisfaction": satisfaction, "source": source}


def test_outcomes_and_answers_are_four_shares_each_of_the_evaluated():
    rows = [
        *order("A1", callbacks=["resolved/satisfied"]),
        *order("A2", callbacks=["resolved/basically_satisfied"]),
        *order("A3", callbacks=["explained/neutral"]),
        *order("A4", callbacks=["recorded/neutral"]),
        *order("A5", callbacks=["unresolved/dissatisfied"]),
        *order("A6", callbacks=[{"result": "not_connected"}]),
        *order("A7", outcome="resolved"),  # the unit ticks it, nobody called
    ]
    scores = march(rows)
    assert shares(scores, "A", "outcome", OUTCOMES) == [F(2, 5), F(1, 5), F(1, 5), F(1, 5)]
    assert shares(scores, "A", "satisfaction", ANSWERS) == [F(1, 5), F(1, 5), F(2, 5), F(1, 5)]
    # seven closed, six called
    assert rate(scores, "A", "callback") == F(6, 7)


def test_only_the_third_partys_callbacks_count_and_one_of_nobody_known():
    rows = [
        *order("A1", callbacks=[called("third_party", "resolved", "satisfied"), called("centre")]),
        *order("A2", callbacks=[called("district")]),
        *order("A3", callbacks=[called("", "explained", "neutral")]),
    ]
    scores = march(rows)
    # A1 by its third-party call, A3; A2 not at all
    assert shares(scores, "A", "outcome", OUTCOMES) == [F(1, 2), F(1, 2), 0, 0]
    assert shares(scores, "A", "satisfaction", ANSWERS) == [F(1, 2), 0, F(1, 2), 0]


# ---- base, bonus, deduction ----------------------------------------------------------------------


def test_without_weights_quality_has_no_points_and_nobody_a_total():
    scores = march(order("A1", callbacks=["resolved/satisfied"]), decided("A", "base", "17.5"))
    found = of(scores, "A")
    assert set(found["items"]) == {"base", *ITEMS}
    assert [(found["items"][name]["points"], found["items"][name]["max"]) for name in ITEMS] == [
        (None, None)
    ] * 5
    assert (found["items"]["base"]["points"], found["items"]["base"]["max"]) == ("17.50", 20)
    assert (found["status"], found["total"], found["rank"]) == ("rates_only", None, None)
    assert status(scores, "B") == "no_orders"
    assert scores["settings"] == {}


@pytest.mark.parametrize("points", ["0", "20"])
def test_base_management_is_entered_from_0_to_20(points):
    assert item(march(order("A1"), decided("A", "base", points)), "A", "base") == F(points)


def test_base_not_entered_or_not_confirmed_is_undefined():
    scores = march([*order("A1"), *order("B1", "B")], entry("A", "base", "18", "2015-03-20"))
    assert [item(scores, unit, "base") for unit in "AB"] == [None, None]
    assert of(scores, "A")["adjustments"] == {"base": 1}


@pytest.mark.parametrize(
    ("bonuses", "settings", "counted"),
    [
        (["0.5", "1.25"], {}, F(7, 4)),
        (["3"], {}, 3),
        (["2", "1.5"], {}, 3),  # 3.5 over the cap of 3
        (["2", "2.5"], {"sw__bonus_cap": "5"}, F(9, 2)),
        (["3", "3"], {"sw__bonus_cap": "5"}, 5),
    ],
)
def test_bonuses_add_up_to_their_cap(bonuses, settings, counted):
    scores = march(order("A1"), *(decided("A", "bonus", one) for one in bonuses), **settings)
    assert side(scores, "A", "bonus") == counted
    assert of(scores, "A")["adjustments"] == {"bonus": len(bonuses)}


@pytest.mark.parametrize(
    ("cases", "settings", "counted"),
    [
        (3, {}, F(3, 2)),
        (10, {}, 5),
        (11, {}, 5),  # 5.5 over the cap of 5
        (11, {"sw__deduction_cap": "none"}, F(11, 2)),
    ],
)
def test_deductions_are_half_a_point_each_up_to_their_cap(cases, settings, counted):
    scores = march(order("A1"), *(decided("A", "deduct", "0.5") for _ in range(cases)), **settings)
    assert side(scores, "A", "deduction") == counted


def test_what_the_leading_group_has_not_decided_is_listed_and_counts_nothing():
    entered = [
        decided("A", "bonus", "1"),
        entry("A", "bonus", "2", "2015-03-20"),
        entry("A", "bonus", "1", "2015-03-20", confirmed_by="working_group"),
        entry("A", "deduct", "0.5", "2015-03-20", confirmed_by="hotline_office"),
    ]
    scores = march(order("A1"), *entered)
    assert (side(scores, "A", "bonus"), side(scores, "A", "deduction")) == (1, 0)
    assert of(scores, "A")["adjustments"] == {"bonus": 3, "deduct": 1}
    assert consequences(scores) == []


def test_every_deduction_that_counts_brings_an_efficiency_inspection():
    entered = [
        decided("A", "deduct", "0.5"),
        decided("A", "deduct", "0.5", at="2015-03-31"),
        entry("A", "deduct", "0.5", "2015-03-20"),  # not decided
        decided("M", "deduct", "0.5"),
        decided("B", "deduct", "0.5", at="2015-04-01"),
    ]
    scores = march([*order("A1"), *order("B1", "B")], *entered)
    assert consequences(scores) == [
        ("SW-B02", "A", "efficiency_inspection"),
        ("SW-B02", "A", "efficiency_inspection"),
        ("SW-B02", "M", "efficiency_inspection"),
    ]


# ---- entered scores and ranks --------------------------------------------------------------------


def test_an_entered_score_is_the_total_and_only_one_stop_units_rank():
    units = {"one_stop": "A B C D", "district_other": "M", "chengtou": "K"}
    rows = [row for unit in "ABCDMK" for row in order(f"{unit}1", unit)]
    marks = {"A": "101.5", "B": "110", "C": "101.5", "M": "120", "K": "90"}
    scores = march(rows, *(decided(unit, "entered_score", mark) for unit, mark in marks.items()), units=units)
    assert total(scores, "A") == F(203, 2)
    # 110 · 101.5 101.5 · D has none; M and K are not ranked
    assert ranks(scores) == {"A": 2, "B": 1, "C": 2, "D": None, "M": None, "K": None}
    assert {status(scores, unit) for unit in "ABCDMK"} == {"rates_only"}


# ---- the year ------------------------------------------------------------------------------------


def closed_in(month, unit="A", **said):
    return life(f"{unit}{month}", unit, accepted=f"{month}-09 09:00", closed=f"{month}-11 12:00", **said)


THIRTEEN = [
    *closed_in("2014-10", due="2014-10-10 12:00"),  # late, before the period
    *closed_in("2014-11", callbacks=["resolved/satisfied"]),
    *closed_in("2015-06", due="2015-06-10 12:00", callbacks=["explained/neutral"]),  # late
    *closed_in("2015-11", callbacks=["resolved/neutral"]),
    *closed_in("2015-12", due="2015-12-10 12:00"),  # late, after the period
]


def test_the_year_2015_runs_from_november_2014_to_november_2015():
    scores = march(THIRTEEN, period="2015")
    # on time 2014-11, 2015-11 of three; resolved two of three
    assert (rate(scores, "A", "on_time"), rate(scores, "A", "outcome.resolved")) == (F(2, 3), F(2, 3))
    assert shares(scores, "A", "satisfaction", ANSWERS) == [F(1, 3), 0, F(2, 3), 0]


def test_by_setting_it_ends_with_october():
    scores = march(THIRTEEN, period="2015", sw__period="12_months")
    # 2014-11 of 2014-11 and 2015-06
    assert (rate(scores, "A", "on_time"), rate(scores, "A", "outcome.resolved")) == (F(1, 2), F(1, 2))


@pytest.mark.parametrize(
    ("settings", "means", "places"),
    [
        # the mean of 100, 90 and 125; of 104 and 102
        ({}, [105, 103], {"A": 1, "B": 2, "M": None, "K": None}),
        # without November 2015: of 100 and 90; 104 alone
        ({"sw__period": "12_months"}, [95, 104], {"A": 2, "B": 1, "M": None, "K": None}),
    ],
)
def test_the_years_score_is_the_mean_of_the_entered_months(settings, means, places):
    marks = [
        ("A", "2014-10", "1"), ("A", "2014-11", "100"), ("A", "2015-06", "90"), ("A", "2015-11", "125"),
        ("A", "2015-12", "2"), ("B", "2014-11", "104"), ("B", "2015-11", "102"), ("M", "2015-06", "125"),
    ]  # fmt: skip
    rows = [*THIRTEEN, *(row for month in ("2014-11", "2015-11") for row in closed_in(month, "B"))]
    entered = [decided(unit, "entered_score", mark, at=f"{month}-20") for unit, month, mark in marks]
    scores = march(rows, *entered, period="2015", **settings)
    assert [total(scores, unit) for unit in "AB"] == means
    assert ranks(scores) == places


# ---- weights a site has set ----------------------------------------------------------------------


COEFFICIENTS = "explained=1/2,recorded=0,basically_satisfied=4/5,neutral=3/5"
WEIGHTS = f"base=20,volume=10,contact=20,on_time=20,resolution=25,satisfaction=25,{COEFFICIENTS}"

WEIGHED = [
    # A: 3 of 8 accepted; 2 of 3 contacted; 3 of 3 on time
    *order("A1", callbacks=["resolved/satisfied"]),
    *order("A2", callbacks=["explained/basically_satisfied"]),
    *order("A3", contact=None, callbacks=["unresolved/dissatisfied"]),
    # B: 1 of 8; contacted; late
    *order("B1", "B", due="2015-03-05 12:00", callbacks=["resolved/neutral"]),
    # M: 2 of 8; both contacted and on time
    *order("M1", "M", callbacks=["resolved/satisfied"]),
    *order("M2", "M", callbacks=["recorded/satisfied"]),
    # K: 2 of 8
    *order("K1", "K", callbacks=["resolved/satisfied"]),
    *order("K2", "K", callbacks=["resolved/satisfied"]),
]
BASES = (decided("A", "base", "18"), decided("B", "base", "20"), decided("M", "base", "20"))


def weighed(*entered, text=WEIGHTS, **settings):
    return march(WEIGHED, *BASES, *entered, sw__weights=text, **settings)


def test_with_weights_the_items_have_points():
    scores = weighed()
    assert {name: item(scores, "A", name) for name in ("base", *ITEMS)} == {
        "base": 18,
        "volume": F(15, 4),  # 3/8 of 10
        "contact": F(40, 3),  # 2/3 of 20
        "on_time": 20,
        "resolution": F(25, 2),  # (1 + 1/2) / 3 of 25
        "satisfaction": 15,  # (1 + 4/5) / 3 of 25
    }
    found = of(scores, "A")["items"]
    assert [found[name]["max"] for name in ("base", *ITEMS)] == [20, 10, 20, 20, 25, 25]
    assert scores["settings"] == {"sw.weights": WEIGHTS}
    assert status(scores, "A") == "assessed"


def test_with_weights_totals_hold_base_quality_bonus_and_deduction_and_one_stop_units_rank():
    entered = [
        decided("A", "bonus", "2"),
        decided("A", "deduct", "0.5"),
        entry("B", "bonus", "3", "2015-03-20"),
    ]
    scores = weighed(*entered)
    # A: 18 + 3.75 + 13 1/3 + 20 + 12.5 + 15, 2 more, 0.5 less
    assert total(scores, "A") == F(1009, 12)
    assert of(scores, "A")["total"] == "84.08"
    # B: base 20, volume 1.25, contact 20, late 0, resolved 25, neutral 15
    assert total(scores, "B") == F(325, 4)
    assert ranks(scores) == {"A": 1, "B": 2, "M": None, "K": None}


def test_recorded_earns_what_the_table_says():
    # M: one of two resolved, the other recorded
    assert item(weighed(), "M", "resolution") == F(25, 2)
    more = WEIGHTS.replace("recorded=0", "recorded=7/10")
    # (1 + 7/10) / 2 of 25
    assert item(weighed(text=more), "M", "resolution") == F(85, 4)


def test_other_points_give_another_order():
    other = f"base=20,volume=0,contact=60,on_time=0,resolution=20,satisfaction=20,{COEFFICIENTS}"
    scores = weighed(text=other)
    # A: 18 + 2/3 of 60 + 1/2 of 20 + 3/5 of 20
    # B: 20 + 60 + 20 + 3/5 of 20
    assert [total(scores, unit) for unit in "AB"] == [80, 112]
    assert [ranks(scores)[unit] for unit in "AB"] == [2, 1]


def test_with_weights_volume_earns_by_the_share_of_the_pools_that_the_setting_takes():
    # A took 3 of the 4 orders of one-stop units
    assert item(weighed(sw__volume_total="one_stop_only"), "A", "volume") == F(15, 2)


def test_with_weights_a_recognised_return_leaves_the_items_too():
    rows = [
        *order("A1", callbacks=["resolved/satisfied"]),
        *order("A2", contact=None, resolved=None, callbacks=["unresolved/dissatisfied"], also=RETURNED),
    ]
    scores = march(rows, decided("A", "base", "20"), sw__weights=WEIGHTS)
    # everything full: 20 + 10 + 20 + 20 + 25 + 25
    assert total(scores, "A") == 120


def test_a_base_that_was_not_entered_leaves_the_total_undefined():
    entered = [decided("A", "base", "18"), entry("B", "base", "20", "2015-03-20")]  # B's is not decided
    scores = march(WEIGHED, *entered, sw__weights=WEIGHTS)
    assert [total(scores, unit) for unit in "AB"] == [F(991, 12), None]
    assert [ranks(scores)[unit] for unit in "AB"] == [1, None]


def test_with_weights_the_year_is_the_mean_of_its_months_and_ends_where_the_setting_says():
    bases = [decided("A", "base", "20", at=f"{month}-20") for month in ("2014-11", "2015-06", "2015-11")]
    # 2014-11 full; 2015-06 late, explained, neutral: 20 + 10 + 20 + 0 + 12.5 + 15; 2015-11 neutral
    scores = march(THIRTEEN, *bases, period="2015", sw__weights=WEIGHTS)
    assert total(scores, "A") == (120 + F(155, 2) + 110) / 3
    scores = march(THIRTEEN, *bases, period="2015", sw__weights=WEIGHTS, sw__period="12_months")
    assert total(scores, "A") == (120 + F(155, 2)) / 2


def test_what_has_no_denominator_stays_undefined_with_weights_too():
    rows = [*order("A1"), *order("B1", "B", callbacks=["resolved/satisfied"])]  # A was never called
    scores = march(rows, decided("A", "base", "20"), decided("B", "base", "20"), sw__weights=WEIGHTS)
    assert (item(scores, "A", "resolution"), item(scores, "A", "satisfaction")) == (None, None)
    # B took one of two, all else is full: 20 + 5 + 20 + 20 + 25 + 25
    assert [total(scores, unit) for unit in "AB"] == [None, 115]
    assert [ranks(scores)[unit] for unit in "AB"] == [None, 1]


@pytest.mark.parametrize(
    "text",
    [
        WEIGHTS.replace("base=20", "base=21"),  # 121 points
        WEIGHTS.replace("volume=10", "volume=9.5"),  # 119.5
        WEIGHTS.removesuffix(",neutral=3/5"),  # a key missing
        f"{WEIGHTS},attitude=0",  # a key too many
        WEIGHTS.replace("neutral=3/5", "neutral=3:5"),  # no number
    ],
)
def test_a_table_that_is_not_whole_is_refused(text):
    with pytest.raises(SettingError):
        weighed(text=text)
