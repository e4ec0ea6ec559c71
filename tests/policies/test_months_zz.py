"""Months of the Shizhong measures worked by hand: items, the district's mean, grades, year, notices."""

from fractions import Fraction

import pytest
from support.months import (
    consequences,
    counts,
    entry,
    grade,
    item,
    life,
    of,
    ranks,
    rate,
    rejected,
    scored,
    status,
    total,
)

F = Fraction
ITEMS = (
    "org_rules", "org_staffing", "returns", "noncompliant", "overdue", "supervision", "result_satisfaction",
    "process_satisfaction",
)  # fmt: skip
PLEASED = "resolved/satisfied/satisfied"
NOT_PLEASED = "resolved/dissatisfied/dissatisfied"
HALF = F(1, 2)


def zz(rows, **more):
    return scored("ZZ", rows, **more)


def towns(names):
    return {"town": names}


def points(scores, unit="A"):
    return tuple(item(scores, unit, name) for name in ITEMS)


def pleased(order_id, unit="A", **said):
    return life(order_id, unit, callbacks=[PLEASED], **said)


RESULT, PROCESS = "result_satisfaction", "process_satisfaction"
BOTH_QUESTIONS = pytest.mark.parametrize(("question", "other"), [(RESULT, PROCESS), (PROCESS, RESULT)])


def asked(unit="A", question=RESULT, **answers):
    """An order of `unit` for every answer to a question: how many said which; the other pleased all."""
    said = "resolved/{}/satisfied" if question == RESULT else "resolved/satisfied/{}"
    return [
        row
        for answer, many in answers.items()
        for n in range(many)
        for row in life(f"{unit}-{answer}-{n:03}", unit, callbacks=[said.format(answer)])
    ]


def criticised(unit, times, at="2026-03-15"):
    """So many notices of criticism, half a point each."""
    return [entry(unit, "criticism", at=at, note=str(n)) for n in range(times)]


def absent(unit, times):
    """So many unexcused absences from coordination meetings."""
    return [entry(unit, "meeting_absent", note=str(n)) for n in range(times)]


# Returns and non-compliant orders


def going_back(order_id, at, unit="A", *, answer="refuse_return", contact=None, **said):
    """An order dispatched on Monday 2 March, its one working day over on the 3rd, asked to go back."""
    also = [("request_return", at, {"reason": "非本单位", **said})]
    if answer:
        also.append((answer, "2026-04-02 10:00", {}))
    return life(order_id, unit, contact=contact, resolved=None, closed=None, due="2027-05-20", also=also)


def test_a_unit_that_did_all_well_has_a_hundred_points():
    scores = zz(pleased("A0"))
    assert points(scores) == (5, 5, 10, 10, 20, 10, 20, 20)
    assert (total(scores, "A"), of(scores, "A")["total"], grade(scores, "A")) == (
        F(100),
        "100.00",
        "excellent",
    )
    assert [of(scores, "A")["items"][name]["max"] for name in ITEMS] == [5, 5, 10, 10, 20, 10, 20, 20]
    assert [of(scores, "A")["items"][name]["rule"] for name in ITEMS] == [
        f"ZZ-S0{number}" for number in range(1, 9)
    ]
    assert (scores["policy"], scores["consequences"]) == ("ZZ@2022-04-18", [])


def test_each_late_request_costs_a_fifth_of_a_point_whatever_is_decided():
    """At the last second: none. A second later, refused, approved, pending: 3 x 0.2."""
    rows = pleased("A0") + going_back("T", "2026-03-03 23:59:59")
    rows += going_back("R", "2026-03-04 00:00:00")
    rows += going_back("V", "2026-03-04 00:00:00", answer="approve_return")
    rows += going_back("P", "2026-03-04 00:00:00", answer="")
    scores = zz(rows)
    assert counts(scores, "A", "returns") == ("3", None)
    assert item(scores, "A", "returns") == F(47, 5)  # 10 - 0.6
    assert points(scores)[3:] == (10, 20, 10, 20, 20)


def test_two_late_requests_of_one_order_cost_two_fifths():
    again = [
        ("request_return", "2026-03-04 09:00", {"reason": "一"}),
        ("refuse_return", "2026-03-04 10:00", {}),
        ("request_return", "2026-03-05 09:00", {"reason": "二"}),
    ]
    scores = zz(pleased("A0") + life("R", resolved=None, closed=None, due="2026-05-20", also=again))
    assert item(scores, "A", "returns") == F(48, 5)


def test_a_late_request_is_the_unit_s_of_that_dispatch_in_the_month_of_the_request():
    """A asks late on 31 March; approved in April; B, dispatched then, asks in time."""
    moved = [
        ("request_return", "2026-03-31 09:00", {"reason": "非本单位"}),
        ("approve_return", "2026-04-01 09:00", {}),
        ("dispatch", "2026-04-01 10:00", {"unit": "B"}),
        ("request_return", "2026-04-02 09:00", {"reason": "非本单位"}),
    ]
    rows = life("M", resolved=None, closed=None, due="2026-05-20", also=moved)
    for unit in "AB":
        rows += life(f"{unit}0", unit, callbacks=[{"at": "2026-03-09", "result": "connected"},
                     {"at": "2026-04-09", "result": "connected"}])  # fmt: skip
    march, april = zz(rows, period="2026-03"), zz(rows, period="2026-04")
    assert [item(march, unit, "returns") for unit in "AB"] == [F(49, 5), F(10)]
    assert [item(april, unit, "returns") for unit in "AB"] == [F(10), F(10)]


def test_a_request_after_a_new_dispatch_has_a_working_day_of_its_own():
    moved = [
        ("request_return", "2026-03-03 09:00", {"reason": "非本单位"}),
        ("approve_return", "2026-03-05 09:00", {}),
        ("dispatch", "2026-03-06 10:00", {"unit": "B"}),
        ("request_return", "2026-03-10 00:00:00", {"reason": "非本单位"}),
    ]
    rows = life("M", resolved=None, closed=None, due="2026-05-20", also=moved)
    rows += pleased("A0") + pleased("B0", "B")
    scores = zz(rows)  # B: Friday the 6th, to the end of Monday the 9th
    assert [item(scores, unit, "returns") for unit in "AB"] == [F(10), F(49, 5)]


