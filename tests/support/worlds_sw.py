"""Small months under 市水务局's measures in which every row that scores has somebody to bear it."""

from support.months import entry, life
from support.score_mutants import World

GOOD = "resolved/satisfied"
UNITS = {"one_stop": "A B C D E", "district_other": "M", "chengtou": "K"}
RETURNED = (
    ("request_return", "2015-03-03 09:00", {"return_kind": "outside_system", "reason": "属交通部门"}),
    ("approve_return", "2015-03-03 15:00", {"role": "hotline_office"}),
)


def order(order_id, unit="A", **said):
    return life(order_id, unit, **{"accepted": "2015-03-02 09:00", "closed": "2015-03-06 12:00", **said})


def decided(unit, code, points="", at="2015-03-20"):
    return entry(unit, code, points, at, confirmed_by="leading_group")


def by(source, outcome="unresolved", satisfaction="dissatisfied", at="2015-03-10"):
    return {
        "result": "effective",
        "outcome": outcome,
        "satisfaction": satisfaction,
        "source": source,
        "at": at,
    }


ORDERS = [
    *order("A1", callbacks=[GOOD]),
    *order("A2", callbacks=["explained/basically_satisfied"], contact="2015-03-04 00:00:00"),
    *order("A3", callbacks=["recorded/neutral"], due="2015-03-05", law_due="2015-03-05"),
    *order("A4", contact=None, resolved=None, callbacks=["unresolved/dissatisfied"], due="2015-03-05",
           also=RETURNED),
    *order("A5", anonymous=True, contact=None, callbacks=[{"result": "not_connected"}]),
    *order("A6", callbacks=[by("third_party", "resolved", "satisfied", "2015-03-09"), by("centre")]),
    *order("A7", contact="2015-03-05 09:00"),
    *order("B1", "B", callbacks=["resolved/neutral"], assisting="C"),
    *order("B2", "B", callbacks=[{"result": "connected", "satisfaction": "satisfied"}]),
    *order("B3", "B", closed=None, callbacks=[by("district", at="2015-03-12")]),
    *order("B4", "B", callbacks=[by("district")]),
    *order("D1", "D", accepted="2015-02-26 09:00", anonymous=True, contact=None),
    *order("E1", "E", closed=None),
    *order("M1", "M", callbacks=["resolved/basically_satisfied"]),
    *order("K1", "K", callbacks=["unresolved/satisfied"]),
    *order("Y1", "Y", callbacks=[GOOD]),
]  # fmt: skip

ENTERED = [
    decided("A", "base", "18"),
    decided("B", "base", "20"),
    decided("B", "base", "20.5"),
    decided("K", "base", "0"),
    decided("M", "base", "-0.01"),
    decided("M", "base", "0.005"),
    entry("D", "base", "18", "2015-03-20", confirmed_by="hotline_office"),
    decided("A", "bonus", "0.5"),
    decided("A", "bonus", "0.49"),
    decided("B", "bonus", "3"),
    decided("B", "bonus", "3.5"),
    decided("M", "bonus", "2"),
    decided("M", "bonus", "2.5"),
    entry("K", "bonus", "1", "2015-03-20"),
    entry("K", "deduct", "", "2015-03-20", confirmed_by="working_group"),
    entry("M", "deduct", "", "2015-03-20"),
    decided("A", "deduct"),
    *(decided("B", "deduct", points) for points in ("0.5", "0.49", "0.51")),
    *(decided("K", "deduct", "0.5") for _ in range(11)),
]

RATES = World(rows=ORDERS, periods=("2015-03",), units=UNITS, entered=ENTERED)

TOTALS = World(
    rows=ORDERS,
    periods=("2015-03",),
    units=UNITS,
    entered=[
        decided("A", "entered_score", "101.125"),
        entry("B", "entered_score", "101.1251", "2015-03-20"),
        decided("C", "entered_score", "0"),
        decided("D", "entered_score", "-0.01"),
        decided("D", "entered_score", "0.005"),
        decided("M", "entered_score", "120"),
        decided("K", "entered_score", "121"),
    ],
)

COEFFICIENTS = "explained=1/2,recorded=1/4,basically_satisfied=4/5,neutral=3/5"
WEIGHTS = f"base=20,volume=0,contact=0,on_time=0,resolution=0,satisfaction=100,{COEFFICIENTS}"

BELOW_NOTHING = World(
    rows=[
        *order("A1", callbacks=["unresolved/dissatisfied"]),
        *order("B1", "B", callbacks=["unresolved/basically_satisfied"]),
        *order("C1", "C", callbacks=["unresolved/neutral"]),
    ],
    periods=("2015-03",),
    units=UNITS,
    entered=[
        decided("A", "base", "0"),
        decided("A", "deduct"),
        decided("B", "base", "0"),
        decided("C", "base", "20"),
    ],
    settings={"sw.weights": WEIGHTS},
)


def closed_in(month, unit="A", **said):
    return life(f"{unit}{month}", unit, accepted=f"{month}-09 09:00", closed=f"{month}-11 12:00", **said)


YEAR = World(
    rows=[
        row
        for month in ("2014-10", "2014-11", "2014-12", "2015-01", "2015-06", "2015-10", "2015-11",
                      "2015-12", "2016-01")
        for unit in "AB"
        for row in closed_in(month, unit, callbacks=[GOOD])
    ],
    periods=("2015", "2014-10", "2014-11", "2015-10", "2015-11", "2015-12"),
    units=UNITS,
    entered=[
        *(decided("A", "entered_score", str(90 + n), at=f"{month}-20") for n, month in enumerate(
            ("2014-10", "2014-11", "2014-12", "2015-01", "2015-06", "2015-10", "2015-11", "2015-12"))),
        *(decided("B", "entered_score", "93", at=f"{month}-20") for month in ("2014-11", "2015-06")),
        *(decided("A", "bonus", "2", at=f"{month}-20") for month in ("2014-11", "2015-06", "2015-11")),
        *(decided("B", "deduct", at=f"2015-{month}-20") for month in ("01", "06") for _ in range(6)),
    ],
)  # fmt: skip

YEAR_OF_ITEMS = World(
    rows=[
        *closed_in("2015-01", callbacks=[GOOD]),
        *closed_in("2015-02", callbacks=["explained/basically_satisfied"], due="2015-02-10"),
        *closed_in("2015-06", callbacks=["resolved/neutral"]),
        *life("A3", "A", accepted="2015-06-09 09:00", closed="2015-06-11 12:00",
              callbacks=["recorded/neutral"]),
    ],
    periods=("2015", "2015Q1", "2015Q2"),
    entered=[
        *(decided("A", "base", points, at=f"2015-{month}-20")
          for points, month in (("18", "01"), ("15", "02"), ("20", "06"))),
        decided("A", "bonus", "1", at="2015-01-20"),
    ],
    settings={"sw.weights": WEIGHTS.replace("volume=0,contact=0,on_time=0,resolution=0,satisfaction=100",
                                            "volume=5,contact=15,on_time=20,resolution=35,satisfaction=25")},
)  # fmt: skip

WORLDS = (RATES, TOTALS, YEAR, BELOW_NOTHING, YEAR_OF_ITEMS)
