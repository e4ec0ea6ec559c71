"""
Months and quarters of 友谊路街道 worked by hand from 第八条 to 第十五条, the sums beside the orders.

2026-03-02 is a Monday and March has no holiday: received that day, one working day is Tuesday 3, five are
Monday 9, ten are Monday 16. Orders are dispatched on the day they are received unless told otherwise.
"""

from fractions import Fraction

import pytest
from support.months import consequences, entry, item, life, of, ranks, rate, scored, status, total

F = Fraction

ITEMS = ("contact", "on_time", "resolution", "satisfaction")
OUTCOMES = ("resolved", "explained", "recorded", "unresolved")
ANSWERS = ("satisfied", "basically_satisfied", "neutral", "dissatisfied")
EQUAL = {"yy.weights": "equal"}
AS_NEIGHBOUR = {"yy.weights": "100/80/60/0"}
SIGNED = {"outcome": "resolved", "signed_by": "分管领导"}


def shares(scores, unit, of_what, names):
    return [rate(scores, unit, f"{of_what}.{name}") for name in names]


def redone(redo, resolve, close, *callbacks):
    """The order goes back, is taken an hour later, done again and signed, called back and closed."""
    return [
        ("redo", f"{redo} 09:00", {"ground": "dissatisfied_callback"}),
        ("accept", f"{redo} 10:00", {"unit": "A"}),
        ("resolve", f"{resolve} 11:00", {"unit": "A", **SIGNED, "signed_at": f"{resolve} 10:30"}),
        *(
            ("revisit", f"{close} 15:00", dict(zip(("outcome", "satisfaction"), one.split("/"), strict=True)))
            for one in callbacks
        ),
        ("close", f"{close} 16:00", {}),
    ]


# ---- contact and time ----------------------------------------------------------------------------


CONTACTS = [
    *life("G1", contact="2026-03-03 23:59:59"),  # the last second of the working day: counts
    *life("G2", contact="2026-03-04 00:00:00"),  # a second late
    *life("G3", contact=None),  # none
    *life("G4", contact=None, anonymous=True),  # nobody to contact
    *life("G5", anonymous=True),  # contacted all the same
]


def test_contact_counts_inside_a_working_day_over_closings_that_are_not_anonymous():
    # G1 of G1 G2 G3
    assert rate(scored("YY", CONTACTS), "A", "contact") == F(1, 3)


def test_with_anonymous_orders_taken_in_contact_is_over_all_closings():
    # G1 and G5 of five
    scores = scored("YY", CONTACTS, settings={"anonymous.contact": "include"})
    assert rate(scores, "A", "contact") == F(2, 5)


def test_contact_of_an_order_not_yet_closed_waits_for_its_closing():
    rows = [*life("G1"), *life("G2", closed=None)]
    assert rate(scored("YY", rows), "A", "contact") == F(1, 1)


def test_each_class_is_on_time_until_the_last_second_of_its_own_limit():
    rows = [
        *life("G1", handling_class="prompt", resolved="2026-03-03 23:59:59"),  # 1 day: on time
        *life("G2", handling_class="prompt", resolved="2026-03-04 00:00:00"),  # late
        *life("G3", handling_class="ordinary", resolved="2026-03-09 23:59:59", closed="2026-03-17 12:00"),
        *life("G4", resolved="2026-03-10 00:00:00", closed="2026-03-17 12:00"),  # no class: ordinary, late
        *life("G5", handling_class="complex", resolved="2026-03-16 23:59:59", closed="2026-03-17 12:00"),
        *life("G6", handling_class="complex", resolved="2026-03-17 00:00:00", closed="2026-03-17 12:00"),
    ]
    # G1 G3 G5 of six
    assert rate(scored("YY", rows), "A", "on_time") == F(1, 2)


def test_time_ends_with_the_reply_and_neither_with_the_close_nor_at_the_order_due():
    rows = [
        *life("G1", resolved="2026-03-09 10:00", closed="2026-03-30 12:00", due="2026-03-04 12:00"),
        *life("G2", anonymous=True, contact=None, resolved="2026-03-10 10:00", closed="2026-03-10 12:00"),
    ]
    # G1 replied on its fifth day; G2, anonymous and late, stays in the denominator
    assert rate(scored("YY", rows), "A", "on_time") == F(1, 2)