@pytest.mark.parametrize(("late", "left"), [(49, F(1, 5)), (50, F(0)), (51, F(0))])
def test_returns_end_at_no_points(late, left):
    rows = [row for n in range(late) for row in going_back(f"R{n:02}", "2026-03-05 10:00")]
    scores = zz(rows + pleased("A0"))
    assert item(scores, "A", "returns") == left
    assert total(scores, "A") == 90 + left


UNCONTACTED = [
    ({"caller_told": False}, None),
    ({"caller_told": False}, "2026-03-02 09:30"),
    ({}, None),
    ({}, "2026-03-04 09:00"),
]
CONTACTED = [
    ({"caller_told": True}, None),
    ({}, "2026-03-02 09:30"),
]


@pytest.mark.parametrize(
    ("said", "contact", "left"),
    [(*one, F(19, 2)) for one in UNCONTACTED] + [(*one, F(10)) for one in CONTACTED],
)
def test_a_non_compliant_order_sent_back_without_a_word_to_the_caller_costs_half_a_point(said, contact, left):
    """Told it says, or a contact before the request where it says nothing."""
    rows = going_back("R", "2026-03-03 09:00", contact=contact, return_kind="noncompliant", **said)
    scores = zz(pleased("A0") + rows)
    assert item(scores, "A", "noncompliant") == left
    assert item(scores, "A", "returns") == F(10)


def test_only_non_compliant_returns_ask_for_a_word_to_the_caller():
    rows = going_back("R", "2026-03-03 09:00", caller_told=False)
    rows += going_back("S", "2026-03-03 09:00", return_kind="other_unit")
    assert item(zz(pleased("A0") + rows), "A", "noncompliant") == F(10)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("returns", (F("9.6"), F("9.5"))),
        ("both", (F("9.6"), F(9))),
        ("noncompliant", (F("9.8"), F(9))),
    ],
)
def test_a_late_non_compliant_return_told_to_the_caller_deducts_by_the_reading(reading, expected):
    """Besides it an ordinary late one, 0.2 off the returns, and one without a word, 0.5 off the other."""
    rows = going_back("R", "2026-03-04 00:00:00", return_kind="noncompliant", caller_told=True)
    rows += going_back("S", "2026-03-04 00:00:00", return_kind="other_unit")
    rows += going_back("U", "2026-03-03 09:00", return_kind="noncompliant", caller_told=False)
    scores = zz(pleased("A0") + rows, settings={"zz.late_noncompliant": reading})
    assert (item(scores, "A", "returns"), item(scores, "A", "noncompliant")) == expected


def test_a_non_compliant_return_both_late_and_without_a_word_is_two_faults():
    rows = going_back("R", "2026-03-04 00:00:00", return_kind="noncompliant", caller_told=False)
    scores = zz(pleased("A0") + rows)
    assert (item(scores, "A", "returns"), item(scores, "A", "noncompliant")) == (F(49, 5), F(19, 2))


@pytest.mark.parametrize(("many", "left"), [(19, HALF), (20, F(0)), (21, F(0))])
def test_non_compliant_orders_end_at_no_points(many, left):
    rows = [
        row
        for n in range(many)
        for row in going_back(f"R{n:02}", "2026-03-03 10:00", return_kind="noncompliant", caller_told=False)
    ]
    assert item(zz(rows + pleased("A0")), "A", "noncompliant") == left


# Overdue

BOTH = pleased("A0") + pleased("B0", "B")


def open_order(order_id="O", unit="A", due="2026-03-10 18:00:00", also=(), resolved=None):
    return life(order_id, unit, due=due, resolved=resolved, closed=None, also=also)


def overdue(*orders, period="2026-03", **more):
    """What A and B lose by overdue orders in a month, in which both were called back."""
    rows = [row for one in orders for row in one]
    for unit in "AB":
        days = ["2026-03-09", "2026-04-09"]
        rows += life(f"{unit}0", unit, callbacks=[{"at": day, "result": "connected"} for day in days])
    scores = zz(rows, period=period, units={"town": "A", "department": "B"}, **more)
    return tuple(20 - item(scores, unit, "overdue") for unit in "AB")


def back_and_on(asked_at, approved_at, onwards=(), **to_b):
    """A return asked for and approved, and perhaps a dispatch to B at a time."""
    events = [("request_return", asked_at, {"reason": "非本单位"}), ("approve_return", approved_at, {})]
    return [*events, *(("dispatch", at, {"unit": "B", **to_b}) for at in onwards)]


def test_an_unanswered_order_costs_half_a_point_open_or_answered_late():
    assert overdue(open_order()) == (HALF, 0)
    assert overdue(open_order(resolved="2026-03-10 18:00:01")) == (HALF, 0)
    assert overdue(open_order(resolved="2026-03-10 18:00:00")) == (0, 0)
    assert overdue(open_order("O"), open_order("P"), open_order("Q", "B")) == (1, HALF)
    assert overdue(open_order(due=None)) == (0, 0)


def test_a_closed_order_answered_late_is_overdue_too():
    assert overdue(pleased("O", due="2026-03-06 09:59:59")) == (HALF, 0)  # resolved at 10:00


def test_answered_within_the_limit_is_on_time():
    """Closed in March: one answered at the last second, one a second later."""
    rows = pleased("A1", due="2026-03-06 10:00:00") + pleased("A2", due="2026-03-06 09:59:59")
    assert rate(zz(rows), "A", "on_time") == HALF


def test_overdue_is_of_the_month_in_which_the_limit_passed():
    """Answered in April; the limit passed with the last second of March, or with the first of April."""
    march, april = (
        open_order(due="2026-03-31", resolved="2026-04-02"),
        open_order(due="2026-04-01 00:00:00", resolved="2026-04-02"),
    )
    assert [overdue(march, period=one) for one in ("2026-03", "2026-04")] == [(HALF, 0), (0, 0)]
    assert [overdue(april, period=one) for one in ("2026-03", "2026-04")] == [(0, 0), (HALF, 0)]


