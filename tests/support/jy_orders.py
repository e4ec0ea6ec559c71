"""Small lives of one order under JY, each with what must come of it, to the second."""

from paidan.policies.roster import Roster, Unit
from support.lives import Advice, Doings, Life, Shelf, Whose, ev

RECEIVED = ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00")
REGISTERED = ev("register", "2026-03-02 09:30:00")
DISPATCHED = ev("dispatch", "2026-03-02 10:00:00", unit="A")
START = (RECEIVED, REGISTERED, DISPATCHED)
FULL_RETURN = {"owner": "水务所", "reason": "非本单位", "basis": "三定方案"}
DONE = (
    ev("accept", "2026-03-03 09:00:00"),
    ev("contact", "2026-03-03 09:00:00", evidence="rec"),
    ev("resolve", "2026-03-04 09:00:00"),
)

LIVES: tuple[Life, ...] = (
    Life(
        "every limit met at its last second",
        (
            *START,
            ev("contact", "2026-03-03 09:00:00"),
            ev("accept", "2026-03-03 23:59:59"),
            ev("resolve", "2026-03-20 10:00:00"),
            ev("revisit", "2026-03-20 17:00:00"),
            ev("close", "2026-03-20 18:00:00"),
        ),
        (
            "JY-T01 2026-03-02 09:30:00 met",
            "JY-T02 2026-03-02 10:00:00 met",
            "JY-T04 2026-03-03 09:00:00 met",
            "JY-T03 2026-03-03 23:59:59 met",
            "JY-T06 2026-03-03 23:59:59 unused",
            "JY-T08 2026-03-09 23:59:59 unused",
            "JY-T09 2026-03-20 18:00:00 met",
        ),
    ),
    Life(
        "every limit missed by one second",
        (
            RECEIVED,
            ev("register", "2026-03-02 09:30:01"),
            ev("dispatch", "2026-03-02 10:00:02", unit="A"),
            ev("contact", "2026-03-03 09:00:01"),
            ev("accept", "2026-03-04 00:00:00"),
            ev("resolve", "2026-03-20 10:00:00"),
            ev("revisit", "2026-03-20 17:00:00"),
            ev("close", "2026-03-20 18:00:01"),
        ),
        (
            "JY-T01 2026-03-02 09:30:00 late",
            "JY-T02 2026-03-02 10:00:01 late",
            "JY-T04 2026-03-03 09:00:00 late",
            "JY-T03 2026-03-03 23:59:59 late",
            "JY-T09 2026-03-20 18:00:00 late",
        ),
    ),
    Life(
        "handing back ends both duties of the centre and voids the contact",
        (RECEIVED, REGISTERED, ev("hand_back", "2026-03-02 09:50:00")),
        (
            "JY-T01 2026-03-02 09:30:00 met",
            "JY-T02 2026-03-02 10:00:00 met",
            "JY-T04 2026-03-03 09:00:00 void",
        ),
    ),
    Life(
        "handing back at once ends T01",
        (RECEIVED, ev("hand_back", "2026-03-02 09:20:00")),
        ("JY-T01 2026-03-02 09:30:00 met",),
    ),
    Life(
        "a direct answer ends T02 and needs no callback",
        (
            RECEIVED,
            REGISTERED,
            ev("resolve", "2026-03-02 09:55:00", category="direct"),
            ev("close", "2026-03-02 09:56:00"),
        ),
        ("JY-T02 2026-03-02 10:00:00 met",),
    ),
    Life(
        "a dispatched order of category direct still needs its callback",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("resolve", "2026-03-04 09:00:00", category="direct"),
            ev("close", "2026-03-04 10:00:00"),
        ),
        found=("close JY-C01",),
    ),
    Life(
        "urgent from the start: one hour",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00", urgent=True),
            ev("contact", "2026-03-02 10:00:00"),
        ),
        ("JY-T05 2026-03-02 10:00:00 met",),
        without=("JY-T04",),
    ),
    Life(
        "flagged urgent later: one hour from the flag, never after the 24 hours",
        (RECEIVED, ev("flag_urgent", "2026-03-02 15:00:00")),
        ("JY-T05 2026-03-02 16:00:00 overdue",),
        without=("JY-T04",),
    ),
    Life(
        "flagged urgent in the last hour: the 24 hours stand",
        (RECEIVED, ev("flag_urgent", "2026-03-03 08:30:00")),
        ("JY-T05 2026-03-03 09:00:00 overdue",),
        without=("JY-T04",),
    ),
    Life(
        "flagged urgent after the contact: nothing changes",
        (RECEIVED, ev("contact", "2026-03-02 10:00:00"), ev("flag_urgent", "2026-03-02 11:00:00")),
        ("JY-T04 2026-03-03 09:00:00 met",),
        without=("JY-T05",),
    ),
    Life(
        "anonymous: the contact row stays, void",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00", anonymous=True),
            ev("register", "2026-03-02 09:30:00"),
            DISPATCHED,
            *DONE,
            ev("close", "2026-03-05 09:00:00"),
        ),
        ("JY-T04 2026-03-03 09:00:00 void",),
    ),
    Life(
        "anonymous and urgent: void too",
        (
            ev(
                "receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00", anonymous=True, urgent=True
            ),
            ev("contact", "2026-03-02 09:30:00"),
        ),
        ("JY-T05 2026-03-02 10:00:00 void",),
    ),
    Life(
        "a return on the last second of its day is taken",
        (*START, ev("request_return", "2026-03-03 23:59:59", **FULL_RETURN)),
        ("JY-T06 2026-03-03 23:59:59 met",),
    ),
    Life(
        "a return one second later is refused by T06",
        (*START, ev("request_return", "2026-03-04 00:00:00", **FULL_RETURN)),
        ("JY-T06 2026-03-03 23:59:59 late",),
        ("request_return JY-T06",),
    ),
    Life(
        "a site visit gives two days to return",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", site_visit=True),
            ev("request_return", "2026-03-04 23:59:59", evidence="照片", **FULL_RETURN),
        ),
        ("JY-T07 2026-03-04 23:59:59 met",),
        without=("JY-T06",),
    ),
    Life(
        "after two days T07 refuses",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", site_visit=True),
            ev("request_return", "2026-03-05 00:00:00", evidence="照片", **FULL_RETURN),
        ),
        ("JY-T07 2026-03-04 23:59:59 late",),
        ("request_return JY-T07",),
    ),
    Life(
        "a site visit without evidence is noted",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", site_visit=True),
            ev("request_return", "2026-03-03 10:00:00", **FULL_RETURN),
        ),
        found=("request_return JY-T07 (noted)",),
    ),
    Life(
        "where the dispatcher decides, no evidence is asked for",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", site_visit=True),
            ev("request_return", "2026-03-03 10:00:00", **FULL_RETURN),
        ),
        settings={"jy.complex_flag": "dispatcher"},
    ),
    Life(
        "past the order's limit a return is refused by G01 beside T06",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-04 18:00:00"),
            REGISTERED,
            DISPATCHED,
            ev("request_return", "2026-03-04 18:00:01", **FULL_RETURN),
        ),
        found=("request_return JY-T06", "request_return JY-G01"),
    ),
    Life(
        "inside the window but past the order's limit: G01 alone",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-03 12:00:00"),
            REGISTERED,
            DISPATCHED,
            ev("request_return", "2026-03-03 12:00:01", **FULL_RETURN),
        ),
        found=("request_return JY-G01",),
    ),
    Life(
        "the centre head with a reason passes both",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-04 18:00:00"),
            REGISTERED,
            DISPATCHED,
            ev("request_return", "2026-03-04 18:00:01", role="centre_head", **FULL_RETURN),
        ),
        ("JY-T06 2026-03-03 23:59:59 late",),
    ),
    Life(
        "the centre head without a reason does not",
        (*START, ev("request_return", "2026-03-04 18:00:01", role="centre_head", owner="水务所", basis="x")),
        found=("request_return JY-T06", "request_return JY-G02"),
    ),
    Life(
        "another role does not",
        (*START, ev("request_return", "2026-03-04 18:00:01", role="dispatcher", **FULL_RETURN)),
        found=("request_return JY-T06",),
    ),
    Life(
        "with the override off nobody passes",
        (*START, ev("request_return", "2026-03-04 18:00:01", role="centre_head", **FULL_RETURN)),
        found=("request_return JY-T06",),
        settings={"jy.return_override": "none"},
    ),
    Life(
        "a return without owner",
        (*START, ev("request_return", "2026-03-02 11:00:00", reason="r", basis="b")),
        found=("request_return JY-G02",),
    ),
    Life(
        "a return without reason",
        (*START, ev("request_return", "2026-03-02 11:00:00", owner="o", basis="b")),
        found=("request_return JY-G02",),
    ),
    Life(
        "a return without basis",
        (*START, ev("request_return", "2026-03-02 11:00:00", owner="o", reason="r")),
        found=("request_return JY-G02",),
    ),
    Life(
        "a return with an attachment as its proof",
        (*START, ev("request_return", "2026-03-02 11:00:00", owner="o", reason="r", evidence="附件")),
    ),
    Life(
        "a hazard without protection",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", hazard=True),
            ev("request_return", "2026-03-02 11:00:00", **FULL_RETURN),
        ),
        found=("request_return JY-G03",),
    ),
    Life(
        "a hazard protected only after the request",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", hazard=True),
            ev("request_return", "2026-03-02 11:00:00", protection="2026-03-02 11:00:01", **FULL_RETURN),
        ),
        found=("request_return JY-G03",),
    ),
    Life(
        "a hazard protected in time",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", hazard=True),
            ev("request_return", "2026-03-02 11:00:00", protection="2026-03-02 11:00:00", **FULL_RETURN),
        ),
    ),
    Life(
        "an extension asked for on the fifth working day",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-09 23:59:59", reason="疑难"),
        ),
        ("JY-T08 2026-03-09 23:59:59 met",),
    ),
    Life(
        "an extension asked for later is refused by T08",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-10 00:00:00", reason="疑难"),
        ),
        ("JY-T08 2026-03-09 23:59:59 late",),
        ("request_extension JY-T08",),
    ),
    Life(
        "a shorter order limit bounds the request",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-05 18:00:00"),
            REGISTERED,
            DISPATCHED,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-05 18:00:01"),
        ),
        ("JY-T08 2026-03-05 18:00:00 late",),
        ("request_extension JY-T08",),
    ),
    Life(
        "a second request for the same matter, even after a refusal and a new unit",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-03 10:00:00"),
            ev("refuse_extension", "2026-03-03 11:00:00"),
            ev("request_return", "2026-03-03 12:00:00", **FULL_RETURN),
            ev("approve_return", "2026-03-03 13:00:00"),
            ev("dispatch", "2026-03-03 14:00:00", unit="B"),
            ev("accept", "2026-03-03 15:00:00"),
            ev("request_extension", "2026-03-04 10:00:00"),
        ),
        found=("request_extension JY-G05",),
    ),
    Life(
        "counting approvals, a refused request leaves the chance",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-03 10:00:00"),
            ev("refuse_extension", "2026-03-03 11:00:00"),
            ev("request_extension", "2026-03-04 10:00:00"),
        ),
        settings={"jy.extension_once": "counts_approvals"},
    ),
    Life(
        "counting approvals, an approved request uses up the chance",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-03 10:00:00"),
            ev("approve_extension", "2026-03-03 11:00:00", order_due="2026-03-21 18:00:00"),
            ev("request_extension", "2026-03-04 10:00:00"),
        ),
        found=("request_extension JY-G05",),
        settings={"jy.extension_once": "counts_approvals"},
    ),
    Life(
        "an approved extension moves T09 and never T08",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-09 10:00:00"),
            ev("approve_extension", "2026-03-21 10:00:00", order_due="2026-04-10 18:00:00"),
            ev("resolve", "2026-04-09 10:00:00"),
            ev("revisit", "2026-04-10 10:00:00"),
            ev("close", "2026-04-10 18:00:00"),
        ),
        ("JY-T09 2026-04-10 18:00:00 met", "JY-T08 2026-03-09 23:59:59 met"),
    ),
    Life(
        "a late request approved after the old limit moves nothing",
        (
            *START,
            ev("accept", "2026-03-02 11:00:00"),
            ev("request_extension", "2026-03-12 10:00:00"),
            ev("approve_extension", "2026-03-21 10:00:00", order_due="2026-04-10 18:00:00"),
        ),
        ("JY-T09 2026-03-20 18:00:00 overdue",),
        ("request_extension JY-T08",),
    ),
    Life(
        "an approved return voids the unit's open clocks, a new unit gets fresh ones",
        (
            *START,
            ev("request_return", "2026-03-02 11:00:00", **FULL_RETURN),
            ev("approve_return", "2026-03-02 12:00:00"),
            ev("dispatch", "2026-03-04 10:00:00", unit="B"),
        ),
        (
            "JY-T03 2026-03-03 23:59:59 void",
            "JY-T06 2026-03-03 23:59:59 met",
            "JY-T08 2026-03-09 23:59:59 void",
            "JY-T09 2026-03-20 18:00:00 void",
            "JY-T03 2026-03-05 23:59:59 overdue",
            "JY-T09 2026-03-20 18:00:00 overdue",
        ),
    ),
    Life(
        "a redispatch opens new windows",
        (
            *START,
            ev("request_return", "2026-03-02 11:00:00", **FULL_RETURN),
            ev("approve_return", "2026-03-02 12:00:00"),
            ev("dispatch", "2026-03-04 10:00:00", unit="B"),
            ev("request_return", "2026-03-05 23:59:59", **FULL_RETURN),
        ),
        ("JY-T06 2026-03-05 23:59:59 met", "JY-T08 2026-03-11 23:59:59 unused"),
    ),
    Life(
        "with the clock running on over a redispatch there is one T03, T06 and T08",
        (
            *START,
            ev("dispatch", "2026-03-04 10:00:00", unit="B"),
            ev("accept", "2026-03-04 11:00:00"),
        ),
        (
            "JY-T03 2026-03-03 23:59:59 late",
            "JY-T06 2026-03-03 23:59:59 unused",
            "JY-T08 2026-03-09 23:59:59 unused",
        ),
        ("dispatch no_such_move",),
        settings={"clock.redispatch": "continue"},
        without=("JY-T03 2026-03-05", "JY-T06 2026-03-05", "JY-T08 2026-03-11"),
    ),
    Life(
        "a return approved after a clock ran out leaves it overdue",
        (
            *START,
            ev("request_return", "2026-03-03 11:00:00", **FULL_RETURN),
            ev("approve_return", "2026-03-04 00:00:00"),
        ),
        ("JY-T03 2026-03-03 23:59:59 overdue",),
    ),
    Life(
        "feedback after a site visit without evidence is noted",
        (RECEIVED, REGISTERED, ev("dispatch", "2026-03-02 10:00:00", unit="A", site_visit=True), *DONE),
        found=("resolve JY-G06 (noted)",),
    ),
    Life(
        "closing without a callback",
        (*START, *DONE, ev("close", "2026-03-05 09:00:00")),
        found=("close JY-C01",),
    ),
    Life(
        "a callback before the last feedback does not serve",
        (
            *START,
            *DONE,
            ev("revisit", "2026-03-04 10:00:00"),
            ev("send_back", "2026-03-04 10:30:00"),
            ev("resolve", "2026-03-05 09:00:00"),
            ev("close", "2026-03-05 10:00:00"),
        ),
        found=("send_back no_such_move", "close JY-C01"),
    ),
    Life(
        "no limit anywhere is noted and no clock runs",
        (ev("receive", "2026-03-02 09:00:00"), REGISTERED, DISPATCHED),
        found=("dispatch JY-T09 (noted)",),
        without=("JY-T09",),
    ),
    Life(
        "the dispatch's own limit goes before the receipt's",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-02 10:00:00", unit="A", order_due="2026-03-06 12:00:00"),
        ),
        ("JY-T09 2026-03-06 12:00:00 overdue", "JY-T08 2026-03-06 12:00:00 unused"),
    ),
    Life(
        "neither dispatched nor direct: T02 runs out, and the callback is missing",
        (
            RECEIVED,
            REGISTERED,
            ev("resolve", "2026-03-02 09:55:00"),
            ev("close", "2026-03-02 09:56:00"),
        ),
        ("JY-T02 2026-03-02 10:00:00 overdue",),
        ("resolve no_such_move", "close JY-C01"),
    ),
    Life(
        "departments only: a neighbourhood has no T03",
        START,
        without=("JY-T03",),
        settings={"jy.t03_scope": "departments"},
    ),
    Life(
        "T02 from receipt",
        (RECEIVED, REGISTERED, DISPATCHED),
        ("JY-T02 2026-03-02 09:30:00 late",),
        settings={"jy.dispatch_clock_start": "received_at"},
    ),
    Life(
        "contact from dispatch",
        (*START, ev("contact", "2026-03-03 10:00:00")),
        ("JY-T04 2026-03-03 10:00:00 met",),
        settings={"jy.contact_start": "dispatched_at"},
    ),
    Life(
        "contact from dispatch is counted from the first one only",
        (
            *START,
            ev("request_return", "2026-03-02 11:00:00", **FULL_RETURN),
            ev("approve_return", "2026-03-02 12:00:00"),
            ev("dispatch", "2026-03-04 10:00:00", unit="B"),
        ),
        ("JY-T04 2026-03-03 10:00:00 overdue",),
        settings={"jy.contact_start": "dispatched_at"},
        without=("JY-T04 2026-03-05",),
    ),
    Life(
        "contact from registration",
        (*START, ev("contact", "2026-03-03 09:30:00")),
        ("JY-T04 2026-03-03 09:30:00 met",),
        settings={"jy.contact_start": "registered_at"},
    ),
    Life(
        "a late flag counted from receipt is late at once",
        (RECEIVED, ev("flag_urgent", "2026-03-02 15:00:00")),
        ("JY-T05 2026-03-02 10:00:00 overdue",),
        settings={"jy.urgent_late_flag": "from_receipt"},
    ),
    Life(
        "contact by the unit only: the centre's does not end it",
        (RECEIVED, ev("contact", "2026-03-02 10:00:00", role="dispatcher")),
        ("JY-T04 2026-03-03 09:00:00 overdue",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "contact by the unit only: the unit's does",
        (RECEIVED, ev("contact", "2026-03-02 10:00:00", role="handling_unit")),
        ("JY-T04 2026-03-03 09:00:00 met",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "contact by the unit only, urgent",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00", urgent=True),
            ev("contact", "2026-03-02 09:30:00", role="dispatcher"),
        ),
        ("JY-T05 2026-03-02 10:00:00 overdue",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "exclusive limits: the last second is late",
        (RECEIVED, ev("register", "2026-03-02 09:30:00")),
        ("JY-T01 2026-03-02 09:29:59 late",),
        settings={"limit.inclusive": "false"},
    ),
    Life(
        "the receipt day counted",
        START,
        ("JY-T03 2026-03-02 23:59:59 overdue",),
        settings={"wd.count_receipt_day": "true"},
    ),
    Life(
        "a close of business",
        START,
        ("JY-T03 2026-03-03 17:30:00 overdue",),
        settings={"wd.day_end": "17:30:00"},
    ),
    Life(
        "received on Saturday counts from Monday",
        (RECEIVED, REGISTERED, ev("dispatch", "2026-03-07 10:00:00", unit="A")),
        ("JY-T03 2026-03-09 23:59:59 overdue",),
    ),
    Life(
        "received on Saturday, moved to Monday first",
        (RECEIVED, REGISTERED, ev("dispatch", "2026-03-07 10:00:00", unit="A")),
        ("JY-T03 2026-03-10 23:59:59 overdue",),
        settings={"wd.nonworking_receipt": "received_on_next_working_day"},
    ),
    Life(
        "received after hours counts as the next day",
        (RECEIVED, REGISTERED, ev("dispatch", "2026-03-02 18:00:00", unit="A")),
        ("JY-T03 2026-03-04 23:59:59 overdue",),
        settings={"wd.after_hours_receipt": "next_day"},
    ),
    Life(
        "make-up days off",
        (RECEIVED, REGISTERED, ev("dispatch", "2026-02-27 10:00:00", unit="A")),
        ("JY-T03 2026-03-02 23:59:59 overdue",),
        settings={"wd.makeup_days": "off"},
    ),
    Life(
        "make-up days working",
        (RECEIVED, REGISTERED, ev("dispatch", "2026-02-27 10:00:00", unit="A")),
        ("JY-T03 2026-02-28 23:59:59 overdue",),
    ),
    Life(
        "minutes in office hours",
        (ev("receive", "2026-03-02 17:20:00"),),
        ("JY-T01 2026-03-03 08:50:00 overdue",),
        settings={"hours.calendar": "working_hours"},
    ),
)

_IN: Doings = (("receive", {}), ("register", {}))
_HELD: Doings = (*_IN, ("dispatch", {"category": "dispatched"}), ("accept", {}))
_DIRECT: Doings = (("receive", {}), ("register", {"category": "direct"}))
_JOINT: Doings = (*_IN, ("dispatch", {"category": "joint"}))
WHOSE = (
    Whose("JY-R04", _IN, "dispatch", ("dispatcher",)),
    Whose("JY-R05", _DIRECT, "resolve", ("supervisor", "dispatcher")),
    Whose("JY-R06", _HELD, "resolve", ("handling_unit",)),
    Whose("JY-R07", (*_JOINT, ("file_dispute", {})), "assign", ("hotline_branch_leader", "main_leader")),
    Whose("JY-R07", _JOINT, "assign", ()),
    Whose(
        "JY-R07", _JOINT, "assign", ("hotline_branch_leader", "main_leader"), {"jy.joint_leader": "always"}
    ),
    Whose("JY-R07", _HELD, "assign", (), {"jy.joint_leader": "always"}),
    Whose("JY-R07", (*_HELD, ("file_dispute", {})), "assign", ()),
    Whose("JY-R08", (("receive", {}), ("register", {"category": "chronic"})), "dispatch", ("main_leader",)),
    Whose("JY-R08", _IN, "dispatch", ()),
    Whose("JY-R12", _IN, "dispatch", ()),
    *(
        Whose(
            "JY-R12",
            (("receive", {}), ("register", {"category": duty})),
            "dispatch",
            ("hotline_branch_leader", "main_leader"),
        )
        for duty in ("first_asked", "designated", "backstop")
    ),
    Whose("JY-R05", _HELD, "resolve", ()),
    Whose("JY-R06", _DIRECT, "resolve", ()),
)


def _roster(settings: dict[str, str]) -> Roster | None:
    """Where only departments have the limit, a roster in which the unit of the lives is none."""
    if settings.get("jy.t03_scope") == "departments":
        return Roster([Unit("A", "neighbourhood")], "department")
    return None


SHELF = Shelf(
    name="JY",
    lives=LIVES,
    whose=WHOSE,
    duties=("JY-T01", "JY-T02", "JY-T03", "JY-T04", "JY-T05", "JY-T09"),
    on_receipt=("JY-T01", "JY-T04"),
    advice=(Advice(_JOINT, "assign", {"JY-R07": ("lead",)}), Advice(_HELD, "assign", {})),
    kinds=("clock", "guard", "role"),
    counts={"T": 9, "G": 8, "R": 12, "C": 2, "S": 10, "B": 10, "E": 11, "X": 2, "P": 7, "D": 1},
    total=72,
    roster=_roster,
)
