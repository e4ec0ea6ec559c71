"""
What follows from months, quarters and years under 金杨新村街道, worked by hand from 正文 六 and 七.

A unit takes one order a month. With at most ten neighbourhoods, or five departments of an order each,
volume is worth 5; on time 10 and contacted 25 are full. The caller's two answers then make the total:
solved 25 or nothing, satisfied 35, basically 28, neutral 21, dissatisfied 0.
"""

from fractions import Fraction

import pytest
from support.months import consequences, entry, life, of, ranks, scored, status, total

F = Fraction

ANSWERS_FOR = {
    100: "resolved/satisfied",  # 5 + 10 + 25 + 25 + 35
    93: "resolved/basically_satisfied",  # 28 for 35
    86: "resolved/neutral",  # 21
    65: "resolved/dissatisfied",  # 0
    61: "unresolved/neutral",  # 5 + 10 + 25 + 0 + 21
    40: "unresolved/dissatisfied",
}
TALKS = {
    "JY-E01": "centre_head",
    "JY-E02": "branch",
    "JY-E03": "branch",
    "JY-E04": "joint",
    "JY-E05": "joint",
    "JY-E06": "joint",
    "JY-E07": "main",
    "JY-E08": "main",
}


def months_from(first, count):
    year, month = map(int, first.split("-"))
    return [f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02}" for n in range(count)]


def dotted(settings):
    return {name.replace("__", "."): value for name, value in settings.items()}


def orders(marks, first="2026-01"):
    """`{unit: [100, 65, None]}`: an order a month that earns such a total; None is taken, never closed."""
    rows = []
    for unit, totals in marks.items():
        for month, mark in zip(months_from(first, len(totals)), totals, strict=True):
            times = {"accepted": f"{month}-09 09:00", "closed": f"{month}-12 12:00" if mark else None}
            rows += life(f"{unit}{month}", unit, callbacks=[ANSWERS_FOR[mark]] if mark else (), **times)
    return rows


def score(marks, period, *, first="2026-01", units=None, entered=(), more=(), as_of=None, **settings):
    """A period of those months; `more` are further rows, every unit is a department unless told."""
    return scored(
        "JY",
        [*orders(marks, first), *more],
        period=period,
        units=units or {"department": " ".join(marks)},
        adjustments=entered,
        settings=dotted(settings),
        as_of=as_of,
    )


def talks(marks, unit, *, first="2026-01", **how):
    """The talk that a unit gets in each of the months, by rule, "" for none."""
    told = []
    for month in months_from(first, len(marks[unit])):
        scores = score(marks, month, first=first, **how)
        found = [(rule, kind) for rule, whose, kind in consequences(scores, *TALKS) if whose == unit]
        assert all(kind == TALKS[rule] for rule, kind in found)
        told.append(" ".join(rule for rule, _ in found))
    return told


def neighbourhoods(marks):
    return {"neighbourhood": " ".join(marks)}


def low(count, unit="C"):
    """Three departments, one of them last all the time."""
    return {"A": [100] * count, "B": [93] * count, unit: [65] * count}


def last_three(*totals, months=1):
    """Four and more neighbourhoods named N1, N2, … that hold their totals."""
    return {f"N{n}": [mark] * months for n, mark in enumerate(totals, start=1)}


# ---- the figures that the rest stands on ---------------------------------------------------------


@pytest.mark.parametrize("mark", ANSWERS_FOR)
def test_two_answers_make_the_total(mark):
    marks = {"A": [mark], "B": [100], "C": [100]}
    assert total(score(marks, "2026-01"), "A") == mark
    assert total(score(marks, "2026-01", units=neighbourhoods(marks)), "A") == mark


# ---- the ladder ----------------------------------------------------------------------------------