def test_a_limit_not_yet_passed_costs_nothing():
    assert overdue(open_order(), as_of="2026-03-10 18:00:00") == (0, 0)
    assert overdue(open_order(), as_of="2026-03-10 18:00:01") == (HALF, 0)


def test_an_approved_extension_moves_the_limit():
    also = [
        ("request_extension", "2026-03-09 09:00", {"reason": "雨"}),
        ("approve_extension", "2026-03-09 10:00", {"order_due": "2026-04-10"}),
    ]
    assert overdue(open_order(also=also)) == (0, 0)
    assert overdue(open_order(also=also), period="2026-04") == (HALF, 0)


def test_a_return_approved_by_the_due_second_voids_the_duty_and_a_second_later_does_not():
    on_it = back_and_on("2026-03-03 09:00", "2026-03-10 18:00:00")
    after = back_and_on("2026-03-03 09:00", "2026-03-10 18:00:01", ["2026-03-11 09:00"])
    assert overdue(open_order(also=on_it)) == (0, 0)
    assert overdue(open_order(also=after)) == (HALF, 0)


def test_the_unit_that_holds_the_order_when_the_limit_passes_bears_it():
    passed_on = back_and_on("2026-03-03 09:00", "2026-03-04 09:00", ["2026-03-05 09:00"])
    assert overdue(open_order(also=passed_on)) == (0, HALF)
    answered = [*passed_on, ("resolve", "2026-03-10 18:00:00", {})]
    assert overdue(open_order(also=answered)) == (0, 0)


def test_a_limit_that_passes_while_nobody_holds_the_order_costs_nobody():
    between = back_and_on("2026-03-03 09:00", "2026-03-04 09:00", ["2026-03-12 09:00"])
    assert overdue(open_order(also=between)) == (0, 0)
    anew = back_and_on("2026-03-03 09:00", "2026-03-04 09:00", ["2026-03-12 09:00"], order_due="2026-03-20")
    assert overdue(open_order(also=anew)) == (0, HALF)


def test_an_order_handed_back_costs_nobody():
    also = [*back_and_on("2026-03-03 09:00", "2026-03-04 09:00"), ("hand_back", "2026-03-05 09:00", {})]
    assert overdue(open_order(also=also)) == (0, 0)


def test_the_centre_rules_who_bears_it():
    """R04: B holds it when the limit passes, A returned too late; ruled in April, it stays in March."""
    also = back_and_on("2026-03-06 09:00", "2026-03-09 09:00", ["2026-03-10 09:00"])
    ruled = [*also, ("rule_overdue", "2026-04-03 09:00", {"unit": "A", "role": "hotline_centre"})]
    assert overdue(open_order(also=also)) == (0, HALF)
    assert overdue(open_order(also=ruled)) == (HALF, 0)
    assert overdue(open_order(also=ruled), period="2026-04") == (0, 0)


def test_the_ruling_moves_the_latest_overdue_alone():
    """A let the 10th pass, B the 20th; ruled for A: both are A's. Ruled for B: one each."""
    also = back_and_on("2026-03-11 09:00", "2026-03-12 09:00", ["2026-03-13 09:00"], order_due="2026-03-20")
    assert overdue(open_order(also=also)) == (HALF, HALF)
    for unit, expected in (("A", (1, 0)), ("B", (HALF, HALF))):
        ruled = [*also, ("rule_overdue", "2026-03-25 09:00", {"unit": unit, "role": "hotline_centre"})]
        assert overdue(open_order(also=ruled)) == expected


@pytest.mark.parametrize(("many", "left"), [(39, HALF), (40, F(0)), (41, F(0))])
def test_overdue_orders_end_at_no_points(many, left):
    rows = [row for n in range(many) for row in open_order(f"O{n:02}")]
    scores = zz(rows + pleased("A0"))
    assert item(scores, "A", "overdue") == left
    assert counts(scores, "A", "overdue") == (str(many), None)


# Supervision and organisation


def supervised(order_id, unit="A", *replies):
    """An order supervised, each reply of (time, met)."""
    also = [("supervise", "2026-03-04 09:00", {"reason": "推诿"})]
    also += [("supervision_reply", at, {} if met is None else {"met": met}) for at, met in replies]
    return pleased(order_id, unit, also=also)


def test_replies_that_are_not_met_and_absences_cost_half_a_point_each():
    """Two unmet replies of one order, one of another, two absences: 2.5; one met, one not said: nothing."""
    rows = supervised("O", "A", ("2026-03-05 09:00", False), ("2026-03-05 15:00", False))
    rows += supervised("P", "A", ("2026-03-05 09:00", False), ("2026-03-05 10:00", True))
    rows += supervised("Q", "A", ("2026-03-05 09:00", None))
    scores = zz(rows, adjustments=absent("A", 2))
    assert item(scores, "A", "supervision") == F(15, 2)
    assert total(scores, "A") == F(195, 2)
    assert of(scores, "A")["deduction"] == "0"


def test_an_unmet_reply_is_of_its_month_and_of_the_unit_of_that_dispatch():
    """A's reply was unmet in March; B, to whom the order went, has its own in April."""
    also = [
        ("supervise", "2026-03-03 08:00", {}),
        ("supervision_reply", "2026-03-03 09:00", {"met": False}),
        *back_and_on("2026-03-03 10:00", "2026-03-04 09:00", ["2026-03-05 09:00"]),
        ("supervision_reply", "2026-04-03 09:00", {"met": False}),
    ]
    rows = open_order(due="2026-05-20", also=also)
    for unit in "AB":
        rows += life(f"{unit}0", unit, callbacks=[{"at": day, "result": "connected"} for day in
                     ("2026-03-09", "2026-04-09")])  # fmt: skip
    march, april = zz(rows, period="2026-03"), zz(rows, period="2026-04")
    assert [item(march, unit, "supervision") for unit in "AB"] == [F(19, 2), F(10)]
    assert [item(april, unit, "supervision") for unit in "AB"] == [F(10), F(19, 2)]


@pytest.mark.parametrize(("absences", "left"), [(19, HALF), (20, F(0)), (21, F(0))])
def test_supervision_ends_at_no_points(absences, left):
    scores = zz(pleased("A0"), adjustments=absent("A", absences))
    assert item(scores, "A", "supervision") == left


