"""Small months under 金杨新村街道's measures in which every row that scores has somebody to bear it."""

from support.months import entry, life
from support.score_mutants import KINDS, World

GOOD = "resolved/satisfied"
ANSWERS_FOR = {
    100: GOOD, 93: "resolved/basically_satisfied", 86: "resolved/neutral", 65: "resolved/dissatisfied",
    61: "unresolved/neutral",
}  # fmt: skip
"""The answers that make a total, where everything else is full."""


def good(order_id, unit, **said):
    return life(order_id, unit, **{"callbacks": [GOOD], **said})


def called(source, outcome="unresolved", satisfaction="dissatisfied", at="2026-03-06 11:00"):
    return {
        "result": "effective",
        "outcome": outcome,
        "satisfaction": satisfaction,
        "source": source,
        "at": at,
    }


def taken(unit, more):
    """So many orders beside one good one that were accepted and nothing else."""
    return [
        row
        for n in range(more)
        for row in life(f"{unit}-{n}", unit, contact=None, resolved=None, closed=None)
    ]


def volumes(counts):
    return [row for unit, many in counts.items() for row in (*good(unit, unit), *taken(unit, many - 1))]


# 10 of 50 is a fifth; of the others two share rank 1, then 3, two share 4, then 6 and 7. NONE took nothing.
DEPARTMENTS = World(
    rows=[
        *volumes({"BIG": 10, "D1": 8, "D2": 8, "D3": 7, "D4": 5, "D5": 5, "D6": 4, "D7": 3}),
        *good("OLD", "D8", accepted="2026-02-26 09:00"),
        *good("JOINT", "NONE", accepted="2026-02-26 09:00"),
    ],
    units={"department": "BIG D1 D2 D3 D4 D5 D6 D7 D8 NONE"},
    kinds=("item",),
)
# 4 of 21 are 19.05 %.
A_FIFTH = World(
    rows=[
        *volumes({"BIG": 4, **{f"D{n}": 3 for n in range(1, 6)}, "D6": 2}),
        *good("JOINT", "D7", assisting="D1"),
    ],
    units={"department": "BIG D1 D2 D3 D4 D5 D6", "neighbourhood": "D7"},
    kinds=("item",),
)
# By fours: 9 units share a rank, then one alone on each side of the ranks 10, 20, 30 and 40.
_STEPS = {0: 9, 1: 1, 2: 1, 3: 8, 4: 1, 5: 1, 6: 8, 7: 1, 8: 1, 9: 8, 10: 1, 11: 1}
HOODS = {f"N{step:02}{n}": 12 - step for step, many in _STEPS.items() for n in range(many)}
NEIGHBOURHOODS = World(
    rows=[*volumes(HOODS), *good("OLD", "NONE", accepted="2026-02-26 09:00")],
    units={"neighbourhood": " ".join([*HOODS, "NONE"])},
    kinds=("item",),
)

LATE = {"due": "2026-03-05", "accepted": None, "contact": None, "received": "2026-03-02 08:00"}
FIGURES = tuple(kind for kind in KINDS if kind != "consequence")
ANSWERS = World(
    rows=[
        *(row for n, one in enumerate((GOOD, "explained/basically_satisfied", "recorded/neutral",
                                       "unresolved/dissatisfied"))
          for row in life(f"A{n}", "A", callbacks=[one], accepted="2026-02-27 09:00")),
        *good("A5", "A", evidence=""),
        *life("A6", "A", callbacks=[called("centre")]),
        *life("A7", "A", callbacks=[called("district", at="2026-03-06 10:30"), called("centre")]),
        *life("A8", "A", callbacks=[{"result": "not_connected"}]),
        *life("A9", "A", callbacks=[{"result": "connected", "satisfaction": "satisfied"}], anonymous=True),
        *life("A10", "A", due="2026-03-05", callbacks=[called("district", "resolved", "neutral")]),
        *good("A11", "A", contact="2026-03-06 09:00"),
        *good("B1", "B"),
        *good("B2", "B", anonymous=True, contact=None),
        *life("OPEN", "C", closed=None),
        *life("UNEVALUATED", "D", callbacks=[called("centre")]),
        *good("CLOSED", "E", accepted="2026-02-27 09:00"),
        *life("HELPED", "F", assisting="G"),
        *(row for n in range(12)
          for row in life(f"L{n}", "L", callbacks=["unresolved/dissatisfied"], **LATE)),
        *life("MADE", "H", closed=None, callbacks=[called("district", at="2026-03-09")]),
        *life("UNREACHED", "M", callbacks=[{"result": "not_connected", "source": "district"}]),
        *life("NAMELESS", "I", accepted="2026-02-27 09:00", anonymous=True),
        *life("ANONYMOUS", "P", anonymous=True),
        *life("FEB", "K", accepted="2026-02-10 09:00", closed=None),
        *good("MAR", "K"),
    ],
    units={"department": "A B C D E F G L K M P IDLE", "neighbourhood": "QUIET H I"},
    entered=[
        entry("L", "talk_main", at="2026-03-05"),
        entry("L", "media", at="2026-03-05"),
        entry("L", "talk_main", at="2026-03-06"),
        entry("L", "talk_main", at="2026-03-07"),
        entry("IDLE", "absent", at="2026-03-05"),
        entry("D", "absent", at="2026-03-05"),
        entry("K", "absent", at="2026-02-12"),
    ],
    kinds=FIGURES,
)  # fmt: skip