def test_a_department_last_month_after_month_climbs_from_the_second_on():
    marks = low(6)
    assert talks(marks, "C") == ["", "JY-E03", "JY-E04", "JY-E04", "JY-E07", "JY-E07"]
    assert talks(marks, "B") == [""] * 6
    # talks cost points only when they are entered as held
    assert total(score(marks, "2026-06"), "C") == 65


def test_a_neighbourhood_among_the_last_three_climbs_from_the_first_on_with_one_talk_a_month():
    marks = last_three(100, 93, 86, 65, months=6)
    climbed = ["JY-E01", "JY-E02", "JY-E04", "JY-E04", "JY-E07", "JY-E07"]
    for unit in ("N2", "N3", "N4"):
        assert talks(marks, unit, units=neighbourhoods(marks)) == climbed
    assert talks(marks, "N1", units=neighbourhoods(marks)) == [""] * 6


def test_departments_and_neighbourhoods_have_their_own_last():
    marks = {"A": [100], "B": [40], **last_three(100, 93, 86, 65)}
    units = {"department": "A B", "neighbourhood": "N1 N2 N3 N4"}
    assert consequences(score(marks, "2026-01", units=units)) == [
        ("JY-E01", "N2", "centre_head"),
        ("JY-E01", "N3", "centre_head"),
        ("JY-E01", "N4", "centre_head"),
    ]


def test_streaks_run_on_from_one_assessment_year_into_the_next():
    assert talks(low(3), "C", first="2025-09") == ["", "JY-E03", "JY-E04"]


def test_a_month_not_assessed_is_passed_over_or_by_setting_ends_the_streak():
    marks = {"A": [100] * 4, "B": [93] * 4, "C": [65, None, 65, 65]}
    assert status(score(marks, "2026-02"), "C") == "not_assessed"
    assert talks(marks, "C") == ["", "", "JY-E03", "JY-E04"]
    assert talks(marks, "C", jy__streak_gap="break") == ["", "", "", "JY-E03"]


def test_a_neighbourhood_that_missed_a_ranking_is_talked_to_by_the_branch_leader_at_its_second():
    marks = {**last_three(100, 93, 86, months=3), "N4": [65, None, 65]}
    units = neighbourhoods(marks)
    assert talks(marks, "N4", units=units) == ["JY-E01", "", "JY-E02"]
    assert talks(marks, "N4", units=units, jy__streak_gap="break") == ["JY-E01", "", "JY-E01"]


def test_leaving_the_zone_begins_the_ladder_anew_or_by_setting_not():
    marks = {"A": [100] * 5, "B": [93] * 5, "C": [65, 65, 100, 65, 65]}
    assert talks(marks, "C") == ["", "JY-E03", "", "", "JY-E03"]
    # the third and the fourth time
    assert talks(marks, "C", jy__ladder_reset_on_recovery=False) == ["", "JY-E03", "", "JY-E04", "JY-E04"]


def test_by_setting_a_neighbourhood_back_in_the_zone_goes_on_where_it_left_the_ladder():
    marks = {**last_three(100, 93, 86, months=4), "N4": [65, 65, 100, 65]}
    units = neighbourhoods(marks)
    assert talks(marks, "N4", units=units) == ["JY-E01", "JY-E02", "", "JY-E01"]
    goes_on = talks(marks, "N4", units=units, jy__ladder_reset_on_recovery=False)
    assert goes_on == ["JY-E01", "JY-E02", "", "JY-E04"]


def test_a_month_without_orders_is_a_full_score_and_leaves_the_zone():
    marks = {"A": [100] * 4, "B": [93] * 4}
    rows = orders({"C": [65, 65]}) + orders({"C": [65]}, "2026-04")
    units = {"department": "A B C"}
    told = [consequences(score(marks, month, units=units, more=rows)) for month in months_from("2026-01", 4)]
    assert total(score(marks, "2026-03", units=units, more=rows), "C") == 100
    # March: C full like A, so B is last for the first time; April: C last for the first time again
    assert told == [[], [("JY-E03", "C", "branch")], [], []]
    april = score(marks, "2026-04", units=units, more=rows, jy__no_orders_ranked=False)
    # without a rank in March the streak goes on
    assert consequences(april) == [("JY-E04", "C", "joint")]