def test_organisation_is_entered_for_its_month_or_full():
    entered = [entry("A", "org_rules", "0"), entry("A", "org_staffing", "5"),
               entry("B", "org_staffing", "0"), entry("B", "org_rules", "0", at="2026-02-28")]  # fmt: skip
    scores = zz(BOTH, adjustments=entered)
    assert [points(scores, unit)[:2] for unit in "AB"] == [(0, 5), (5, 0)]
    assert total(scores, "A") == F(95)


@pytest.mark.parametrize("code", ["org_rules", "org_staffing"])
@pytest.mark.parametrize(
    ("entered", "whole", "part"),
    [("0", True, True), ("5", True, True), ("3", False, True), ("5.5", False, False), ("-1", False, False)],
)
def test_organisation_is_all_or_nothing_unless_part_marks_are_read(code, entered, whole, part):
    row = entry("A", code, entered)
    assert (rejected("ZZ", row) == "") is whole
    assert (rejected("ZZ", row, {"zz.org_partial": "entered_points"}) == "") is part


def test_part_marks_for_organisation_count_where_so_read():
    entered = [entry("A", "org_rules", "3"), entry("A", "org_staffing", "2.5")]
    scores = zz(pleased("A0"), adjustments=entered, settings={"zz.org_partial": "entered_points"})
    assert (points(scores)[:2], total(scores, "A")) == ((3, F(5, 2)), F(191, 2))


# Satisfaction


@BOTH_QUESTIONS
def test_the_example_of_the_catalogue_is_19_15(question, other):
    """A 73 of 80 = 91.25 %, the district 186 of 200 = 93 %: 1.75 points are 17 whole tenths, 0.85 off."""
    rows = asked("A", question, satisfied=73, dissatisfied=7)
    rows += asked("B", question, satisfied=113, dissatisfied=7)
    scores = zz(rows)
    assert counts(scores, "A", question) == ("73", "80")
    assert item(scores, "A", question) == F("19.15")
    assert item(scores, "B", question) == F(20)
    assert item(scores, "A", other) == F(20)
    proportional = zz(rows, settings={"zz.step": "proportional"})
    assert item(proportional, "A", question) == F("19.125")  # 20 - 0.875


@BOTH_QUESTIONS
@pytest.mark.parametrize(
    ("a", "b", "left"),
    [
        ((3, 8), (44, 117), F("19.95")),  # 37.5 % of 47/125 = 37.6 %: a tenth to the full
        ((1, 9), (13, 116), F(20)),  # 1/9 of 14/125: 0.0888… of a point
        ((0, 3), (2, 2), F(0)),  # 40 points below: 400 tenths, 20 off
        ((0, 2), (1, 1), F("3.35")),  # 33.33… points below: 333 tenths, 16.65 off
        ((0, 1), (1, 1), F(0)),  # 50 points below: no less than nothing
        ((1, 2), (1, 2), F(20)),  # at the mean
        ((0, 2), (0, 2), F(20)),
        ((2, 2), (0, 2), F(20)),  # above it
    ],
)
def test_whole_tenths_below_the_mean_cost_a_twentieth_each(a, b, left, question, other):
    """`a` and `b` are satisfied of connected."""
    rows = asked("A", question, satisfied=a[0], neutral=a[1] - a[0])
    rows += asked("B", question, satisfied=b[0], neutral=b[1] - b[0])
    scores = zz(rows)
    assert item(scores, "A", question) == left
    assert item(scores, "A", other) == F(20)


@BOTH_QUESTIONS
def test_without_a_floor_the_answers_may_cost_more_than_the_item_has(question, other):
    """50 points below the mean: 25 off 20."""
    rows = asked("A", question, neutral=1) + asked("B", question, satisfied=1)
    scores = zz(rows, settings={"floor.item": "none"})
    assert (item(scores, "A", question), item(scores, "A", other)) == (-5, 20)


def test_result_and_process_are_judged_apart():
    """A: result 2 of 2, process 1 of 2; the district 4 of 4 and 3 of 4: 25 points, 12.5 off."""
    rows = life("A1", callbacks=["resolved/satisfied/satisfied"])
    rows += life("A2", callbacks=["resolved/satisfied/dissatisfied"])
    rows += pleased("B1", "B") + pleased("B2", "B")
    scores = zz(rows)
    assert (item(scores, "A", "result_satisfaction"), item(scores, "A", "process_satisfaction")) == (
        20,
        F("7.5"),
    )


@BOTH_QUESTIONS
@pytest.mark.parametrize(("reading", "left"), [("satisfied", F(0)), ("with_basically_satisfied", F(20))])
def test_only_the_answer_satisfied_is_satisfied_unless_basically_is_read_with_it(
    reading, left, question, other
):
    """A's two said basically, B's two satisfied: 0 of 2 against 2 of 4."""
    rows = asked("A", question, basically_satisfied=2) + asked("B", question, satisfied=2)
    scores = zz(rows, settings={"zz.satisfied_levels": reading})
    assert (item(scores, "A", question), item(scores, "A", other)) == (left, 20)


def test_units_of_both_pools_and_outside_the_roster_are_in_the_mean():
    """A 1 of 2, B 1 of 2: at the mean. With Y's 4 of 4 it is 6/8: 25 points, 12.5 off."""
    rows = asked("A", satisfied=1, neutral=1) + asked("B", satisfied=1, neutral=1)
    units = {"town": "A", "department": "B"}
    assert item(zz(rows, units=units), "A", "result_satisfaction") == F(20)
    scores = zz(rows + asked("Y", satisfied=4), units=units)
    assert [item(scores, unit, "result_satisfaction") for unit in "AB"] == [F("7.5"), F("7.5")]
    assert (of(scores, "Y")["pool"], ranks(scores)) == (None, {"A": 1, "B": 1, "Y": None})


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("pooled_district", (20, 20, F("1.25"))),  # 3/8: C is 37.5 points below, 18.75 off
        ("per_pool", (F("7.5"), 20, 20)),  # 3/4 of the towns: A is 25 below; C is its own mean
        ("mean_of_unit_rates", (20, 20, 0)),  # (1/2 + 1 + 0)/3: C is 50 below
    ],
)
@BOTH_QUESTIONS
def test_the_mean_is_pooled_unless_read_otherwise(reading, expected, question, other):
    """A 1 of 2 and B 2 of 2 are towns, C 0 of 4 a department."""
    rows = asked("A", question, satisfied=1, neutral=1) + asked("B", question, satisfied=2)
    rows += asked("C", question, neutral=4)
    scores = zz(rows, units={"town": "A B", "department": "C"}, settings={"zz.mean": reading})
    assert tuple(item(scores, unit, question) for unit in "ABC") == expected
    assert [item(scores, unit, other) for unit in "ABC"] == [20] * 3