def test_an_extension_approved_by_the_office_gives_ten_days_from_receipt():
    asked = ("request_extension", "2026-03-05 12:00", {"reason": "等待鉴定"})
    approved = ("approve_extension", "2026-03-06 12:00", {"role": "hotline_office"})
    rows = [
        *life("G1", resolved="2026-03-16 12:00", closed="2026-03-18 12:00", also=[asked, approved]),
        *life("G2", resolved="2026-03-17 12:00", closed="2026-03-18 12:00", also=[asked, approved]),
        *life("G3", resolved="2026-03-16 12:00", closed="2026-03-18 12:00", also=[asked]),
    ]
    # day 10, day 11, day 10 without approval
    assert rate(scored("YY", rows), "A", "on_time") == F(1, 3)


def test_each_redo_must_be_done_in_three_working_days_and_heals_no_lateness_before_it():
    # redone from Monday 9: Thursday 12 is the third day
    rows = [
        *life("G1", also=redone("2026-03-09", "2026-03-12", "2026-03-13")),  # on time twice
        *life("G2", also=redone("2026-03-09", "2026-03-13", "2026-03-13")),  # redone late
        *life("G3", resolved="2026-03-10 10:00", closed="2026-03-10 12:00",
              also=redone("2026-03-11", "2026-03-12", "2026-03-13")),  # first reply late
        *life("G4", also=[*redone("2026-03-09", "2026-03-10", "2026-03-11"),
                          *redone("2026-03-12", "2026-03-18", "2026-03-18")]),  # third day was the 17th
    ]  # fmt: skip
    # G1 of four
    assert rate(scored("YY", rows), "A", "on_time") == F(1, 4)


def test_an_order_redone_closes_in_the_month_of_its_last_closing_and_is_evaluated_anew():
    # redone on Thursday 2 April; the 4th to the 6th are 清明: the third working day is Wednesday 8
    rows = life(
        "G1",
        accepted="2026-03-24 09:00",
        closed="2026-03-27 12:00",
        callbacks=["unresolved/dissatisfied"],
        also=redone("2026-04-02", "2026-04-08", "2026-04-08", "resolved/basically_satisfied"),
    )
    march = scored("YY", rows)
    assert status(march, "A") == "rates_only"
    assert [rate(march, "A", name) for name in ("contact", "on_time", "resolution")] == [None] * 3
    april = scored("YY", rows, period="2026-04")
    assert [rate(april, "A", name) for name in ("contact", "on_time", "resolution")] == [1, 1, 1]
    assert shares(april, "A", "satisfaction", ANSWERS) == [0, 1, 0, 0]


def test_an_order_returned_and_sent_on_belongs_to_the_unit_that_had_it_last():
    rows = [
        *life("G1", "A", contact=None, resolved=None, closed=None, also=[
            ("request_return", "2026-03-03 09:00", {"reason": "权属不符"}),
            ("approve_return", "2026-03-03 12:00", {}),
            ("dispatch", "2026-03-04 09:00", {"unit": "B"}),
            ("accept", "2026-03-04 10:00", {"unit": "B"}),
            ("contact", "2026-03-03 15:00", {}),
            ("resolve", "2026-03-11 12:00", {"unit": "B", "outcome": "resolved"}),
            ("close", "2026-03-12 12:00", {}),
        ]),
        *life("G2", "A"),
    ]  # fmt: skip
    scores = scored("YY", rows)
    # B: dispatched Wednesday 4, five days end Wednesday 11; contact inside the receipt's day
    assert [rate(scores, "B", name) for name in ("contact", "on_time")] == [1, 1]


# ---- what callers said ---------------------------------------------------------------------------


def test_resolution_counts_resolved_alone_and_all_answers_are_shares_of_the_evaluated():
    rows = [
        *life("G1", callbacks=["resolved/satisfied"]),
        *life("G2", callbacks=["resolved/basically_satisfied"]),
        *life("G3", callbacks=["explained/satisfied"]),
        *life("G4", callbacks=["recorded/neutral"]),
        *life("G5", callbacks=["unresolved/dissatisfied"]),
        *life("G6", callbacks=[{"result": "connected", "satisfaction": "satisfied"}]),  # half an answer
        *life("G7", outcome="resolved"),  # the unit's own word, no callback
    ]
    scores = scored("YY", rows)
    # of G1 to G5
    assert rate(scores, "A", "resolution") == F(2, 5)
    assert shares(scores, "A", "outcome", OUTCOMES) == [F(2, 5), F(1, 5), F(1, 5), F(1, 5)]
    assert shares(scores, "A", "satisfaction", ANSWERS) == [F(2, 5), F(1, 5), F(1, 5), F(1, 5)]


