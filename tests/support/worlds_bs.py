"""Small months under 宝山's plan in which every row that scores has somebody to bear it."""

from paidan.policies.roster import Unit
from paidan.workflows.attributes import CASE_TYPES, EXCLUSIONS, FINDINGS
from support.months import entry, life, lives
from support.score_mutants import World

GOOD = "resolved/satisfied"
BAD = "unresolved/dissatisfied"
FIGURES = ("item", "measure", "evaluation", "status", "total", "classes", "adjustment", "cap", "target")


def excluded(order_id, unit, situation, *, evidence="纪要", role="licensing_section"):
    """An order not satisfied, whose exclusion was asked for and approved."""
    also = [
        ("request_exclusion", "2026-03-06 11:30", {"exclusion": situation, "evidence": evidence}),
        ("approve_exclusion", "2026-03-06 11:40", {"role": role}),
    ]
    return life(order_id, unit, callbacks=[BAD], also=also)


ITEMS = World(
    rows=[
        *life("A1", "A", callbacks=[GOOD]),
        *life("A2", "A", callbacks=["explained/basically_satisfied"]),
        *life("A3", "A", callbacks=["recorded/neutral"], contact="2026-03-03 10:00"),
        *life("A4", "A", callbacks=[BAD], contact=None),
        *life("A5", "A", callbacks=[GOOD], anonymous=True),
        *life("A6", "A", callbacks=[{"result": "connected", "satisfaction": "satisfied"}]),
        *life("A7", "A", callbacks=[{"result": "not_connected"}], contact=None),
        *life("A8", "A", evidence="", assisting="D"),
        *life("B1", "B", due="2026-03-05", contact="2026-03-03 10:00"),
        *life("B2", "B", due=None, handling_class="solve_now", callbacks=["resolved/neutral"]),
        *life("B3", "B", handling_class="solve_now", closed="2026-03-05 12:00",
              callbacks=["resolved/neutral"]),
        *life("B4", "B", due="2026-04-20", handling_class="staged"),
        *life("B5", "B", accepted="2026-02-26 09:00", due=None),
        *life("C1", "C", closed=None),
        *life("E1", "E", closed=None, anonymous=True, callbacks=[GOOD]),
        *life("F1", "F", accepted="2026-02-26 09:00", anonymous=True, callbacks=[{"result": "connected"}]),
        *life("G1", "G"),
        *lives(2, "S", unit="S", callbacks=[GOOD]),
        *life("Y1", "Y", callbacks=[BAD]),
    ],
    units=[
        *(Unit(unit, "undertaking", category=its)
          for unit, its in zip("ABCDEFG", "路路房房房路路", strict=True)),
        Unit("S", "support_section", category="路"),
    ],
    entered=[
        *(entry("A", "backstop", points) for points in ("0", "-0.01", "0.005", "1")),
        *(entry("B", "backstop", "2", at=at) for at in ("2026-03-01", "2026-03-31", "2026-02-28")),
        entry("C", "backstop", "1"),
    ],
    kinds=FIGURES,
)  # fmt: skip

# Nothing to divide by: nobody accepted, nobody to contact, nobody called back.
NOTHING = World(
    rows=[
        *life("A1", "A", accepted="2026-02-27 09:00", anonymous=True),
        *life("B1", "B", accepted="2026-02-27 09:00"),
    ],
    units={"undertaking": "A B"},
    kinds=("item",),
)

# A 9 tenths, B 9.8 of 11: just below.
TARGETS = World(
    rows=[
        *life("A1", "A", callbacks=[GOOD]), *life("A2", "A", callbacks=["resolved/basically_satisfied"]),
        *lives(5, "B", unit="B", callbacks=[GOOD]),
        *lives(6, "b", unit="B", callbacks=["resolved/basically_satisfied"]),
    ],
    kinds=("target",),
)  # fmt: skip
# Of one thing alone nothing.
NO_VOLUME = World(rows=life("A1", "A", accepted="2026-02-27 09:00", callbacks=[GOOD]), kinds=("item",))
NO_CONTACT_NO_SATISFACTION = World(
    rows=[*life("A1", "A", anonymous=True, callbacks=[GOOD]), *excluded("B1", "B", "military")],
    kinds=("item",),
)
NO_RESOLUTION = World(
    rows=life("A1", "A", case_type="enquiry", finding="no_policy_info", callbacks=[BAD]),
    settings={"bs.annex4_scope": "resolution"},
    kinds=("item",),
)

SITUATIONS = World(
    rows=[
        *(row for number, one in enumerate(EXCLUSIONS) for row in excluded(f"X{number:02}", "A", one)),
        *excluded("E", "A", "military", evidence=""),
        *excluded("R", "A", "military", role="district_office"),
        *life("G", "A", callbacks=[GOOD]),
    ],
    kinds=("exclusion",),
)
FOUND = World(
    rows=[
        *(row for said in FINDINGS for case in CASE_TYPES for row in life(
            f"{said} {case}", "A", finding=said, case_type=case, callbacks=[BAD])),
        *life("G", "A", callbacks=[GOOD]),
    ],
    kinds=("finding",),
)  # fmt: skip

# A and B come to the same by other items; C and D differ by less than what is shown.
CLOSE = World(
    rows=[
        *lives(4, "A"), *life("A5", "A", callbacks=["resolved/neutral"]),
        *life("B1", "B", callbacks=[GOOD]), *life("B2", "B"), *lives(3, "B-", unit="B", contact=None),
        *(row for unit in "CD" for n in range(5) for row in life(f"{unit}{n}", unit, callbacks=[BAD])),
    ],
    units={"undertaking": "A B C D"},
    entered=[entry("C", "backstop", "1.001"), entry("D", "backstop", "1.004")],
)  # fmt: skip