def test_an_evaluation_that_comes_late_makes_the_month_and_raises_the_talk():
    marks = {"A": [100, 100], "B": [93, 93]}
    rows = [
        *life(
            "C1",
            "C",
            accepted="2026-01-09 09:00",
            closed="2026-01-12 12:00",
            callbacks=dissatisfied("2026-03-05"),
        ),
        *orders({"C": [65]}, "2026-02"),
    ]

    def february(as_of):
        return consequences(score(marks, "2026-02", units={"department": "A B C"}, more=rows, as_of=as_of))

    assert february("2026-02-28 23:59:59") == []
    assert february("2026-03-05 10:00:00") == [("JY-E03", "C", "branch")]


# ---- affecting the street ------------------------------------------------------------------------


def test_joint_and_main_talks_fall_away_in_a_month_said_not_to_affect_the_street():
    marks = low(6)
    entered = [
        entry("C", "street_unaffected", at="2026-03-20"),
        entry("C", "street_unaffected", at="2026-05-01"),
    ]
    assert talks(marks, "C", entered=entered) == ["", "JY-E03", "", "JY-E04", "", "JY-E07"]


def test_lifted_for_the_street_a_neighbourhood_keeps_the_talk_of_every_ranking():
    marks = last_three(100, 93, 86, 65, months=3)
    entered = [entry("N4", "street_unaffected", at="2026-03-31")]
    assert talks(marks, "N4", units=neighbourhoods(marks), entered=entered) == ["JY-E01", "JY-E02", "JY-E01"]
    assert talks(marks, "N3", units=neighbourhoods(marks), entered=entered)[2] == "JY-E04"


def test_by_setting_the_effect_on_the_street_has_to_be_entered():
    marks = low(5)
    manual = {"jy__affects_street": "manual"}
    assert talks(marks, "C", **manual) == ["", "JY-E03", "", "", ""]
    entered = [entry("C", "street_affected", at="2026-03-20"), entry("C", "street_affected", at="2026-05-20")]
    assert talks(marks, "C", entered=entered, **manual) == ["", "JY-E03", "JY-E04", "", "JY-E07"]


# ---- the last: ties, the best, small pools -------------------------------------------------------


def zone(*totals, **settings):
    """Which of the neighbourhoods N1, N2, … are among the last three."""
    marks = last_three(*totals)
    scores = score(marks, "2026-01", units=neighbourhoods(marks), **settings)
    return [unit for _, unit, _ in consequences(scores, "JY-E01")]


@pytest.mark.parametrize(
    ("totals", "last"),
    [
        ((100, 93, 93, 93, 86), ["N2", "N3", "N4", "N5"]),  # one below the three: all at the edge
        ((100, 93, 86, 65, 40), ["N3", "N4", "N5"]),
        ((100, 93, 86, 86, 86), ["N3", "N4", "N5"]),  # three below N2
        ((100, 100, 86, 65), ["N3", "N4"]),  # the best are never last
        ((100, 93), ["N2"]),
        ((65, 65, 65, 65), []),
        ((40,), []),
    ],
)
def test_the_last_three_have_fewer_than_three_below_them_and_are_never_the_best(totals, last):
    assert zone(*totals) == last


def test_by_setting_exactly_three_are_last():
    found = zone(100, 93, 93, 93, 86, bottom__tie="exactly_k")
    assert len(found) == 3
    assert "N5" in found
    assert "N1" not in found


def test_by_setting_the_best_may_be_last():
    assert zone(100, 93, 86, bottom__never_top=False) == ["N1", "N2", "N3"]
    assert zone(65, 65, 65, 65, bottom__never_top=False) == ["N1", "N2", "N3", "N4"]
    assert zone(40, bottom__never_top=False) == ["N1"]