def test_a_unit_nobody_could_be_reached_of_has_full_points_and_is_assessed():
    """A callback made, none connected: 0/0, nothing fell; B's 1 of 2 is the mean."""
    rows = life("A1", callbacks=[{"result": "not_connected"}]) + asked("B", satisfied=1, neutral=1)
    scores = zz(rows)
    assert status(scores, "A") == "assessed"
    assert counts(scores, "A", "result_satisfaction") == ("0", "0")
    assert points(scores)[6:] == points(scores, "B")[6:] == (20, 20)
    assert total(scores, "A") == F(100)


def test_a_district_without_a_connected_callback_has_no_mean_and_full_points():
    assert points(zz(life("A1", callbacks=[{"result": "not_connected"}])))[6:] == (20, 20)


def test_without_a_connected_callback_the_other_sixty_points_stand_for_a_hundred_where_so_read():
    """Half a point off for an absence: 59.5 of 60."""
    rows = life("A1", callbacks=[{"result": "not_connected"}]) + pleased("B1", "B")
    settings = {"zz.zero_connected": "exclude"}
    scores = zz(rows, settings=settings, adjustments=absent("A", 1))
    assert points(scores)[6:] == (None, None)
    assert [total(scores, unit) for unit in "AB"] == [F("59.5") / 60 * 100, F(100)]


def test_only_connected_callbacks_make_the_month_where_so_read():
    rows = life("A1", callbacks=[{"result": "not_connected"}]) + pleased("B1", "B")
    settings = {"zz.callback_count": "connected"}
    scores = zz(rows, settings=settings)
    assert [status(scores, unit) for unit in "AB"] == ["not_assessed", "assessed"]


def test_an_order_counts_once_a_month_by_its_last_connected_callback():
    """
    March: first not pleased, then pleased, then not reached: pleased. April: not pleased.

    M was reached and gave no answer: connected, not satisfied. With B's one the mean is 2/3.
    """
    calls = [
        {"at": "2026-03-09", "result": "connected", "satisfaction": "dissatisfied"},
        {"at": "2026-03-10", "result": "connected", "satisfaction": "satisfied"},
        {"at": "2026-03-11", "result": "not_connected"},
        {"at": "2026-04-02", "result": "effective", "outcome": "resolved", "satisfaction": "neutral"},
    ]
    rows = life("A1", callbacks=calls) + life("M", callbacks=[{"at": "2026-03-09", "result": "connected"}])
    rows += asked("B", satisfied=1)
    march, april = zz(rows, period="2026-03"), zz(rows, period="2026-04")
    assert counts(march, "A", "result_satisfaction") == ("1", "2")
    assert counts(march, "A", "process_satisfaction") == ("0", "2")
    assert item(march, "A", "result_satisfaction") == F("11.7")  # 16.66… below 2/3: 166 tenths, 8.3
    assert counts(april, "A", "result_satisfaction") == ("0", "1")
    assert status(april, "B") == "not_assessed"


def test_callbacks_count_in_their_month_whenever_the_order_was_closed():
    rows = life("A1", callbacks=[{"at": "2026-04-09", "result": "connected", "satisfaction": "satisfied"}])
    assert [status(zz(rows, period=one), "A") for one in ("2026-03", "2026-04")] == [
        "not_assessed",
        "assessed",
    ]


@pytest.mark.parametrize(("source", "assessed"), [("mayor_platform", True), ("", True), ("district", False)])
def test_only_callbacks_of_the_mayors_platform_count(source, assessed):
    answers = {"result": "connected", "satisfaction": "dissatisfied", "source": source}
    scores = zz(life("A1", callbacks=[answers]) + pleased("B1", "B"))
    assert (status(scores, "A") == "assessed") is assessed
    if assessed:
        assert item(scores, "A", "result_satisfaction") == F(0)  # 0 of 1 against 1 of 2


def test_an_order_that_another_source_called_back_last_keeps_the_platforms_answer():
    """A1: pleased, then not pleased to the district. A2: to the district alone. One of one counts."""
    by_district = {"at": "2026-03-10", "result": "effective", "outcome": "unresolved", "source": "district",
                   "satisfaction": "dissatisfied", "process_satisfaction": "dissatisfied"}  # fmt: skip
    scores = zz(life("A1", callbacks=[PLEASED, by_district]) + life("A2", callbacks=[by_district]))
    assert [counts(scores, "A", name) for name in (RESULT, PROCESS)] == [("1", "1"), ("1", "1")]
    assert rate(scores, "A", "satisfaction.satisfied") == F(1)
    assert rate(scores, "A", "outcome.resolved") == F(1)


def test_the_answers_of_a_month_are_rated_over_what_was_connected():
    """One resolved and satisfied, one reached without an answer, one not reached: a half each."""
    rows = pleased("A1") + life("A2", callbacks=[{"result": "connected"}])
    rows += life("A3", callbacks=[{"result": "not_connected"}])
    scores = zz(rows)
    names = ("satisfaction.satisfied", "outcome.resolved", "resolution")
    assert [rate(scores, "A", name) for name in names] == [HALF] * 3
    assert rate(scores, "A", "satisfaction.dissatisfied") == F(0)