ENTERED = World(
    rows=[
        *(row for unit in "ABCDEFGH" for row in good(unit, unit)),
        *good("TALK", "I", category="talk_first"),
        *good("BACKSTOP", "K", category="backstop"),
        *good("AGREED", "L", category="by_agreement"),
        *life("POOR", "J", callbacks=["resolved/neutral"]),
    ],
    periods=("2026-03", "2026-04"),
    entered=[
        *(entry("A", "praise", "3", note=str(n), confirmed_by="centre_head") for n in range(4)),
        *(entry("B", "praise", points, confirmed_by="centre_head") for points in ("1", "0.5", "3.5")),
        entry("C", "praise", "1"),
        entry("C", "three_duty", "0.5"),
        entry("D", "three_duty", "", confirmed_by="centre_head", good="true"),
        entry("D", "three_duty", "0.49", confirmed_by="centre_head"),
        entry("D", "three_duty", "0.51", confirmed_by="centre_head"),
        entry("J", "three_duty", "", confirmed_by="centre_head", order_id="POOR"),
        *(entry("E", code, points) for code in ("talk_branch", "absent") for points in ("1", "0.5", "1.5")),
        *(entry("F", "talk_joint", points) for points in ("2", "1.5", "2.5")),
        *(entry("G", code, points) for code in ("talk_main", "media") for points in ("3", "2.5", "3.5")),
        *(entry("H", "supervise_late", points) for points in ("1", "2", "0.5", "2.5")),
        entry("I", "talk_main", order_id="TALK"),
        entry("K", "talk_main", order_id="BACKSTOP"),
        entry("L", "talk_main", order_id="AGREED"),
        *(entry("J", code, at="2026-04-05") for code in ("talk_branch", "talk_joint", "talk_main")),
    ],
    kinds=FIGURES,
)  # fmt: skip
CAPPED = World(
    rows=[*good("A", "A"), *good("B", "B")],
    entered=[entry(unit, code, at=f"2026-03-{day:02}") for unit, many in (("A", 4), ("B", 3))
             for code in ("media",) for day in range(1, many + 1)],
    kinds=FIGURES,
)  # fmt: skip

# A loses 14/3 by an answer, B 4.666 as entered: both show alike. C and D come to the same by other items.
CLOSE = World(
    rows=[
        *good("A1", "A"), *good("A2", "A"), *life("A3", "A", callbacks=["resolved/neutral"]),
        *good("B1", "B"), *good("B2", "B"), *good("B3", "B"),
        *life("C1", "C", callbacks=["unresolved/satisfied"]),
        *life("D1", "D", callbacks=["resolved/dissatisfied"]),
    ],
    units={"department": "A B C D"},
    entered=[
        *(entry("D", "praise", points, confirmed_by="centre_head") for points in ("3", "3", "2", "2")),
        *(entry("B", "supervise_late", points) for points in ("1.333", "1.333", "2")),
    ],
    kinds=FIGURES,
)  # fmt: skip


def months_from(first, count):
    year, month = map(int, first.split("-"))
    return [f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02}" for n in range(count)]


def orders(marks, first):
    """`{unit: [100, 65, None]}`: an order a month that earns such a total; None is taken, never closed."""
    rows = []
    for unit, totals in marks.items():
        for month, mark in zip(months_from(first, len(totals)), totals, strict=True):
            said = {"accepted": f"{month}-09 09:00", "closed": f"{month}-12 12:00" if mark else None}
            rows += life(f"{unit}{month}", unit, callbacks=[ANSWERS_FOR[mark]] if mark else (), **said)
    return rows


def held(unit, *codes, first="2026-02"):
    """A talk entered for each of the months from one on."""
    return [
        entry(unit, code, at=f"{month}-20")
        for month, code in zip(months_from(first, len(codes)), codes, strict=True)
    ]