def test_a_missing_answer_stays_in_the_denominator():
    rows = [
        *life("G1", callbacks=["resolved/satisfied"]),
        *life("G2", callbacks=[{"result": "effective", "satisfaction": "neutral"}]),
        *life("G3", callbacks=[{"result": "effective", "outcome": "resolved"}]),
    ]
    scores = scored("YY", rows)
    assert shares(scores, "A", "outcome", OUTCOMES) == [F(2, 3), 0, 0, 0]
    assert shares(scores, "A", "satisfaction", ANSWERS) == [F(1, 3), 0, F(1, 3), 0]


def test_the_last_effective_callback_speaks_for_the_order_whoever_called():
    calls = [
        {"at": "2026-03-05 09:00", "result": "effective", "outcome": "unresolved",
         "satisfaction": "dissatisfied", "source": "district"},
        {"at": "2026-03-20 09:00", "result": "effective", "outcome": "resolved",
         "satisfaction": "neutral", "source": "centre"},
        {"at": "2026-03-21 09:00", "result": "not_connected"},
    ]  # fmt: skip
    scores = scored("YY", life("G1", callbacks=calls))
    assert rate(scores, "A", "resolution") == 1
    assert shares(scores, "A", "satisfaction", ANSWERS) == [0, 0, 1, 0]


def test_a_callback_of_the_next_month_counts_in_the_month_of_closing():
    rows = life("G1", callbacks=[{"at": "2026-04-09 09:00", "result": "effective", "outcome": "resolved",
                                  "satisfaction": "satisfied"}])  # fmt: skip
    assert rate(scored("YY", rows), "A", "resolution") == 1
    assert rate(scored("YY", rows, as_of="2026-04-08 23:59:59"), "A", "resolution") is None
    assert rate(scored("YY", rows, period="2026-04"), "A", "resolution") is None


def test_attempts_count_as_called_back_over_closings_that_are_not_anonymous():
    rows = [
        *life("G1", callbacks=["resolved/satisfied"]),
        *life("G2", callbacks=[{"result": "not_connected"}]),
        *life("G3", callbacks=[{"result": "connected"}]),
        *life("G4"),  # never called
        *life("G5", anonymous=True, contact=None, callbacks=["resolved/satisfied"]),  # leaves both
        *life("G6", closed=None, resolved="2026-03-06 10:00", callbacks=["resolved/satisfied"]),  # not closed
    ]
    # G1 G2 G3 of G1 to G4
    assert rate(scored("YY", rows), "A", "callback") == F(3, 4)


# ---- no weights ----------------------------------------------------------------------------------


def test_items_stand_without_points_and_without_size():
    scores = scored("YY", life("G1", callbacks=["resolved/satisfied"]))
    found = of(scores, "A")
    assert set(found["items"]) == set(ITEMS)
    assert [(found["items"][name]["points"], found["items"][name]["max"]) for name in ITEMS] == [
        (None, None)
    ] * 4
    assert (found["total"], found["exact"], found["rank"]) == (None, None, None)
    assert scores["settings"] == {}


def test_a_unit_has_rates_only_or_no_orders():
    rows = [*life("G1", "A"), *life("G2", "B", contact=None, closed=None)]
    scores = scored("YY", rows, units={"department": "A B C"})
    assert [status(scores, unit) for unit in "ABC"] == ["rates_only", "rates_only", "no_orders"]
    # the measures know no volume
    assert [rate(scores, unit, "volume") for unit in "ABC"] == [None, None, None]
    assert [rate(scores, unit, "on_time") for unit in "ABC"] == [1, None, None]
    assert ranks(scores) == {"A": None, "B": None, "C": None}


def test_adjustments_are_counted_by_code_and_bring_no_points():
    entered = [
        entry("A", "media"),
        entry("A", "media", at="2026-03-31"),
        entry("A", "efficiency"),
        entry("A", "attitude", at="2026-04-01"),
    ]
    scores = scored("YY", life("G1"), adjustments=entered)
    assert of(scores, "A")["adjustments"] == {"efficiency": 1, "media": 2}
    assert total(scores, "A") is None