def test_a_unit_without_a_callback_is_not_assessed_and_has_no_total_rank_or_grade():
    scores = zz(life("A1") + pleased("B1", "B"), units=towns("A B C"))
    for unit in "AC":
        assert status(scores, unit) == "not_assessed"
        assert points(scores, unit) == (None,) * 8
        assert (total(scores, unit), ranks(scores)[unit], grade(scores, unit)) == (None, None, None)
    assert ranks(scores)["B"] == 1


def test_callbacks_count_in_the_closing_month_where_so_read():
    rows = life("A1", callbacks=[{"at": "2026-04-09", "result": "connected", "satisfaction": "satisfied"}])
    settings = {"attr.callback": "closing_month"}
    months = [zz(rows, period=one, settings=settings) for one in ("2026-03", "2026-04")]
    assert [status(one, "A") for one in months] == ["assessed", "not_assessed"]
    assert counts(months[0], "A", "result_satisfaction") == ("1", "1")


# Unreasonable demands


def unreasonable(*, evidence="说明", role="mayor_platform", answer="approve_exclusion"):
    events = [("request_exclusion", "2026-03-06 10:10", {"exclusion": "unreasonable", "evidence": evidence})]
    return [*events, (answer, "2026-03-06 10:20", {"role": role})] if answer else events


@pytest.mark.parametrize(
    ("also", "out"),
    [
        (unreasonable(), True),
        (unreasonable(evidence=""), False),
        (unreasonable(answer=""), False),
        (unreasonable(answer="refuse_exclusion"), False),
        (unreasonable(role="hotline_centre"), False),
        (unreasonable(role="handling_unit"), False),
        ((), False),
    ],
)
def test_an_unreasonable_demand_approved_by_the_mayors_platform_leaves_the_rate_and_the_mean(also, out):
    """
    A 1 of 2, B 1 of 1. In: 16.66… points below 2/3, 166 tenths, 8.3 off. Out: A 1 of 1.

    C, 6 of 7, is at 85.7 % against 8/10 in, above it, and against 8/9 = 88.8 % out: 31 tenths, 1.55.
    """
    rows = asked("A", satisfied=1) + life("A9", callbacks=[NOT_PLEASED], also=also) + pleased("B1", "B")
    scores = zz(rows)
    assert counts(scores, "A", "result_satisfaction") == (("1", "1") if out else ("1", "2"))
    assert item(scores, "A", "result_satisfaction") == (F(20) if out else F("11.7"))
    assert item(scores, "A", "process_satisfaction") == (F(20) if out else F("11.7"))
    assert rate(scores, "A", "satisfaction.satisfied") == (F(1) if out else HALF)
    with_c = zz(rows + asked("C", satisfied=6, neutral=1))
    assert item(with_c, "C", "result_satisfaction") == (F("18.45") if out else F(20))


def test_an_excluded_order_stays_in_all_other_items():
    """Its reply came late, its only callback makes the month: 20 - 0.5 and full satisfaction."""
    rows = life("A9", due="2026-03-05", callbacks=[NOT_PLEASED], also=unreasonable()) + pleased("B1", "B")
    scores = zz(rows)
    assert status(scores, "A") == "assessed"
    assert points(scores) == (5, 5, 10, 10, F("19.5"), 10, 20, 20)


# Criticism, floor, grades


def test_criticism_takes_half_a_point_each_off_the_total_without_a_cap():
    scores = zz(pleased("A0"), adjustments=criticised("A", 3) + criticised("A", 1, at="2026-02-28"))
    assert points(scores) == (5, 5, 10, 10, 20, 10, 20, 20)
    assert total(scores, "A") == F("98.5")
    assert (of(scores, "A")["deduction"], of(scores, "A")["adjustments"]) == ("1.5", {"criticism": 3})


@pytest.mark.parametrize(("times", "left"), [(199, HALF), (200, F(0)), (201, F(0))])
def test_the_total_ends_at_nothing(times, left):
    assert total(zz(pleased("A0"), adjustments=criticised("A", times)), "A") == left


def test_without_floors_items_and_total_fall_below_nothing():
    """51 late returns: 10 - 10.2. 201 notices: 100 - 100.5."""
    rows = [row for n in range(51) for row in going_back(f"R{n:02}", "2026-03-05 10:00")]
    scores = zz(rows + pleased("A0"), settings={"floor.item": "none"})
    assert (item(scores, "A", "returns"), total(scores, "A")) == (F("-0.2"), F("89.8"))
    settings = {"floor.total": "none"}
    assert total(zz(pleased("A0"), settings=settings, adjustments=criticised("A", 201)), "A") == -HALF


@pytest.mark.parametrize(
    ("times", "reached", "named"),
    [
        (0, 100, "excellent"),
        (30, 85, "excellent"),
        (31, F("84.5"), "good"),
        (50, 75, "good"),
        (51, F("74.5"), "pass"),
        (80, 60, "pass"),
        (81, F("59.5"), "fail"),
        (200, 0, "fail"),
    ],
)
def test_grades_begin_at_85_75_and_60_exactly(times, reached, named):
    scores = zz(pleased("A0"), adjustments=criticised("A", times))
    assert (total(scores, "A"), grade(scores, "A")) == (reached, named)


def test_a_grade_goes_by_the_exact_total_and_not_by_the_one_shown():
    """
    A 49 of 50, the district 246 of 251: 1/12550 below, 1/251 of a point off in proportion.

    85 - 1/251 shows as 85.00 and is good.
    """
    rows = asked("A", satisfied=49, neutral=1) + asked("B", satisfied=197, neutral=4)
    scores = zz(rows, settings={"zz.step": "proportional"}, adjustments=criticised("A", 30))
    assert total(scores, "A") == 85 - F(1, 251)
    assert (of(scores, "A")["total"], grade(scores, "A")) == ("85.00", "good")


# Ranks and consequences

MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")


def history(months, units=None):
    """Months as "A0 B4 C8": which unit, how often criticised (100 less half a point each)."""
    rows, adjustments = [], []
    for month, places in months.items():
        for one in places.split():
            unit, times = one[0], int(one[1:])
            said = {"accepted": f"{month}-02 09:00", "closed": f"{month}-06 12:00"}
            rows += pleased(f"{unit}-{month}", unit, **said)
            adjustments += criticised(unit, times, at=f"{month}-15")
    return {"rows": rows, "adjustments": adjustments, "units": units or towns("A B C D E")}


