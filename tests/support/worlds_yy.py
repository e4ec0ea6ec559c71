"""Small months under 友谊路's measures in which every row that scores has somebody to bear it."""

from support.months import entry, life
from support.score_mutants import World

GOOD = "resolved/satisfied"
EQUAL = {"yy.weights": "equal"}


def redone(redo, resolve):
    """The order goes back, is taken an hour later, done again, signed and closed."""
    return [
        ("redo", f"{redo} 09:00", {"ground": "dissatisfied_callback"}),
        ("accept", f"{redo} 10:00", {"unit": "A"}),
        ("resolve", f"{resolve} 11:00", {"unit": "A", "outcome": "resolved", "signed_by": "分管领导",
                                         "signed_at": f"{resolve} 10:30"}),
        ("close", f"{resolve} 16:00", {}),
    ]  # fmt: skip


ANSWERS = World(
    rows=[
        *life("A1", "A", callbacks=[GOOD]),
        *life("A2", "A", callbacks=["explained/basically_satisfied"]),
        *life("A3", "A", callbacks=["recorded/neutral"], contact="2026-03-04 00:00:00"),
        *life("A4", "A", callbacks=["unresolved/dissatisfied"], contact=None, anonymous=True),
        *life("A5", "A", callbacks=[{"result": "not_connected"}], contact=None),
        *life("A6", "A", callbacks=[{"result": "connected", "satisfaction": "satisfied"}], anonymous=True),
        *life("A7", "A", closed=None, callbacks=[{"result": "effective", "at": "2026-03-20"}]),
        *life("A8", "A"),
        *life("B1", "B", callbacks=["resolved/neutral"]),
        *life("B2", "B", callbacks=["resolved/basically_satisfied"]),
        *life("C1", "C", accepted="2026-02-27 09:00", anonymous=True),
        *life("D1", "A", assisting="D", callbacks=[{"result": "effective", "satisfaction": "neutral"}]),
        *life("E1", "E", closed=None),
        *life("H1", "H", accepted="2026-02-25 09:00", closed="2026-02-27 09:00",
              callbacks=[{"at": "2026-03-03", "result": "connected"}]),
    ],
    units={"department": "A B C D E F", "neighbourhood": "G H"},
    entered=[
        entry("F", "entered_score", "88.125"),
        entry("A", "entered_score", "88.1249"),
        entry("B", "entered_score", "88.1251"),
        entry("C", "entered_score", "0"),
        entry("D", "entered_score", "-0.01"),
        entry("E", "entered_score", "0.005"),
    ],
)  # fmt: skip

LIMITS = World(
    rows=[
        *life("T1", "A", handling_class="prompt", resolved="2026-03-04 09:00"),
        *life("T2", "A", resolved="2026-03-10 09:00", closed="2026-03-17 12:00"),
        *life("T3", "A", handling_class="complex", resolved="2026-03-17 09:00", closed="2026-03-17 12:00"),
        *life("T4", "A", also=redone("2026-03-09", "2026-03-16")),
        *life("T5", "A"),
        *life("T6", "B", resolved="2026-03-09 09:00", closed="2026-03-09 12:00", contact="2026-03-06 09:00"),
    ],
)

COUNTED = World(
    rows=life("A1", "A", callbacks=[GOOD]),
    entered=[
        entry("A", code)
        for code in ("lead_hard_or_backstop", "repeat_governance", "efficiency", "false_report", "media",
                     "shirking", "attitude", "YY-E02", "YY-E03")
    ] + [entry("A", "media", "2")],
)  # fmt: skip

UNMET = World(
    rows=[
        *life("A1", "A", also=[("supervise", "2026-03-04 09:00", {"ground": "shirking"}),
                               ("supervision_reply", "2026-03-05 09:00", {"met": False})]),
        *life("B1", "B", resolved="2026-03-12 10:00", closed="2026-03-12 12:00"),
        *life("C1", "C", due="2026-03-03", also=[("request_return", "2026-03-06 10:30", {
            "reason": "非本单位", "return_kind": "noncompliant"})]),
    ],
)  # fmt: skip

# By equal weights: A 50 + 25 x 4/5 …, B 75, C 75 with other items, D 0.
WEIGHED = World(
    rows=[
        *life("A1", "A", callbacks=["unresolved/satisfied"], contact="2026-03-05 10:00"),
        *life("B1", "B", callbacks=["resolved/dissatisfied"], contact="2026-03-05 10:00"),
        *life("C1", "C", callbacks=["explained/dissatisfied"], contact="2026-03-05 10:00",
              resolved="2026-03-12 10:00", closed="2026-03-12 12:00"),
        *life("D1", "D", callbacks=["resolved/basically_satisfied", "resolved/neutral"]),
        *life("E1", "E", callbacks=["resolved/neutral"]),
        *life("E2", "E", callbacks=["resolved/satisfied"]),
        *life("E3", "E", callbacks=["resolved/satisfied"]),
    ],
    units={"department": "A C E", "neighbourhood": "B D F"},
    settings=EQUAL,
)  # fmt: skip


def entered(months, units="A B C D E", **more):
    """Months as "A90 B80": which unit has an order, and the total that was entered for it."""
    rows, totals = [], []
    for month, marks in months.items():
        for one in marks.split():
            said = {"accepted": f"{month}-09 09:00", "closed": f"{month}-11 12:00"}
            rows += life(f"{one[0]}{month}", one[0], callbacks=[GOOD], **said)
            totals.append(entry(one[0], "entered_score", one[1:], at=f"{month}-15"))
    return World(rows=rows, entered=totals, units={"department": units}, **more)


QUARTERS = entered(
    {"2025-11": "A10 B20 C30", "2025-12": "A15 B20 C35", "2026-01": "A90 B80 C70 D60 E50",
     "2026-02": "A90 B85 C70 D65", "2026-04": "A10 B20 C30 D40 E50", "2026-12": "A5 B15 C20"},
    periods=("2026Q1", "2026", "2026Q4", "2026-01"),
)  # fmt: skip
TIED = entered({"2026-01": "A90 B80 C80 D80 E80"}, periods=("2026Q1",))
BEST = entered({"2026-01": "A90 B90 C90 D95"}, units="A B C D", periods=("2026Q1",))

MEANS = World(
    rows=[
        *life("A1", "A", accepted="2026-01-12 09:00", closed="2026-01-14 12:00", callbacks=[GOOD]),
        *life("A2", "A", accepted="2026-02-09 09:00", closed="2026-02-11 12:00",
              callbacks=["resolved/neutral"]),
        *life("A3", "A", accepted="2026-02-09 09:00", closed="2026-02-11 12:00",
              callbacks=["recorded/neutral"]),
        *life("B1", "B", accepted="2025-11-10 09:00", closed="2025-11-12 12:00", callbacks=[GOOD]),
        *life("B2", "B", accepted="2026-02-09 09:00", closed="2026-02-11 12:00",
              callbacks=["recorded/neutral"]),
    ],
    periods=("2026Q1", "2026"),
    settings=EQUAL,
)  # fmt: skip

WORLDS = (ANSWERS, LIMITS, COUNTED, UNMET, WEIGHED, QUARTERS, TIED, BEST, MEANS)