def test_departments_tied_at_the_end_are_all_last_and_equal_ones_none():
    tied = {"A": [100, 100], "B": [65, 65], "C": [65, 65]}
    assert consequences(score(tied, "2026-02")) == [("JY-E03", "B", "branch"), ("JY-E03", "C", "branch")]
    equal = {unit: [65, 65] for unit in "ABC"}
    assert consequences(score(equal, "2026-02")) == []
    assert consequences(score({"A": [40, 40]}, "2026-02")) == []


def test_a_unit_that_is_not_assessed_is_not_among_the_last():
    marks = {**last_three(100, 93, 86), "N4": [None]}
    scores = score(marks, "2026-01", units=neighbourhoods(marks))
    assert [unit for _, unit, _ in consequences(scores)] == ["N2", "N3"]


# ---- five verified repeat complaints in a quarter ------------------------------------------------


def repeat(name, month, unit="A", *, of_order="O1", finding="founded", answers="resolved/neutral"):
    """A repeat complaint closed in the month."""
    return life(name, unit, accepted=f"{month}-09 09:00", closed=f"{month}-13 12:00", repeat_of=of_order,
                case_type="complaint_report", finding=finding, callbacks=[answers])  # fmt: skip


def repeats(*months, unit="A", name="R", **said):
    return [
        row for n, month in enumerate(months, start=1) for row in repeat(f"{name}{n}", month, unit, **said)
    ]


JAN, FEB, MAR, APR = months_from("2026-01", 4)


def joint_talks(rows, *rules, units=None, **settings):
    """Unit by month from January to April, of consequences of these rules."""
    found = []
    began = min(at for _, _, at, _ in rows)[:7]
    for month in (JAN, FEB, MAR, APR):
        if month < began:
            found.append("")
            continue
        scores = scored(
            "JY", rows, period=month, units=units or {"department": "A"}, settings=dotted(settings)
        )
        told = consequences(scores, *rules)
        assert all(kind == "joint" for _, _, kind in told)
        found.append(" ".join(unit for _, unit, _ in told))
    return found


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (repeats(JAN, JAN, FEB, FEB, MAR), ["", "", "A", ""]),  # the fifth closes in March
        (repeats(JAN, JAN, JAN, JAN, JAN, FEB), ["A", "", "", ""]),  # a sixth adds nothing
        (repeats(JAN, JAN, FEB, FEB), ["", "", "", ""]),  # four
        (repeats(FEB, FEB, MAR, MAR, APR), ["", "", "", ""]),  # four in the first quarter, one in the second
        (repeats(JAN, JAN, JAN, JAN, JAN, APR, APR, APR, APR, APR), ["A", "", "", "A"]),  # each quarter anew
        ([*repeats(JAN, JAN, JAN, JAN), *repeat("P1", FEB, finding="partly_founded")], ["", "A", "", ""]),
        ([*repeats(JAN, JAN, JAN, JAN), *repeat("U1", FEB, finding="unfounded")], ["", "", "", ""]),
        ([*repeats(JAN, JAN, JAN, JAN), *repeat("N1", FEB, finding="")], ["", "", "", ""]),
        ([*repeats(JAN, JAN, JAN, JAN), *repeat("F1", FEB, of_order="")], ["", "", "", ""]),  # the first
    ],
)  # fmt: skip
def test_the_fifth_verified_repeat_complaint_of_a_quarter_brings_a_joint_talk_in_its_month(rows, told):
    assert joint_talks(rows, "JY-E05") == told


def test_repeat_complaints_count_unit_by_unit():
    rows = [*repeats(JAN, JAN, JAN, JAN), *repeats(JAN, unit="B", name="S")]
    assert joint_talks(rows, "JY-E05", units={"department": "A", "neighbourhood": "B"}) == [""] * 4
    rows = [*rows, *repeats(FEB, FEB, FEB, FEB, unit="B", name="T")]
    assert joint_talks(rows, "JY-E05", units={"department": "A", "neighbourhood": "B"}) == ["", "B", "", ""]