SIX = months_from("2026-01", 6)
RANKS = ("ranking", "classes", "span", "consequence")
BETTER = {"A": [100] * 6, "B": [93] * 6}
HOODS_OF = {"N1": [100] * 6, "N2": [93] * 6, "N3": [86] * 6, "N4": [65] * 6, "N5": [61] * 6}
LADDER = World(
    rows=orders({**BETTER, "C": [65] * 6, **HOODS_OF}, "2026-01"),
    periods=tuple(SIX),
    units={"department": "A B C", "neighbourhood": " ".join(HOODS_OF)},
    entered=[*held("C", "talk_branch", "talk_branch", "talk_joint", "talk_joint", "talk_main"),
             *held("N5", "talk_branch", "talk_branch", "talk_joint", "talk_joint", "talk_main")],
    kinds=RANKS,
)  # fmt: skip
GAPS = World(
    rows=orders({"A": [100] * 7, "B": [93] * 7, "C": [65, None, 65, 65, None, 65, 65], "N1": [100] * 7,
                 "N2": [93] * 7, "N3": [93] * 7, "N4": [65, None, 65, 65, None, 65, 65]}, "2026-01"),
    periods=tuple(months_from("2026-01", 7)),
    units={"department": "A B C", "neighbourhood": "N1 N2 N3 N4"},
    kinds=RANKS,
)  # fmt: skip
LEFT = World(
    rows=orders({"A": [100] * 7, "B": [93] * 7, "C": [65, 65, 100, 65, 65, 65, 65]}, "2026-01"),
    periods=tuple(months_from("2026-01", 7)),
    units={"department": "A B C"},
    entered=[entry("C", "street_affected", at=f"2026-{month}-20") for month in ("05", "07")],
    kinds=RANKS,
)
# N5 is among the last three in January, and the last itself from February on; lifted in March.
STREET = World(
    rows=orders({"A": [100] * 6, "B": [93] * 6, "C": [65] * 6, "N1": [100] * 4, "N2": [93] * 4,
                 "N3": [86] * 4, "N4": [65, 86, 86, 86], "N5": [86, 65, 65, 65]}, "2026-01"),
    periods=tuple(SIX),
    units={"department": "A B C", "neighbourhood": "N1 N2 N3 N4 N5"},
    entered=[
        *(entry("C", "street_unaffected", at=f"2026-{month}-20") for month in ("03", "06")),
        *(entry("C", "street_affected", at=f"2026-{month}-20") for month in ("03", "04", "05")),
        entry("N5", "street_unaffected", at="2026-03-20"),
    ],
    kinds=RANKS,
)  # fmt: skip
LONG_LIFTED = World(
    rows=orders({"A": [100] * 5, "B": [93] * 5, "C": [65] * 5}, "2026-01"),
    periods=tuple(SIX[3:5]),
    units={"department": "A B C"},
    entered=[entry("C", "street_unaffected", at=f"2026-{month}-20") for month in ("03", "04")],
    settings={"jy.joint_talks_counted": "any_joint_talk"},
    kinds=RANKS,
)

UNHAPPY = {"result": "effective", "outcome": "unresolved", "satisfaction": "dissatisfied", "source": "centre"}


def repeat(order_id, month, unit="A", *, of="O1", day="13", finding="founded"):
    """A repeat complaint closed in a month, that no score counts: never accepted, not called back."""
    return life(order_id, unit, received=f"{month}-09 09:00", accepted=None, contact=None,
                closed=f"{month}-{day} 12:00", repeat_of=of, case_type="complaint_report",
                finding=finding)  # fmt: skip


def unhappy(order_id, month, unit, *days, of=""):
    """A demand dissatisfied on some days, to the centre: no score counts that either."""
    return life(order_id, unit, received=f"{month}-05 09:00", accepted=None, contact=None,
                closed=f"{month}-08 12:00", repeat_of=of,
                callbacks=[{"at": f"{month}-{day} 10:00", **UNHAPPY} for day in days])  # fmt: skip


def five(month, unit):
    return [row for n in range(5) for row in repeat(f"X{unit}{month}{n}", month, unit, of=f"{unit}{n}")]


def thrice(month, unit):
    return unhappy(f"Z{unit}{month}", month, unit, "09", "10", "11")


