"""
Small lives of one order under SW, and whose business its events are.

2026-03-02 is a Monday and March has no holiday: n working days from it are plain to count.
"""

from support.lives import Doings, Life, Shelf, Whose, ev

RECEIVED = ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00")
ANONYMOUS = ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00", anonymous=True)
REGISTERED = ev("register", "2026-03-02 09:30:00")
DISPATCHED = ev("dispatch", "2026-03-02 10:00:00", unit="A")
START = (RECEIVED, REGISTERED, DISPATCHED)
ACCEPTED = ev("accept", "2026-03-02 11:00:00")
CONTACTED = ev("contact", "2026-03-02 12:00:00")
WORK = (*START, ACCEPTED, CONTACTED)
RESOLVED = ev("resolve", "2026-03-20 10:00:00", outcome="resolved")
BY_LAW = ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00", law_due="2026-04-10 23:59:59")
RETURNED = (
    *WORK,
    ev("request_return", "2026-03-03 10:00:00", return_kind="other_unit"),
    ev("approve_return", "2026-03-03 11:00:00", role="hotline_office"),
)
ANEW = ev("dispatch", "2026-03-05 10:00:00", unit="B")

LIVES: tuple[Life, ...] = (
    Life(
        "contact and closing met at the last second",
        (
            *START,
            ACCEPTED,
            ev("contact", "2026-03-03 23:59:59"),
            RESOLVED,
            ev("close", "2026-03-20 18:00:00"),
        ),
        ("SW-T01 2026-03-03 23:59:59 met", "SW-T04 2026-03-20 18:00:00 met"),
        without=("SW-T02", "SW-T03"),
    ),
    Life(
        "contact and closing missed by one second",
        (
            *START,
            ACCEPTED,
            ev("contact", "2026-03-04 00:00:00"),
            RESOLVED,
            ev("close", "2026-03-20 18:00:01"),
        ),
        ("SW-T01 2026-03-03 23:59:59 late", "SW-T04 2026-03-20 18:00:00 late"),
    ),
    Life(
        "contact made before the unit had the order has met it",
        (RECEIVED, ev("contact", "2026-03-02 09:10:00"), REGISTERED, DISPATCHED),
        ("SW-T01 2026-03-03 23:59:59 met",),
    ),
    Life(
        "a resolve alone closes nothing",
        (*WORK, RESOLVED),
        ("SW-T04 2026-03-20 18:00:00 overdue",),
    ),
    Life(
        "a statutory limit replaces the prescribed one, longer",
        (BY_LAW, REGISTERED, DISPATCHED, ACCEPTED, CONTACTED, RESOLVED, ev("close", "2026-04-10 23:59:59")),
        ("SW-T04 2026-04-10 23:59:59 met",),
    ),
    Life(
        "a statutory limit replaces the prescribed one, shorter",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20", law_due="2026-03-10 12:00:00"),
            REGISTERED, DISPATCHED, ACCEPTED, CONTACTED,
            ev("resolve", "2026-03-10 10:00:00", outcome="resolved"),
            ev("close", "2026-03-10 12:00:01"),
        ),
        ("SW-T04 2026-03-10 12:00:00 late",),
    ),
    Life(
        "a statutory limit alone",
        (ev("receive", "2026-03-02 09:00:00", law_due="2026-03-10 12:00:00"), REGISTERED, DISPATCHED),
        ("SW-T04 2026-03-10 12:00:00 overdue",),
    ),
    Life(
        "no limit anywhere is noted and no clock runs",
        (ev("receive", "2026-03-02 09:00:00"), REGISTERED, DISPATCHED),
        found=("dispatch SW-T04 (noted)",),
        without=("SW-T04",),
    ),
    Life(
        "an approved date moves the closing",
        (
            *WORK,
            ev("request_extension", "2026-03-10 10:00:00"),
            ev("approve_extension", "2026-03-11 10:00:00", order_due="2026-04-01 18:00:00"),
            ev("resolve", "2026-04-01 10:00:00", outcome="resolved"),
            ev("close", "2026-04-01 18:00:00"),
        ),
        ("SW-T04 2026-04-01 18:00:00 met",),
    ),
    Life(
        "the statutory limit stands over an approved date",
        (
            BY_LAW, REGISTERED, DISPATCHED, ACCEPTED, CONTACTED,
            ev("request_extension", "2026-03-10 10:00:00"),
            ev("approve_extension", "2026-03-11 10:00:00", order_due="2026-04-01 18:00:00"),
        ),
        ("SW-T04 2026-04-10 23:59:59 overdue",),
    ),
    Life(
        "each unit has its own closing limit",
        (*RETURNED, ANEW),
        ("SW-T04 2026-03-20 18:00:00 void", "SW-T04 2026-03-20 18:00:00 overdue"),
    ),
    Life(
        "a return outside the system on the last second of the fourth day",
        (*WORK, ev("request_return", "2026-03-06 23:59:59", return_kind="outside_system")),
        ("SW-T02 2026-03-06 23:59:59 met",),
        without=("SW-T03",),
    ),
    *(
        Life(
            f"the {kind} return counts from the dispatch, not from the acceptance",
            (
                *START,
                ev("accept", "2026-03-03 11:00:00"),
                ev("request_return", f"{due} 10:00:00", return_kind=kind),
            ),
            (f"{rule} {due} 23:59:59 met",),
        )
        for kind, rule, due in (
            ("outside_system", "SW-T02", "2026-03-06"),
            ("other_unit", "SW-T03", "2026-03-04"),
        )
    ),
    Life(
        "a second later it is taken and marked",
        (*WORK, ev("request_return", "2026-03-07 00:00:00", return_kind="outside_system")),
        ("SW-T02 2026-03-06 23:59:59 late",),
    ),
    Life(
        "a return to another unit on the last second of the second day",
        (*WORK, ev("request_return", "2026-03-04 23:59:59", return_kind="other_unit")),
        ("SW-T03 2026-03-04 23:59:59 met",),
        without=("SW-T02",),
    ),
    Life(
        "a second later it is taken and marked too",
        (*WORK, ev("request_return", "2026-03-05 00:00:00", return_kind="other_unit")),
        ("SW-T03 2026-03-04 23:59:59 late",),
    ),
    Life(
        "a row for each request, whatever was decided",
        (
            *WORK,
            ev("request_return", "2026-03-03 10:00:00", return_kind="other_unit"),
            ev("refuse_return", "2026-03-03 11:00:00"),
            ev("request_return", "2026-03-05 10:00:00", return_kind="other_unit"),
            ev("refuse_return", "2026-03-05 11:00:00"),
            ev("request_return", "2026-03-05 12:00:00", return_kind="outside_system"),
        ),
        (
            "SW-T03 2026-03-04 23:59:59 met",
            "SW-T03 2026-03-04 23:59:59 late",
            "SW-T02 2026-03-06 23:59:59 met",
        ),
    ),
    Life(
        "the next unit's return counts from its own dispatch",
        (*RETURNED, ANEW, ev("request_return", "2026-03-09 23:59:59", return_kind="other_unit")),
        ("SW-T03 2026-03-04 23:59:59 met", "SW-T03 2026-03-09 23:59:59 met"),
    ),
    Life(
        "a return that does not say its kind is noted and makes no row",
        (*WORK, ev("request_return", "2026-03-03 10:00:00")),
        found=("request_return SW-T02 (noted)",),
        without=("SW-T02", "SW-T03"),
    ),
    Life(
        "the bureau office recognises a return",
        RETURNED,
    ),
    Life(
        "an approval that names no role is taken",
        (
            *WORK,
            ev("request_return", "2026-03-03 10:00:00", return_kind="other_unit"),
            ev("approve_return", "2026-03-03 11:00:00"),
        ),
    ),
    Life(
        "the unit does not recognise its own return",
        (
            *WORK,
            ev("request_return", "2026-03-03 10:00:00", return_kind="other_unit"),
            ev("approve_return", "2026-03-03 11:00:00", role="handling_unit"),
        ),
        found=("approve_return SW-G01",),
    ),
    *(
        Life(f"a report that ticks {outcome}", (*WORK, ev("resolve", "2026-03-04 10:00:00", outcome=outcome)))
        for outcome in ("resolved", "explained", "recorded", "unresolved")
    ),
    Life(
        "a report that ticks none of the four",
        (*WORK, ev("resolve", "2026-03-04 10:00:00")),
        found=("resolve SW-G02",),
    ),
    Life(
        "a recognised return that the log closes all the same is not called back",
        (*RETURNED, ev("close", "2026-03-04 10:00:00"), ev("revisit", "2026-03-05 10:00:00")),
        found=("close no_such_move", "revisit SW-X01"),
    ),
    Life(
        "returned once and done by the next unit: called back like any other",
        (
            *RETURNED,
            ANEW,
            ev("accept", "2026-03-05 11:00:00"),
            ev("resolve", "2026-03-06 10:00:00", outcome="resolved"),
            ev("close", "2026-03-06 11:00:00"),
            ev("revisit", "2026-03-09 10:00:00"),
        ),
    ),
    Life(
        "never returned: called back",
        (*WORK, RESOLVED, ev("close", "2026-03-20 11:00:00"), ev("revisit", "2026-03-23 10:00:00")),
    ),
    Life(
        "anonymous: no contact is owed",
        (ANONYMOUS, REGISTERED, DISPATCHED),
        ("SW-T01 2026-03-03 23:59:59 void",),
    ),
    Life(
        "anonymous orders included",
        (ANONYMOUS, REGISTERED, DISPATCHED),
        ("SW-T01 2026-03-03 23:59:59 overdue",),
        settings={"anonymous.contact": "include"},
    ),
    Life(
        "contact by the office meets T01",
        (*START, ev("contact", "2026-03-02 11:00:00", role="hotline_office")),
        ("SW-T01 2026-03-03 23:59:59 met",),
    ),
    Life(
        "contact by the unit only: the office's does not end it",
        (*START, ev("contact", "2026-03-02 11:00:00", role="hotline_office")),
        ("SW-T01 2026-03-03 23:59:59 overdue",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "contact by the unit only: the unit's does",
        (*START, ev("contact", "2026-03-02 11:00:00", role="handling_unit")),
        ("SW-T01 2026-03-03 23:59:59 met",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "the next unit owes the contact anew",
        (
            *START,
            ev("request_return", "2026-03-02 15:00:00", return_kind="other_unit"),
            ev("approve_return", "2026-03-02 16:00:00"),
            ANEW,
        ),
        ("SW-T01 2026-03-03 23:59:59 void", "SW-T01 2026-03-06 23:59:59 overdue"),
    ),
    Life(
        "with clocks running on over a redispatch there is one",
        (
            *START,
            ev("request_return", "2026-03-02 15:00:00", return_kind="other_unit"),
            ev("approve_return", "2026-03-02 16:00:00"),
            ANEW,
        ),
        ("SW-T01 2026-03-03 23:59:59 overdue",),
        settings={"clock.redispatch": "continue"},
        without=("SW-T01 2026-03-06",),
    ),
    Life(
        "the receipt day counted",
        START,
        ("SW-T01 2026-03-02 23:59:59 overdue",),
        settings={"wd.count_receipt_day": "true"},
    ),
)  # fmt: skip

AT_WORK: Doings = (("receive", {}), ("register", {}), ("dispatch", {}), ("accept", {}))
WHOSE: tuple[Whose, ...] = (
    Whose("SW-G01", (*AT_WORK, ("request_return", {})), "refuse_return", ("hotline_office",)),
    Whose("SW-C01", (*AT_WORK, ("resolve", {"outcome": "resolved"})), "revisit", ("third_party_caller",)),
)

SHELF = Shelf(
    name="SW",
    lives=LIVES,
    whose=WHOSE,
    exclusions={
        "SW-X01": ("recognised_return", ("contact", "on_time", "resolution", "satisfaction", "callback")),
    },
    duties=("SW-T01", "SW-T04"),
    kinds=("clock", "guard", "exclusion", "role"),
    counts={"T": 5, "G": 2, "R": 4, "C": 1, "S": 8, "B": 2, "X": 1, "P": 5, "D": 1},
    total=29,
)