def test_by_setting_the_five_must_repeat_one_order():
    parted = [*repeats(JAN, JAN, JAN), *repeats(FEB, FEB, name="S", of_order="O2")]
    assert joint_talks(parted, "JY-E05") == ["", "A", "", ""]
    assert joint_talks(parted, "JY-E05", jy__repeat_scope="per_order") == ["", "", "", ""]
    same = repeats(JAN, JAN, FEB, FEB, FEB)
    assert joint_talks(same, "JY-E05", jy__repeat_scope="per_order") == ["", "A", "", ""]


# ---- the same demand dissatisfied three times ----------------------------------------------------


UNHAPPY = {
    "result": "effective",
    "outcome": "unresolved",
    "satisfaction": "dissatisfied",
    "source": "district",
}


def dissatisfied(*dates):
    return [{"at": f"{on} 10:00", **UNHAPPY} for on in dates]


def demand(name="O1", unit="A", *dates, month=JAN, **said):
    """An order closed in the month, dissatisfied on those dates."""
    return life(name, unit, accepted=f"{month}-05 09:00", closed=f"{month}-08 12:00",
                callbacks=dissatisfied(*dates), **said)  # fmt: skip


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (("2026-01-09", "2026-02-10", "2026-03-10"), ["", "", "A", ""]),
        (("2026-01-09", "2026-01-10", "2026-01-11"), ["A", "", "", ""]),
        (("2026-01-09", "2026-02-10"), ["", "", "", ""]),
        (("2026-02-10", "2026-03-10", "2026-04-01"), ["", "", "", ""]),  # two in the first quarter
        (("2026-01-09", "2026-01-10", "2026-02-10", "2026-03-10"), ["", "A", "", ""]),  # four
    ],
)  # fmt: skip
def test_the_third_dissatisfied_answer_of_a_quarter_brings_a_joint_talk_in_its_month(dates, told):
    assert joint_talks(demand("O1", "A", *dates), "JY-E06") == told


def test_what_is_not_an_effective_answer_of_dissatisfied_does_not_count():
    half = {"at": "2026-03-10 10:00", "result": "connected", "satisfaction": "dissatisfied"}
    neutral = {"at": "2026-03-11 10:00", "result": "effective", "outcome": "unresolved",
               "satisfaction": "neutral"}  # fmt: skip
    rows = life("O1", "A", accepted="2026-01-05 09:00", closed="2026-01-08 12:00",
                callbacks=[*dissatisfied("2026-01-09", "2026-02-10"), half, neutral])  # fmt: skip
    assert joint_talks(rows, "JY-E06") == [""] * 4


def test_orders_linked_as_repeats_are_one_demand_and_the_unit_of_the_third_answer_bears_it():
    units = {"department": "A", "neighbourhood": "B"}
    twice = [
        *demand("O1", "A", "2026-01-09"),
        *demand("R1", "A", "2026-02-09", month=FEB, repeat_of="O1"),
    ]
    third = demand("R2", "B", "2026-03-09", month=MAR, repeat_of="O1")
    assert joint_talks([*twice, *third], "JY-E06", units=units) == ["", "", "B", ""]
    of_its_own = demand("R2", "B", "2026-03-09", month=MAR)
    assert joint_talks([*twice, *of_its_own], "JY-E06", units=units) == [""] * 4


def test_repeats_of_an_order_that_the_log_lacks_are_one_demand():
    rows = [
        *demand("R1", "A", "2026-01-09", repeat_of="O0"),
        *demand("R2", "A", "2026-02-09", month=FEB, repeat_of="O0"),
        *demand("R3", "A", "2026-02-10", month=FEB, repeat_of="O0"),
    ]
    assert joint_talks(rows, "JY-E06") == ["", "A", "", ""]