# One order each: 20 of contact, 20 on time, 25 of resolution or none, 30, 24, 18 or 0 of satisfaction.
ANSWERS_FOR = {
    "5": GOOD, "4": "resolved/basically_satisfied", "3": "resolved/neutral", "2": "resolved/dissatisfied",
    "1": BAD,
}  # fmt: skip
RANKS = ("ranking", "classes", "span", "period_score", "consequence", "use")


def history(months, units, **more):
    """Months as "A5 B4 C3": who has an order, and how it was answered."""
    rows = []
    for month, places in months.items():
        for one in places.split():
            said = {"accepted": f"{month}-09 09:00", "closed": f"{month}-12 12:00"}
            rows += life(f"{one[0]}{month}", one[0], callbacks=[ANSWERS_FOR[one[1:]]], **said)
    return World(rows=rows, units={"undertaking": units}, periods=tuple(months), kinds=RANKS, **more)


SEVEN = ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
LADDER = history(dict.fromkeys(SEVEN, "A5 B4 C3 D2 E1 F1"), "A B C D E F")
GAP = history({"2025-11": "A1 B4 C5", "2025-12": "A1 B4 C5", "2026-01": "B4 C5", "2026-02": "A1 B4 C5",
               "2026-03": "A5 B1 C4", "2026-04": "A1 B4 C5", "2026-05": "A1 B4 C5"}, "A B C")  # fmt: skip
MET = history(dict.fromkeys(SEVEN[2:], "A1 B4 C5"), "A B C", entered=[
    entry("", "three_rates_met", at=f"{month}-20") for month in SEVEN[2:]])  # fmt: skip
TIED = history({"2026-03": "A5 B3 C3 D3 E3 F3"}, "A B C D E F")
BEST = history({"2026-03": "A5 B5"}, "A B")
MANY = history({"2026-03": "A5 B5 C5 D4 E4 F4 G3 H3 I2 J2 K1"}, "A B C D E F G H I J K")


def over(months, units, periods, **more):
    found = history(months, units)
    return World(rows=found.rows, units=found.units, periods=periods, kinds=RANKS, **more)


YEAR = over(
    {"2025-10": "A1 B5 C5", "2025-11": "A5 B4 C3", "2025-12": "A1 B1 C4", "2026-01": "A5 B4 C1",
     "2026-02": "A1 B4", "2026-03": "A5 B1 C4", "2026-04": "C1 A4", "2026-10": "A4 B3 C5",
     "2026-11": "A5 B1 C1", "2026-12": "A1 B3 C5"},
    "A B C",
    ("2026Q1", "2026", "2026Q2", "2025", "2027", "2025Q4", "2026Q4"),
    entered=[entry("A", "backstop", "3", at="2025-11-20")],
)  # fmt: skip
YEAR_MET = over(
    dict.fromkeys(SEVEN[2:5], "A1 B4 C5"), "A B C", ("2026Q1", "2026"),
    entered=[entry("", "three_rates_met", at=f"{month}-20") for month in
             (*SEVEN[2:], *(f"2026-{number:02}" for number in range(4, 11)))],
)  # fmt: skip
BEGINNING = World(
    rows=[row for month in ("2025-09", "2025-10", "2025-11", "2026-01", "2026-02", "2026-03", "2026-09",
                            "2026-10", "2026-11", "2026-12")
          for row in life(month, "A", accepted=f"{month}-09 09:00", closed=f"{month}-12 12:00", due=None)],
    periods=("2025-10", "2025-11", "2026-02", "2026-03", "2026-04", "2026-09", "2026-10", "2026-11"),
    kinds=("in_force",),
)  # fmt: skip

AFTER = "2026-03-09 09:00"
TO_DO = World(
    rows=[
        *life("A1", "A", callbacks=["resolved/neutral"]),
        *life("A2", "A", callbacks=["explained/satisfied"]),
        *life("A3", "A", callbacks=["unresolved/satisfied"]),
        *life("A4", "A", callbacks=["resolved/basically_satisfied"]),
        *life("A5", "A", callbacks=[GOOD]),
        *life("A6", "A", callbacks=["explained/basically_satisfied"]),
        *life("B1", "B", callbacks=[BAD], also=[("revisit", AFTER, {"result": "not_connected"})]),
        *life("B2", "B", callbacks=[BAD], also=[("request_exclusion", AFTER, {
            "exclusion": "military", "evidence": "纪要"})]),
        *life("B3", "B", callbacks=[BAD], also=[("note", AFTER, {})]),
        *life("B4", "B", callbacks=[BAD], also=[("redo", AFTER, {"ground": "dissatisfied_callback"}),
                                                ("close", "2026-03-10 09:00", {})]),
        *life("B5", "B", callbacks=[BAD], also=[("redo", AFTER, {"ground": "dissatisfied_callback"})]),
        *life("B6", "B", callbacks=[BAD], also=[("urge", AFTER, {})]),
    ],
    kinds=("worklist",),
)  # fmt: skip

WORLDS = (
    ITEMS, TARGETS, NOTHING, NO_VOLUME, NO_CONTACT_NO_SATISFACTION, NO_RESOLUTION, SITUATIONS, FOUND, LADDER,
    GAP, MET, TIED, BEST, MANY, YEAR, YEAR_MET, BEGINNING, TO_DO, CLOSE,
)  # fmt: skip
