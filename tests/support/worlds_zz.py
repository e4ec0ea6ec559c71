"""Small months under 市中区's measures in which every row that scores has somebody to bear it."""

from support.months import entry, life, lives
from support.score_mutants import World

PLEASED = "resolved/satisfied/satisfied"
REASON = {"reason": "非本单位"}
LATE, IN_TIME = "2026-03-05 09:00", "2026-03-03 09:00"


def called(unit, *answers, name="", **said):
    return [
        row
        for n, one in enumerate(answers)
        for row in life(f"{name or unit}{n}", unit, callbacks=[one] if one else [], **said)
    ]


def asked_back(order_id, unit, *asked):
    """An order never done, asked to go back as often as told: a time and what the request says."""
    also = []
    for at, said in asked:
        also += [("request_return", at, {**REASON, **said}), ("refuse_return", f"{at[:10]} 20:00", {})]
    return life(order_id, unit, contact=None, resolved=None, closed=None, due=None, also=also)


def excluded(order_id, unit, situation="unreasonable", **said):
    also = [
        ("request_exclusion", "2026-03-06 10:10", {"exclusion": situation, "evidence": "说明"}),
        ("approve_exclusion", "2026-03-06 10:20", {"role": "mayor_platform"}),
    ]
    return life(order_id, unit, callbacks=["resolved/dissatisfied/dissatisfied"], also=also, **said)


def by(source, outcome, answer, at="2026-03-06 11:00"):
    """A callback of somebody's, with the same answer to both questions."""
    said = {"outcome": outcome, "satisfaction": answer, "process_satisfaction": answer}
    return {"at": at, "result": "connected", "source": source, **said}


NONCOMPLIANT = {"return_kind": "noncompliant"}
SUPERVISED = [
    ("supervise", "2026-03-06 13:00", {}),
    ("supervision_reply", "2026-03-06 14:00", {"met": False}),
]

ANSWERS = World(
    rows=[
        *called("A", PLEASED, "explained/neutral/satisfied", "recorded/basically_satisfied/neutral"),
        *called("B", PLEASED, PLEASED, "resolved/satisfied/basically_satisfied"),
        *called("C", *["unresolved/dissatisfied/dissatisfied"] * 2),
        *called("C", "", name="X"),
        *called("D", {"result": "not_connected"}),
        *called("E", {"result": "connected"}, PLEASED, anonymous=True),
        *called("F", {"at": "2026-04-02", "result": "effective", "satisfaction": "satisfied"}),
        *called("Y", PLEASED, "resolved/satisfied/neutral", PLEASED),
        *life("O", "A", callbacks=[PLEASED, by("district", "unresolved", "dissatisfied", at="2026-03-20")]),
        *life("P", "B", callbacks=[by("centre", "", "neutral")]),
        *life("Q", "B", callbacks=[by("mayor_platform", "resolved", "satisfied")]),
        *excluded("U", "A"),
        *excluded("V", "B", "central_authority"),
        *life("R", "A", closed="2026-04-08 12:00", callbacks=[{"at": "2026-03-25", "result": "connected"}]),
        *life("S", "H", closed="2026-04-08 12:00", due="2026-04-20",
              callbacks=[{"at": "2026-03-25", "result": "connected"}]),
        *life("T", "G", callbacks=[PLEASED], assisting="I"),
    ],
    units={"town": "A B E H I", "department": "C D F G"},
)  # fmt: skip

FAULTS = World(
    rows=[
        *called("A", PLEASED),
        *called("B", PLEASED),
        *called("C", PLEASED, also=SUPERVISED),
        *called("C", PLEASED, due="2026-03-05", name="L"),
        *asked_back("R", "A", (LATE, {}), (LATE, NONCOMPLIANT | {"caller_told": True})),
        *asked_back("N", "A", (IN_TIME, NONCOMPLIANT), (IN_TIME, {})),
        *asked_back("S", "B", (LATE, {"return_kind": "other_unit"})),
        *asked_back("M", "B", (LATE, NONCOMPLIANT)),
        *life("O", "B", due="2026-03-10 18:00", resolved=None, closed=None),
        *life("P", "C", due="2026-04-10 18:00", resolved=None, closed=None),
    ],
    units={"town": "A B", "department": "C"},
    entered=[
        entry("A", "meeting_absent", "0.5"),
        entry("A", "meeting_absent"),
        entry("B", "meeting_absent", "0.51"),
        entry("B", "meeting_absent", "0.49"),
        entry("B", "criticism", "0.49"),
        entry("B", "criticism", "0.51"),
        entry("C", "criticism"),
        entry("C", "criticism", "0.5", at="2026-02-20"),
        entry("A", "org_rules", "0"),
        entry("B", "org_rules", "5", at="2026-03-01"),
        entry("B", "org_rules", "0", at="2026-02-28"),
        entry("C", "org_rules", "3"),
        entry("C", "org_staffing", "0"),
        entry("A", "org_staffing", "5"),
        entry("B", "org_staffing", "2.5"),
        *(entry("A", code, points) for code in ("org_rules", "org_staffing")
          for points in ("0.01", "-0.01", "4.5", "5.5")),
    ],
)  # fmt: skip

PART_MARKS = World(
    rows=called("A", PLEASED),
    entered=[
        *(entry("A", code, points) for code in ("org_rules", "org_staffing")
          for points in ("0", "-0.01", "5.5", "5", "3")),
    ],
    settings={"zz.org_partial": "entered_points"},
)  # fmt: skip