def test_a_repeat_of_a_repeat_is_the_same_demand():
    rows = [
        *demand("O1", "A", "2026-01-09"),
        *demand("R1", "A", "2026-02-09", month=FEB, repeat_of="O1"),
        *demand("R2", "A", "2026-03-09", month=MAR, repeat_of="R1"),
    ]
    assert joint_talks(rows, "JY-E06") == ["", "", "A", ""]


def test_answers_before_and_after_a_redo_count_together():
    def again(on, close):
        return [
            ("redo", f"{on} 12:00", {}),
            ("accept", f"{on} 13:00", {"unit": "A"}),
            ("resolve", f"{close} 09:00", {"unit": "A", "outcome": "resolved"}),
            ("revisit", f"{close} 10:00", UNHAPPY),
            ("close", f"{close} 11:00", {}),
        ]

    also = [*again("2026-01-12", "2026-01-20"), *again("2026-02-02", "2026-02-10")]
    assert joint_talks(demand("O1", "A", "2026-01-09", also=also), "JY-E06") == ["", "A", "", ""]


def test_by_setting_the_three_answers_may_fall_anywhere_in_the_assessment_year():
    rows = demand("O1", "A", "2026-02-10", "2026-03-10", "2026-04-10")
    assert joint_talks(rows, "JY-E06", jy__e06_window="year") == ["", "", "", "A"]
    # November opens another year
    rows = life("O1", "A", accepted="2025-09-08 09:00", closed="2025-09-10 12:00",
                callbacks=dissatisfied("2025-09-11", "2025-10-20", "2025-11-03"))  # fmt: skip
    november = scored("JY", rows, period="2025-11", units={"department": "A"},
                      settings={"jy.e06_window": "year"})  # fmt: skip
    assert consequences(november) == []


# ---- one talk a month ----------------------------------------------------------------------------


def five(month):
    """Five verified repeats of five orders, all closed by C, none dissatisfied; C stays last with them."""
    return [row for n in range(5) for row in repeat(f"X{month}{n}", month, "C", of_order=f"O{n}",
                                                    answers="unresolved/neutral")]  # fmt: skip


def test_five_repeats_yield_to_a_higher_talk_and_stand_over_a_lower_one():
    marks = low(5)
    assert talks(marks, "C", more=five("2026-01"))[0] == "JY-E05"  # none for a first last place
    assert talks(marks, "C", more=five("2026-02"))[1] == "JY-E05"  # joint over branch
    assert talks(marks, "C", more=five("2026-03"))[2] == "JY-E04"  # of two joint talks the lower id
    assert talks(marks, "C", more=five("2026-05"))[4] == "JY-E07"  # main over joint


def test_of_two_joint_talks_for_events_the_lower_id_stands():
    rows = [*repeats(*[JAN] * 5), *demand("Z1", "A", "2026-01-09", "2026-01-10", "2026-01-11")]
    scores = scored("JY", rows, period=JAN, units={"department": "A"})
    assert consequences(scores) == [("JY-E05", "A", "joint")]


def test_bad_effect_found_by_people_is_the_main_leaders_talk():
    marks = low(5)
    entered = [entry("C", "JY-E08", at=f"{month}-20") for month in ("2026-01", "2026-03", "2026-05")]
    # alone; over the joint talk; beside another main talk the lower id
    assert talks(marks, "C", entered=entered) == ["JY-E08", "JY-E03", "JY-E08", "JY-E04", "JY-E07"]
    entered = [entry("A", "JY-E08", at="2026-02-28")]
    assert consequences(score(marks, "2026-02", entered=entered), "JY-E08") == [("JY-E08", "A", "main")]