# ---- entered scores ------------------------------------------------------------------------------


def one_each(units, *months):
    """Every unit takes and closes an order in each month."""
    return [
        row
        for month in months
        for unit in units
        for row in life(f"{unit}{month}", unit, accepted=f"{month}-09 09:00", closed=f"{month}-11 12:00")
    ]


TWO_KINDS = {"department": "A C D", "neighbourhood": "B E"}
ENTERED = [
    entry("A", "entered_score", "88.5"),
    entry("B", "entered_score", "92"),
    entry("C", "entered_score", "88.5"),
    entry("E", "entered_score", "70"),
]


def test_an_entered_score_is_the_total_and_ranks_in_one_pool():
    scores = scored("YY", one_each("ABCDE", "2026-03"), units=TWO_KINDS, adjustments=ENTERED)
    assert (of(scores, "A")["total"], total(scores, "A")) == ("88.50", F(177, 2))
    assert {status(scores, unit) for unit in "ABCDE"} == {"rates_only"}
    # 92 · 88.5 88.5 · 70, D has none
    assert ranks(scores) == {"A": 2, "B": 1, "C": 2, "D": None, "E": 4}


def test_departments_and_neighbourhoods_rank_apart_where_the_site_says_so():
    settings = {"yy.rank_pool": "by_kind"}
    scores = scored("YY", one_each("ABCDE", "2026-03"), units=TWO_KINDS, adjustments=ENTERED,
                    settings=settings)  # fmt: skip
    assert ranks(scores) == {"A": 1, "B": 1, "C": 1, "D": None, "E": 2}


def test_an_entered_score_counts_in_the_month_of_its_date():
    rows = one_each("AB", "2026-02", "2026-03")
    entered = [entry("A", "entered_score", "80", at="2026-02-28"), entry("B", "entered_score", "60")]
    assert ranks(scored("YY", rows, adjustments=entered, period="2026-02")) == {"A": 1, "B": None}
    assert ranks(scored("YY", rows, adjustments=entered)) == {"A": None, "B": 1}


# ---- the quarter and its talks -------------------------------------------------------------------


def quarter(marks, pools=None, **settings):
    """January to March with scores entered as `{unit: (Jan, Feb, Mar)}`, None for a month without."""
    months = ("2026-01", "2026-02", "2026-03")
    entered = [
        entry(unit, "entered_score", str(mark), at=f"{month}-28")
        for unit, three in marks.items()
        for month, mark in zip(months, three, strict=True)
        if mark is not None
    ]
    units = pools or {"department": " ".join(marks)}
    return scored("YY", one_each(marks, *months), period="2026Q1", units=units, adjustments=entered,
                  settings={name.replace("__", "."): value for name, value in settings.items()})  # fmt: skip


def talked(scores):
    return [unit for _, unit, kind in consequences(scores, "YY-E01") if kind == "quarter_talk"]


def flat(**marks):
    return {unit: (mark, mark, mark) for unit, mark in marks.items()}


def test_the_last_three_of_the_quarter_are_talked_to_by_the_mean_of_their_entered_months():
    scores = quarter({
        "A": (90, 92, 94),  # 92
        "B": (80, 85, 90),  # 85
        "C": (84, 84, 84),  # 84
        "D": (70, 80, None),  # 150/2 = 75
        "E": (95, 60, 71),  # 226/3 = 75 1/3
    })  # fmt: skip
    assert [total(scores, unit) for unit in "ABCDE"] == [92, 85, 84, 75, F(226, 3)]
    assert ranks(scores) == {"A": 1, "B": 2, "C": 3, "D": 5, "E": 4}
    assert talked(scores) == ["C", "D", "E"]


def test_units_tied_at_the_edge_are_all_talked_to_and_by_setting_exactly_three():
    marks = flat(A=90, B=80, C=80, D=80, E=70)
    assert talked(quarter(marks)) == ["B", "C", "D", "E"]
    three = talked(quarter(marks, bottom__tie="exactly_k"))
    assert len(three) == 3
    assert "E" in three
    assert "A" not in three