# C to J are last together for five months, N4 to N6 of the neighbourhoods; each has its own besides.
LOW = "CDEFGHIJ"
TALKS = World(
    rows=[
        *orders({"A": [100] * 5, "B": [93] * 5, **{unit: [65] * 5 for unit in LOW}, "N1": [100] * 2,
                 "N2": [93] * 2, "N3": [93] * 2, "N4": [65] * 2}, "2026-01"),
        *five("2026-02", "C"), *thrice("2026-02", "D"), *five("2026-03", "E"), *five("2026-05", "F"),
        *thrice("2026-05", "G"), *five("2026-01", "H"), *thrice("2026-01", "H"), *thrice("2026-01", "I"),
        *five("2026-02", "N4"),
    ],
    periods=tuple(SIX[:5]),
    units={"department": f"A B {' '.join(LOW)}", "neighbourhood": "N1 N2 N3 N4"},
    entered=[
        *held("C", "talk_joint", first="2026-03"),
        *held("D", "talk_joint", first="2026-03"),
        *held("E", "talk_main", "talk_joint"),
        *(entry("E", "JY-E08", at=f"2026-0{month}-20") for month in (1, 4, 5)),
        entry("F", "JY-E08", at="2026-03-20"),
        *(entry(unit, "JY-E08", at="2026-01-20") for unit in ("A", "G", "H", "I")),
    ],
    kinds=RANKS,
)  # fmt: skip
ANY_TALK = World(
    rows=[
        *orders({"A": [100] * 4, "B": [93] * 4, **{unit: [65] * 4 for unit in "CDE"}}, "2026-01"),
        *five("2026-01", "C"), *five("2026-01", "D"), *thrice("2026-02", "D"),
    ],
    periods=tuple(SIX[2:4]),
    units={"department": "A B C D E"},
    settings={"jy.joint_talks_counted": "any_joint_talk"},
    kinds=RANKS,
)  # fmt: skip

REPEATS = World(
    rows=[
        *good("O1", "A", accepted="2026-01-05 09:00", closed="2026-01-06 12:00"),
        *(row for n, month in enumerate(("01", "01", "02", "02", "03")) for row in repeat(
            f"A{n}", f"2026-{month}", finding="partly_founded")),
        *(row for n, month in enumerate(("01", "02", "02", "03", "04")) for row in repeat(
            f"B{n}", f"2026-{month}", "B", of=f"P{n}")),
        *(row for n, month in enumerate(("01", "02", "02", "03", "03")) for row in repeat(
            f"D{n}", f"2026-{month}", "D", of=f"Q{n}", day=f"{13 + n}")),
        *(row for n, month in enumerate(("01", "02", "04")) for row in unhappy(
            f"E{n}", f"2026-{month}", "E", "10", of="R")),
        *(row for n, month in enumerate(("01", "02", "03")) for row in unhappy(
            f"F{n}", f"2026-{month}", "F", "10", of="S")),
        *(row for n, month in enumerate(("2025-11", "2025-12", "2026-01")) for row in unhappy(
            f"H{n}", month, "H", "10", of="T")),
    ],
    periods=tuple(SIX[:4]),
    units={"department": "A B D E F H"},
    kinds=RANKS,
)  # fmt: skip

YEAR = World(
    rows=orders({"A": [65, 65, 100], "B": [100, 86, 93], "C": [93, 65, 86], "N1": [100] * 3, "N2": [93] * 3,
                 "N3": [86] * 3, "N4": [65] * 3, "N5": [61] * 3}, "2026-08"),
    periods=("2026",),
    units={"department": "A B C", "neighbourhood": "N1 N2 N3 N4 N5"},
    entered=[
        entry("B", "JY-E09", at="2026-08-20"),
        entry("N1", "JY-E09", at="2026-10-20"),
        entry("B", "JY-P04", at="2026-09-20"),
        *(entry("B", "praise", "3", f"2026-{month}-{day}", confirmed_by="centre_head")
          for month in ("08", "09") for day in ("20", "21", "22")),
        entry("C", "absent", at="2026-10-20"),
    ],
)  # fmt: skip
YEARS = World(
    rows=[
        *YEAR.rows,
        *orders({"A": [100], "B": [65], "N1": [65], "N5": [100]}, "2025-10"),
        *orders({"A": [100], "B": [65]}, "2026-11"),
        *orders({"C": [65], "A": [93]}, "2025-12"),
    ],
    periods=("2026", "2025", "2027", "2026Q3", "2026Q4", "2025Q4"),
    units=YEAR.units,
    kinds=("span", "period_score"),
)

QUARTER = World(
    rows=orders({"A": [65, 100, 86, 93], "B": [100, 86, 65, 86]}, "2026-01")
    + [row for n in range(3) for row in life(f"A{n}", "A", callbacks=["resolved/neutral"])],
    periods=("2026Q1", "2026Q2"),
    entered=[entry("A", "absent", at="2026-02-20")],
)
BEGINNING = World(
    rows=orders({"A": [100] * 4}, "2022-05"), periods=("2022-05", "2022-06", "2022-07", "2022-08")
)

WORLDS = (
    ANSWERS, ENTERED, CAPPED, DEPARTMENTS, A_FIFTH, CLOSE, LADDER, LEFT, GAPS, STREET, LONG_LIFTED, TALKS,
    ANY_TALK, REPEATS, YEAR, YEARS, QUARTER, BEGINNING, NEIGHBOURHOODS,
)  # fmt: skip