def test_awards_lost_for_not_putting_things_right_are_told_with_the_year():
    entered = [entry("C", "JY-E09", at="2026-02-20")]
    assert consequences(score(low(2), "2026-02", entered=entered)) == [("JY-E03", "C", "branch")]
    year = score(low(2), "2026", entered=entered)
    assert ("JY-E09", "C", "award_cancelled") in consequences(year)


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        ("rank_streak_only", ["JY-E05", "JY-E03", "JY-E04", "JY-E04", "JY-E07"]),
        ("any_joint_talk", ["JY-E05", "JY-E03", "JY-E04", "JY-E07", "JY-E07"]),
    ],
)
def test_by_setting_any_two_joint_talks_of_the_streak_lead_to_the_main_leader(reading, told):
    # joint talks in January (five repeats) and March: April is the fourth time last
    assert talks(low(5), "C", more=five("2026-01"), jy__joint_talks_counted=reading) == told


def test_two_joint_talks_of_the_streak_before_its_third_month_lead_to_the_main_leader_at_once():
    thrice = demand("Z1", "C", "2026-02-09", "2026-02-10", "2026-02-11", month=FEB)
    how = {"more": [*five("2026-01"), *thrice], "jy__joint_talks_counted": "any_joint_talk"}
    assert talks(low(3), "C", **how) == ["JY-E05", "JY-E06", "JY-E07"]


def test_a_joint_talk_from_before_the_streak_does_not_count_towards_the_main_leader():
    marks = {"A": [100] * 5, "B": [93] * 5, "C": [100, 65, 65, 65, 65]}
    good = [row for n in range(5) for row in repeat(f"X{n}", JAN, "C", answers="resolved/satisfied")]
    told = talks(marks, "C", more=good, jy__joint_talks_counted="any_joint_talk")
    # January: C is not last; the fourth time last is May, with one joint talk before it
    assert told == ["JY-E05", "", "JY-E03", "JY-E04", "JY-E04"]


# ---- talks in points -----------------------------------------------------------------------------


def deductions(entered, **settings):
    marks = {"A": [100, 100, 100]}
    return [
        F(of(score(marks, month, entered=entered, as_of="2026-03-31 23:59:59", **settings), "A")["deduction"])
        for month in months_from("2026-01", 3)
    ]


def test_a_talk_costs_its_points_in_the_month_it_is_held_or_by_setting_in_the_month_before():
    entered = [
        entry("A", "talk_branch", at="2026-02-10"),  # 1
        entry("A", "talk_joint", at="2026-03-01"),  # 2
        entry("A", "talk_main", at="2026-03-31"),  # 3
        entry("A", "absent", at="2026-02-10"),  # 1, no talk
    ]
    assert deductions(entered) == [0, 2, 5]
    assert deductions(entered, jy__talk_month="month_of_cause") == [1, 6, 0]


# ---- quarter and year ----------------------------------------------------------------------------


def test_a_quarter_is_the_mean_of_its_ranked_months_and_brings_no_talks_of_its_own():
    marks = {"A": [100, 93, 86, 40], "B": [100, None, 65, 40], "C": [65, 65, 65, 100]}
    scores = score(marks, "2026Q1")
    # 279 / 3, 165 / 2, 195 / 3
    assert [total(scores, unit) for unit in "ABC"] == [93, F(165, 2), 65]
    assert ranks(scores) == {"A": 1, "B": 2, "C": 3}
    assert consequences(scores) == []


def test_the_year_2026_is_the_mean_from_november_2025_to_october_2026():
    rows = [*orders({"A": [40, 65]}, "2025-10"), *orders({"A": [86]}, "2026-10")]
    units = {"department": "A"}
    # 65, ten months without orders that count as full, 86
    assert total(scored("JY", rows, period="2026", units=units), "A") == F(65 + 10 * 100 + 86, 12)
    assert total(scored("JY", rows, period="2025", units=units), "A") == 40


def year(marks, **how):
    """August to October 2026, the last three months of the year; the log begins there."""
    return score(marks, "2026", first="2026-08", **how)