def raised(months, month, *, units=None, **more):
    return consequences(zz(**history(months, units), period=month, **more))


def notices(names):
    return [("ZZ-E01", unit, "notice") for unit in names]


def test_towns_and_departments_are_ranked_apart():
    """Towns 100, 98, 98, 96; departments 90 and 80: the lower of two is low, the better one never."""
    units = {"town": "A B C D", "department": "E F"}
    scores = zz(**history({"2026-03": "A0 B4 C4 D8 E20 F40"}, units))
    assert ranks(scores) == {"A": 1, "B": 2, "C": 2, "D": 4, "E": 1, "F": 2}
    assert consequences(scores) == notices("BCDF")


def test_the_last_k_of_the_catalogue_all_tied_at_the_edge_are_in():
    """90, 80, 80, 80, 70: the 70 and all three 80s."""
    scores = zz(**history({"2026-03": "A20 B40 C40 D40 E60"}))
    assert [total(scores, unit) for unit in "ABCDE"] == [90, 80, 80, 80, 70]
    assert consequences(scores) == notices("BCDE")
    assert all(one["because"] for one in scores["consequences"])


@pytest.mark.parametrize(
    ("places", "low"),
    [
        ("A0 B0 C0 D0 E0", ""),
        ("A0 B2 C4 D6 E8", "CDE"),
        ("A0 B0 C0 D0 E2", "E"),
        ("A0", ""),
        ("A0 B2", "B"),
        ("A0 B0 C2 D2 E2", "CDE"),
    ],
)
def test_the_last_three_are_noticed_but_nobody_tied_with_the_best(places, low):
    assert raised({"2026-03": places}, "2026-03") == notices(low)


@pytest.mark.parametrize(("number", "low"), [("1", "E"), ("3", "CDE"), ("5", "BCDE")])
def test_how_many_are_low_is_a_choice(number, low):
    months = {"2026-03": "A0 B2 C4 D6 E8"}
    assert raised(months, "2026-03", settings={"zz.low_rank_n": number}) == notices(low)


def test_exactly_k_are_low_where_so_read():
    """B to E are tied: three of them."""
    found = raised({"2026-03": "A0 B2 C2 D2 E2"}, "2026-03", settings={"bottom.tie": "exactly_k"})
    assert len(found) == 3
    assert {unit for _, unit, _ in found} < set("BCDE")


def test_a_unit_tied_with_the_best_may_be_low_where_so_read():
    settings = {"bottom.never_top": "false"}
    assert raised({"2026-03": "A0 B0"}, "2026-03", settings=settings) == notices("AB")


def test_the_notice_of_a_low_place_takes_no_half_point():
    scores = zz(**history({"2026-03": "A0 B2"}))
    assert (of(scores, "B")["deduction"], total(scores, "B")) == ("1", F(99))


@pytest.mark.parametrize(
    ("month", "talks"),
    [
        ("2025-11", []),
        ("2025-12", [("ZZ-E02", "B", "vice_talk")]),
        ("2026-01", [("ZZ-E03", "B", "head_talk")]),
        ("2026-02", [("ZZ-E03", "B", "head_talk")]),
        ("2026-03", [("ZZ-E03", "B", "head_talk")]),
    ],
)
def test_talks_follow_low_months_in_a_row_over_the_new_year(month, talks):
    """The vice head at the second month alone, the head at the third and each further one."""
    assert raised(dict.fromkeys(MONTHS, "A0 B2"), month) == [*notices("B"), *talks]


@pytest.mark.parametrize(
    ("month", "rule", "kind"), [("2026-02", "ZZ-E02", "vice_talk"), ("2026-03", "ZZ-E03", "head_talk")]
)
def test_all_of_the_last_three_are_talked_to_and_no_more(month, rule, kind):
    months = dict.fromkeys(("2026-01", "2026-02", "2026-03"), "A0 B2 C4 D6 E8")
    assert raised(months, month) == [*notices("CDE"), *((rule, unit, kind) for unit in "CDE")]


def test_two_units_tied_at_the_edge_are_talked_to_together():
    settings = {"zz.low_rank_n": "1"}
    months = dict.fromkeys(("2026-02", "2026-03"), "A0 B2 C4 D4")
    assert raised(months, "2026-03", settings=settings) == [
        *notices("CD"), ("ZZ-E02", "C", "vice_talk"), ("ZZ-E02", "D", "vice_talk"),
    ]  # fmt: skip


def test_streaks_are_of_the_unit_in_its_own_pool():
    units = {"town": "A B", "department": "E F"}
    months = {"2026-02": "A0 B2 E2 F0", "2026-03": "A0 B2 E0 F2"}
    assert raised(months, "2026-03", units=units) == [*notices("BF"), ("ZZ-E02", "B", "vice_talk")]


def test_a_better_month_breaks_the_streak():
    months = {"2026-01": "A0 B2", "2026-02": "A2 B0", "2026-03": "A0 B2"}
    for reading in ("break", "skip"):
        assert raised(months, "2026-03", settings={"zz.streak_gap": reading}) == notices("B")


def test_a_month_without_a_callback_breaks_the_streak_unless_it_is_read_as_passed_over():
    months = {"2026-01": "A0 B2", "2026-02": "A0 C0", "2026-03": "A0 B2"}
    assert raised(months, "2026-03") == notices("B")
    skipped = raised(months, "2026-03", settings={"zz.streak_gap": "skip"})
    assert skipped == [*notices("B"), ("ZZ-E02", "B", "vice_talk")]


def test_two_low_months_a_gap_and_a_third_are_a_head_talk_only_where_the_gap_is_passed_over():
    months = {"2025-12": "A0 B2", "2026-01": "A0 B2", "2026-02": "A0 C0", "2026-03": "A0 B2"}
    assert raised(months, "2026-03", settings={"zz.streak_gap": "break"}) == notices("B")
    skipped = raised(months, "2026-03", settings={"zz.streak_gap": "skip"})
    assert skipped == [*notices("B"), ("ZZ-E03", "B", "head_talk")]