@pytest.mark.parametrize(
    ("marks", "last"),
    [
        (flat(A=90, B=80, C=70), ["B", "C"]),
        (flat(A=90, B=90, C=70), ["C"]),
        (flat(A=90, B=80), ["B"]),
        (flat(A=90), []),
        (flat(A=90, B=90, C=90, D=90), []),
    ],
)
def test_the_best_are_never_among_the_last_however_few_there_are(marks, last):
    assert talked(quarter(marks)) == last


def test_by_setting_the_best_may_be_among_the_last_three():
    marks = flat(A=90, B=80, C=70)
    assert talked(quarter(marks, bottom__never_top=False)) == ["A", "B", "C"]


def test_each_kind_has_its_own_last_three_where_they_rank_apart():
    marks = flat(A=90, B=80, C=70, D=60, N=50, O=40)
    pools = {"department": "A B C D", "neighbourhood": "N O"}
    assert talked(quarter(marks, pools)) == ["D", "N", "O"]
    assert talked(quarter(marks, pools, yy__rank_pool="by_kind")) == ["B", "C", "D", "O"]


def test_a_unit_without_any_entered_score_is_not_among_the_last():
    scores = quarter({**flat(A=90, B=80, C=70, D=60), "E": (None, None, None)})
    assert (total(scores, "E"), ranks(scores)["E"]) == (None, None)
    assert talked(scores) == ["B", "C", "D"]


def test_without_any_score_the_quarter_has_no_last_and_the_month_never_has():
    assert talked(quarter(dict.fromkeys("ABCDE", (None, None, None)))) == []
    month = scored("YY", one_each("ABCDE", "2026-03"), units=TWO_KINDS, adjustments=ENTERED)
    assert consequences(month) == []


def test_the_year_is_the_calendar_year():
    rows = one_each("A", "2025-12", "2026-01", "2026-12")
    entered = [entry("A", "entered_score", mark, at=f"{month}-20")
               for month, mark in (("2025-12", "10"), ("2026-01", "80"), ("2026-12", "91"))]  # fmt: skip
    # the mean of 80 and 91; December 2025 belongs to the year before
    assert total(scored("YY", rows, period="2026", adjustments=entered), "A") == F(171, 2)


# ---- other talks ---------------------------------------------------------------------------------


def supervised(met, on="2026-03-11 09:00"):
    return [
        ("supervise", "2026-03-03 15:00", {"ground": "shirking"}),
        ("supervision_reply", on, {"met": met}),
    ]


def test_a_reply_that_does_not_meet_the_supervision_brings_the_main_leaders_talk_in_its_month():
    rows = [
        *life("G1", "A", also=supervised("false")),
        *life("G2", "B", also=supervised("true")),
        *life("G3", "C", also=supervised("false", on="2026-04-01 09:00")),
    ]
    assert consequences(scored("YY", rows)) == [("YY-E04", "A", "main_talk")]
    assert consequences(scored("YY", rows, period="2026-04")) == [("YY-E04", "C", "main_talk")]


def test_the_talk_is_with_the_unit_that_gave_the_reply_though_the_order_moved_on():
    rows = life("G1", "A", resolved=None, closed=None, also=[
        *supervised("false"),
        ("request_return", "2026-03-12 09:00", {"reason": "权属不符"}),
        ("approve_return", "2026-03-12 12:00", {}),
        ("dispatch", "2026-03-13 09:00", {"unit": "B"}),
        ("accept", "2026-03-13 10:00", {"unit": "B"}),
    ])  # fmt: skip
    assert consequences(scored("YY", rows)) == [("YY-E04", "A", "main_talk")]


def test_duty_talks_and_discipline_are_findings_entered_by_hand():
    entered = [
        entry("A", "YY-E02"),
        entry("B", "YY-E03", at="2026-03-31"),
        entry("C", "YY-E02", at="2026-04-01"),
    ]
    scores = scored("YY", one_each("ABC", "2026-03"), adjustments=entered)
    assert consequences(scores) == [("YY-E02", "A", "duty_talk"), ("YY-E03", "B", "discipline")]
    assert [total(scores, unit) for unit in "ABC"] == [None] * 3


# ---- weights a site has set ----------------------------------------------------------------------