def lost(scores):
    return [(one["rule"], one["unit"], one["kind"], *sorted(one["of"])) for one in scores["consequences"]]


def test_the_head_of_the_last_department_of_the_year_loses_the_awards():
    scores = year({"A": [65, 65, 100], "B": [100, 86, 93], "C": [86, 100, 86]})
    # 230, 279, 272 thirds
    assert [total(scores, unit) for unit in "ABC"] == [F(230, 3), 93, F(272, 3)]
    assert ranks(scores) == {"A": 3, "B": 1, "C": 2}
    assert lost(scores) == [("JY-E10", "A", "award_cancelled", "head")]


def test_the_last_three_neighbourhoods_of_the_year_lose_the_awards_with_their_heads():
    marks = last_three(100, 93, 86, 65, 40, months=3)
    assert lost(year(marks, units=neighbourhoods(marks))) == [
        ("JY-E11", unit, "award_cancelled", "collective", "head") for unit in ("N3", "N4", "N5")
    ]


def test_awards_lost_by_a_finding_belong_to_the_year_of_its_date():
    marks = {"A": [100] * 3, "B": [93] * 3, "C": [86] * 3}
    entered = [
        entry("B", "JY-E09", at="2026-08-20"),
        entry("C", "JY-E09", at="2026-10-31"),
        entry("A", "JY-E09", at="2026-11-01"),  # the next year's
    ]
    assert lost(year(marks, entered=entered)) == [
        ("JY-E09", "B", "award_cancelled", "collective", "individual"),
        ("JY-E09", "C", "award_cancelled", "collective", "individual"),
        ("JY-E10", "C", "award_cancelled", "head"),
    ]


def test_the_last_of_the_year_are_found_by_the_same_rules_of_ties():
    tied = {"A": [100] * 3, "B": [86, 93, 65], "C": [65, 86, 93]}
    assert [unit for _, unit, *_ in lost(year(tied))] == ["B", "C"]
    assert len(lost(year(tied, bottom__tie="exactly_k"))) == 1
    assert lost(year({unit: [93] * 3 for unit in "ABC"})) == []
    assert lost(year({"A": [40] * 3})) == []


def test_the_year_is_the_mean_of_the_ranked_months_alone():
    scores = year({"A": [100, None, 86], "B": [93, 93, 93], "C": [None, None, None]})
    # A is the mean of 100 and 86, C was never ranked
    assert [total(scores, unit) for unit in "ABC"] == [93, 93, None]
    assert ranks(scores) == {"A": 1, "B": 1, "C": None}
    assert lost(scores) == []


def praised(on, points="3"):
    return entry("A", "praise", points, on, confirmed_by="centre_head")


def test_the_year_holds_the_adjustments_of_its_months_or_by_setting_caps_those_of_the_year():
    marks = {"A": [100, 93, 86]}
    entered = [
        praised("2026-08-20"),
        praised("2026-09-20"),
        praised("2026-09-21"),
        praised("2026-10-20"),
        entry("A", "absent", at="2026-10-21"),
    ]
    # 100 + 3, 93 + 6, 86 + 3 - 1
    assert total(year(marks, entered=entered), "A") == F(103 + 99 + 88, 3)
    # the mean of 100, 93, 86 is 93; 12 of bonus count as 10; 1 off
    assert total(year(marks, entered=entered, jy__annual="mean_of_performance"), "A") == 102


def test_by_setting_the_deductions_of_a_year_are_capped_together():
    marks = {"A": [100, 93, 86]}
    held = ("2026-08-05", "2026-08-25", "2026-09-05", "2026-10-15")
    entered = [entry("A", "talk_main", at=on) for on in held]
    # 100 - 6, 93 - 3, 86 - 3
    assert total(year(marks, entered=entered), "A") == 89
    # 93, and 12 off count as 10
    assert total(year(marks, entered=entered, jy__annual="mean_of_performance"), "A") == 83