def test_a_month_in_which_all_are_equal_breaks_the_streak():
    months = {"2026-01": "A0 B2", "2026-02": "A0 B0", "2026-03": "A0 B2"}
    assert raised(months, "2026-03") == notices("B")


# Quarter and year


def in_month(month, unit, orders):
    """So many orders of a unit called back in a month, all pleased."""
    said = {"accepted": f"{month}-02 09:00", "closed": f"{month}-06 12:00"}
    return [row for n in range(orders) for row in pleased(f"{unit}-{month}-{n}", unit, **said)]


def test_the_year_is_the_mean_of_the_ranked_months_and_needs_five_callbacks():
    """
    A: March 90, May 80, nothing in April: 85, five orders, excellent. B: 100 in March, four orders: null.

    C: 99 in December alone, five orders. D belongs to the other pool.
    """
    rows = in_month("2026-03", "A", 3) + in_month("2026-05", "A", 2)
    rows += in_month("2026-03", "B", 4) + in_month("2026-12", "C", 5) + in_month("2026-05", "D", 5)
    entered = criticised("A", 20) + criticised("A", 40, at="2026-05-15")
    entered += criticised("C", 2, at="2026-12-31") + criticised("D", 100, at="2026-05-01")
    units = {"town": "A B C", "department": "D"}
    scores = zz(rows, adjustments=entered, units=units, period="2026")
    assert [total(scores, unit) for unit in "ABCD"] == [F(85), None, F(99), F(50)]
    assert [grade(scores, unit) for unit in "ABCD"] == ["excellent", None, "excellent", "fail"]
    assert ranks(scores) == {"A": 2, "B": None, "C": 1, "D": 1}
    assert (scores["period"], scores["consequences"]) == ("2026", [])


def test_the_five_callbacks_of_a_year_are_of_five_orders_reached_or_not():
    """A: four orders, one called twice: null. B: five, one of them not reached: 100."""
    calls = [
        {"at": day, "result": "connected", "satisfaction": "satisfied"}
        for day in ("2026-03-09", "2026-05-09")
    ]
    rows = in_month("2026-03", "A", 3) + life("A9", callbacks=calls)
    rows += in_month("2026-03", "B", 4) + life("B9", "B", callbacks=[{"result": "not_connected"}])
    scores = zz(rows, units=towns("A B"), period="2026")
    assert [total(scores, unit) for unit in "AB"] == [None, F(100)]


@pytest.mark.parametrize(
    ("reading", "year", "reached"),
    [
        ("calendar", "2025", 80),  # (100 + 90 + 50) / 3
        ("calendar", "2026", F("87.5")),  # (80 + 95) / 2
        ("november_to_october", "2026", F(220, 3)),  # (90 + 50 + 80) / 3
    ],
)
def test_a_year_is_the_calendar_one_unless_read_otherwise(reading, year, reached):
    """October 2025 100, November 90, December 50; October 2026 80, November 95: five orders each."""
    notices_in = {"2025-10": 0, "2025-11": 20, "2025-12": 100, "2026-10": 40, "2026-11": 10}
    rows = [row for month in notices_in for row in in_month(month, "A", 5)]
    entered = [one for month, times in notices_in.items() for one in criticised("A", times, at=f"{month}-28")]
    scores = zz(rows, adjustments=entered, period=year, settings={"year.basis": reading})
    assert total(scores, "A") == reached


def test_the_year_is_worked_out_on_its_orders_where_so_read():
    """
    A: 2 late returns in March, 3 in May; 3 of 4 pleased in March, 1 of 1 in May; B 4 of 4 and 1 of 1.

    Month by month: March 99.6 less 12.5 points below 7/8 (6.25 and 6.25 off) 87.1, May 99.4: 93.25.
    On the year: 10 - 5 x 0.2, and 4 of 5 against 9 of 10: 10 points, 5 off twice: 89.
    """
    rows = in_month("2026-03", "A", 3) + life("A9", callbacks=[NOT_PLEASED]) + in_month("2026-05", "A", 1)
    rows += in_month("2026-03", "B", 4) + in_month("2026-05", "B", 1)
    rows += going_back("R1", "2026-03-05 10:00") + going_back("R2", "2026-03-05 10:00")
    late = {"resolved": None, "closed": None, "due": "2027-07-01", "accepted": "2026-05-06 09:00"}
    for n in range(3):
        asked_late = [("request_return", "2026-05-11 10:00", {"reason": "非本单位"})]
        rows += life(f"L{n}", also=asked_late, **late)
    mean, anew = (
        zz(rows, units=towns("A B"), period="2026", settings={"zz.annual": reading})
        for reading in ("mean_of_totals", "recomputed")
    )
    assert [total(mean, unit) for unit in "AB"] == [F("93.25"), F(100)]
    assert [total(anew, unit) for unit in "AB"] == [F(89), F(100)]
    assert points(anew) == (5, 5, 9, 10, 20, 10, 15, 15)


def test_a_month_with_a_limit_past_the_known_calendar_is_provisional():
    """A return asked for on 31 December 2026: its working day is one of 2027."""
    said = {"accepted": "2026-12-31 09:00", "resolved": None, "closed": None, "due": "2027-01-20"}
    rows = in_month("2026-12", "A", 1)
    late = life("R", also=[("request_return", "2026-12-31 10:00", {"reason": "非本单位"})], **said)
    assert zz(rows, period="2026-12")["provisional"] is False
    assert zz(rows + late, period="2026-12")["provisional"] is True


def test_a_quarter_is_of_the_calendar_its_mean_graded_and_asks_for_no_five_callbacks():
    """A: January 100, March 69.5: 84.75, good. B: February 100. No notice but of a month."""
    months = {"2026-01": "A0", "2026-02": "B0", "2026-03": "A61", "2026-04": "A0 B200"}
    scores = zz(**history(months, towns("A B C")), period="2026Q1")
    assert [total(scores, unit) for unit in "ABC"] == [F("84.75"), F(100), None]
    assert [grade(scores, unit) for unit in "ABC"] == ["good", "excellent", None]
    assert ranks(scores) == {"A": 2, "B": 1, "C": None}
    assert scores["consequences"] == []