WEIGHED = [
    # A: two closed, one contacted, both on time; one resolved; satisfied and basically satisfied
    *life("A1", "A", callbacks=["resolved/satisfied"]),
    *life("A2", "A", contact=None, callbacks=["explained/basically_satisfied"]),
    # B: one closed, contacted, late; resolved, neutral
    *life("B1", "B", resolved="2026-03-10 10:00", closed="2026-03-10 12:00", callbacks=["resolved/neutral"]),
    # C: one closed, contacted, on time; unresolved, dissatisfied
    *life("C1", "C", callbacks=["unresolved/dissatisfied"]),
]


def test_equal_weights_give_25_to_each_of_four_and_satisfied_alone_satisfies():
    scores = scored("YY", WEIGHED, settings=EQUAL, units={"department": "A B", "neighbourhood": "C"})
    # A: 1/2 · 2/2 · 1/2 · 1/2 of 25 each
    assert [item(scores, "A", name) for name in ITEMS] == [F(25, 2), 25, F(25, 2), F(25, 2)]
    # 12.5 + 25 + 12.5 + 12.5; 25 + 0 + 25 + 0; 25 + 25 + 0 + 0
    assert [total(scores, unit) for unit in "ABC"] == [F(125, 2), 50, 50]
    assert ranks(scores) == {"A": 1, "B": 2, "C": 2}
    assert {status(scores, unit) for unit in "ABC"} == {"assessed"}
    assert [of(scores, "A")["items"][name]["max"] for name in ITEMS] == [25] * 4
    assert scores["settings"] == EQUAL


def test_the_neighbours_coefficients_count_80_for_basically_satisfied_and_60_for_neutral():
    scores = scored("YY", WEIGHED, settings=AS_NEIGHBOUR)
    # A (1 + 4/5) / 2 of 25, B 3/5 of 25, C nothing of it
    assert [item(scores, unit, "satisfaction") for unit in "ABC"] == [F(45, 2), 15, 0]
    # 12.5 + 25 + 12.5 + 22.5; 25 + 0 + 25 + 15; 25 + 25 + 0 + 0
    assert [total(scores, unit) for unit in "ABC"] == [F(145, 2), 65, 50]
    assert ranks(scores) == {"A": 1, "B": 2, "C": 3}
    assert {status(scores, unit) for unit in "ABC"} == {"assessed"}
    assert scores["settings"] == AS_NEIGHBOUR


def test_explained_earns_nothing_under_either_reading():
    rows = life("A1", callbacks=["explained/satisfied"])
    for settings in (EQUAL, AS_NEIGHBOUR):
        scores = scored("YY", rows, settings=settings)
        # 25 + 25 + 0 + 25
        assert (item(scores, "A", "resolution"), total(scores, "A")) == (0, 75)


def test_what_has_no_denominator_stays_undefined_with_weights_too():
    rows = [*life("A1", "A"), *life("B1", "B", callbacks=["resolved/satisfied"])]  # A was never called back
    scores = scored("YY", rows, settings=EQUAL, units={"department": "A B C"})  # C has no orders
    assert [item(scores, "A", name) for name in ITEMS] == [25, 25, None, None]
    assert [total(scores, unit) for unit in "ABC"] == [None, 100, None]
    assert ranks(scores) == {"A": None, "B": 1, "C": None}


def test_with_weights_the_quarter_is_the_mean_of_the_months_and_talks_follow_it():
    def month(on, **answers):
        return [row for unit, answer in answers.items()
                for row in life(f"{unit}{on}", unit, accepted=f"{on}-09 09:00", closed=f"{on}-11 12:00",
                                callbacks=[answer])]  # fmt: skip

    rows = [
        *month("2026-01", A="resolved/satisfied", B="resolved/satisfied", C="resolved/neutral"),
        *month("2026-02", A="resolved/satisfied", B="resolved/neutral", C="unresolved/neutral"),
        *month("2026-03", A="resolved/satisfied", B="unresolved/neutral"),
    ]
    scores = scored("YY", rows, period="2026Q1", settings=EQUAL, units={"department": "A B C"})
    # A 100 100 100; B 100 75 50; C 75 50 and no orders in March
    assert [total(scores, unit) for unit in "ABC"] == [100, 75, F(125, 2)]
    assert ranks(scores) == {"A": 1, "B": 2, "C": 3}
    assert talked(scores) == ["B", "C"]