BEYOND_THE_FLOOR = World(
    rows=[
        *called("A", PLEASED),
        *called("B", PLEASED, also=SUPERVISED),
        *asked_back("R", "A", *[(LATE, NONCOMPLIANT)] * 51),
        *[row for n in range(41) for row in life(f"O{n}", "A", due="2026-03-10", resolved=None, closed=None)],
    ],
    entered=[entry("A", "meeting_absent", note=str(n)) for n in range(21)],
)  # fmt: skip


RANKS = ("ranking", "classes", "consequence")
TOTALS = ("total", "grade")


def month_of(months, units="A B C D E", **more):
    """Months as "A0 B4": which unit was called back, and how often criticised (half a point each)."""
    rows, entered = [], []
    for month, places in months.items():
        for one in places.split():
            said = {"accepted": f"{month}-09 09:00", "closed": f"{month}-13 12:00"}
            rows += life(f"{one[0]}{month}", one[0], callbacks=[PLEASED], **said)
            entered += [entry(one[0], "criticism", at=f"{month}-15") for _ in range(int(one[1:]))]
    return World(
        rows=rows, entered=entered, units={"town": units}, periods=tuple(months), **{"kinds": RANKS, **more}
    )


GRADES = month_of({"2026-03": "A30 B31 C50 D51 E80 F81 G200 H0 I201"}, "A B C D E F G H I", kinds=TOTALS)
BELOW_NOTHING = month_of({"2026-03": "A0 B201"}, settings={"floor.total": "none"}, kinds=TOTALS)

# A 70 of 71 against 141 of 143: 1/10153 short, 50/10153 of a point off. Both are
# criticised 200 times: A is just below nothing, B at it, and both show as 0.00.
A_LITTLE_BELOW_NOTHING = World(
    rows=[
        *called("A", *[PLEASED] * 70, "resolved/neutral/satisfied"),
        *called("B", *[PLEASED] * 71, "resolved/neutral/satisfied"),
    ],
    entered=[entry(unit, "criticism", note=str(n)) for n in range(200) for unit in "AB"],
    settings={"zz.step": "proportional", "floor.total": "none"},
    kinds=("grade", "ranking"),
)

LADDER = month_of(dict.fromkeys(("2026-01", "2026-02", "2026-03", "2026-04"), "A0 B2 C4 D6 E8"))
GAP = month_of({"2026-01": "A0 B2 C4 D6 E8", "2026-02": "A0 B2 C4 D6", "2026-03": "A0 B2 C4 D6 E8",
                "2026-04": "A0 B2 C4 D6 E8"})  # fmt: skip
TIED = month_of({"2026-03": "A0 B2 C2 D2 E2"})
BEST = month_of({"2026-03": "A0 B0"}, "A B")
MANY = month_of({"2026-03": " ".join(f"{unit}{n}" for n, unit in enumerate("ABCDEFGHIJKL"))}, "ABCDEFGHIJKL")
CLASSES = World(
    rows=[*called("A", PLEASED), *called("B", PLEASED), *called("C", PLEASED), *called("D", PLEASED)],
    entered=[entry("B", "criticism"), *[entry("D", "criticism")] * 2, *[entry("C", "criticism")] * 3],
    units={"town": "A B", "department": "C D"},
    kinds=RANKS,
)

YEAR = World(
    rows=[
        *called("A", *[PLEASED] * 5),
        *called("B", *[PLEASED] * 4),
        *lives(2, "X", unit="B"),
        *called("C", *[PLEASED] * 4, {"result": "not_connected"}),
        *called("D", *[PLEASED] * 6, accepted="2026-06-09 09:00", closed="2026-06-12 12:00", name="J"),
        *called("D", "resolved/neutral/neutral"),
        *called("D", *[PLEASED] * 3, accepted="2026-02-09 09:00", closed="2026-02-11 12:00", name="M"),
        *called("D", *[PLEASED] * 5, accepted="2025-12-08 09:00", closed="2025-12-10 12:00", name="K"),
        *called("A", *[PLEASED] * 6, accepted="2026-12-08 09:00", closed="2026-12-10 12:00", name="L"),
        *life("E", "E", closed=None, callbacks=[{"at": f"2026-0{n}-05", "result": "connected"} for n in
              (3, 4, 5, 6, 7)]),
    ],
    periods=("2026", "2025", "2026Q1", "2026-03"),
    entered=[entry("D", "criticism"), entry("A", "criticism", at="2026-12-20")],
    units={"town": "A B C D E"},
    kinds=("status", "span", "period_score", "use"),
)  # fmt: skip

BEGINNING = World(
    rows=[
        *called("A", PLEASED, accepted="2022-03-09 09:00", closed="2022-03-11 12:00"),
        *called("A", PLEASED, accepted="2022-05-09 09:00", closed="2022-05-11 12:00", name="B"),
    ],
    periods=("2022-03", "2022-04", "2022-05"),
    kinds=("in_force",),
)

WORLDS = (
    ANSWERS, FAULTS, PART_MARKS, GRADES, LADDER, GAP, TIED, BEST, MANY, CLASSES, YEAR, BEGINNING,
    BELOW_NOTHING, BEYOND_THE_FLOOR, A_LITTLE_BELOW_NOTHING,
)  # fmt: skip
