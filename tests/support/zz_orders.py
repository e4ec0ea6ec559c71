"""Small lives of one order under ZZ, each with what must come of it."""

from support.lives import Advice, Doings, Event, Life, Shelf, Whose, ev

RECEIVED = ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00")
REGISTERED = ev("register", "2026-03-02 09:30:00")
DISPATCHED = ev("dispatch", "2026-03-02 10:00:00", unit="A")
START = (RECEIVED, REGISTERED, DISPATCHED)
ACCEPTED = ev("accept", "2026-03-02 11:00:00")
AT_WORK = (*START, ACCEPTED)
EXPLAINED = {"return_kind": "noncompliant", "reason": "已进入信访渠道", "caller_told": True}


def asked(at: str, **said: object) -> Event:
    return ev("request_return", at, **said)


def returned(times: int) -> tuple[Event, ...]:
    """So many returns asked for and approved, each by another unit, a day apart."""
    events: list[Event] = [RECEIVED, REGISTERED]
    for number in range(times):
        day = f"2026-03-{2 + number:02d}"
        events += [
            ev("dispatch", f"{day} 10:00:00", unit="ABCDE"[number]),
            asked(f"{day} 11:00:00", reason="非本单位"),
            ev("approve_return", f"{day} 12:00:00"),
        ]
    return tuple(events)


LIVES: tuple[Life, ...] = (
    Life(
        "a reply at the last second of the limit",
        (*AT_WORK, ev("resolve", "2026-03-20 18:00:00")),
        ("ZZ-T03 2026-03-20 18:00:00 met",),
    ),
    Life(
        "a reply one second later",
        (*AT_WORK, ev("resolve", "2026-03-20 18:00:01")),
        ("ZZ-T03 2026-03-20 18:00:00 late",),
    ),
    Life("no reply", AT_WORK, ("ZZ-T03 2026-03-20 18:00:00 overdue",), without=("ZZ-T01", "ZZ-T02")),
    Life(
        "closing without a reply leaves the duty open",
        (*AT_WORK, ev("close", "2026-03-19 10:00:00")),
        ("ZZ-T03 2026-03-20 18:00:00 overdue",),
        ("close no_such_move",),
    ),
    Life(
        "no limit anywhere is noted and no clock runs",
        (ev("receive", "2026-03-02 09:00:00"), REGISTERED, DISPATCHED),
        found=("dispatch ZZ-T03 (noted)",),
        without=("ZZ-T03",),
    ),
    Life(
        "a limit given by law is not ZZ's limit",
        (
            ev(
                "receive",
                "2026-03-02 09:00:00",
                order_due="2026-03-20 18:00:00",
                law_due="2026-03-10 18:00:00",
            ),
            REGISTERED,
            DISPATCHED,
        ),
        ("ZZ-T03 2026-03-20 18:00:00 overdue",),
    ),
    Life(
        "an approved extension moves the reply",
        (
            *AT_WORK,
            ev("request_extension", "2026-03-19 10:00:00"),
            ev("approve_extension", "2026-03-19 11:00:00", order_due="2026-03-27 18:00:00"),
            ev("resolve", "2026-03-27 18:00:00"),
        ),
        ("ZZ-T03 2026-03-27 18:00:00 met",),
    ),
    Life(
        "a new unit has the order's limit again",
        (
            *START,
            asked("2026-03-02 11:00:00", reason="非本单位"),
            ev("approve_return", "2026-03-02 12:00:00"),
            ev("dispatch", "2026-03-04 10:00:00", unit="B", order_due="2026-03-24 18:00:00"),
        ),
        ("ZZ-T03 2026-03-20 18:00:00 void", "ZZ-T03 2026-03-24 18:00:00 overdue"),
    ),
    Life(
        "a redo starts no new limit",
        (
            *AT_WORK,
            ev("resolve", "2026-03-10 09:00:00"),
            ev("revisit", "2026-03-11 09:00:00", satisfaction="dissatisfied"),
            ev("redo", "2026-03-12 09:00:00"),
        ),
        ("ZZ-T03 2026-03-20 18:00:00 met",),
    ),
    Life(
        "a return asked for on the last second of its day",
        (*START, asked("2026-03-03 23:59:59", reason="非本单位")),
        ("ZZ-T01 2026-03-03 23:59:59 met",),
        without=("ZZ-T02",),
    ),
    Life(
        "a second later it is taken and marked",
        (*START, asked("2026-03-04 00:00:00", reason="非本单位")),
        ("ZZ-T01 2026-03-03 23:59:59 late",),
        timed_out=("ZZ-T03",),
        without=("ZZ-T02",),
    ),
    Life(
        "each request is a row, from its own dispatch",
        (
            *START,
            asked("2026-03-03 10:00:00", return_kind="other_unit"),
            ev("refuse_return", "2026-03-03 11:00:00"),
            asked("2026-03-04 00:00:00", return_kind="other_unit"),
            ev("approve_return", "2026-03-04 11:00:00"),
            ev("dispatch", "2026-03-05 10:00:00", unit="B"),
            asked("2026-03-06 23:59:59"),
        ),
        (
            "ZZ-T01 2026-03-03 23:59:59 met",
            "ZZ-T01 2026-03-03 23:59:59 late",
            "ZZ-T01 2026-03-06 23:59:59 met",
        ),
    ),
    Life(
        "from the dispatch, not from the acceptance",
        (*START, ev("accept", "2026-03-03 11:00:00"), asked("2026-03-04 00:00:00", **EXPLAINED)),
        ("ZZ-T02 2026-03-03 23:59:59 late",),
    ),
    Life(
        "what another procedure covers, at the last second",
        (*START, asked("2026-03-03 23:59:59", **EXPLAINED)),
        ("ZZ-T02 2026-03-03 23:59:59 met",),
        without=("ZZ-T01",),
    ),
    Life(
        "such a return a second later is marked, on T02 alone",
        (*START, asked("2026-03-04 00:00:00", **EXPLAINED)),
        ("ZZ-T02 2026-03-03 23:59:59 late",),
        timed_out=("ZZ-T03",),
        without=("ZZ-T01",),
    ),
    Life(
        "such a return without a reason is noted",
        (*START, asked("2026-03-02 11:00:00", return_kind="noncompliant", caller_told=True)),
        found=("request_return ZZ-G01 (noted)",),
    ),
    Life(
        "such a return without a word to the caller is noted",
        (*START, asked("2026-03-02 11:00:00", return_kind="noncompliant", reason="诉讼")),
        found=("request_return ZZ-G01 (noted)",),
    ),
    Life(
        "the caller said not to have been told",
        (
            *START,
            ev("contact", "2026-03-02 10:30:00"),
            asked("2026-03-02 11:00:00", return_kind="noncompliant", reason="诉讼", caller_told=False),
        ),
        found=("request_return ZZ-G01 (noted)",),
    ),
    Life(
        "a contact before the request stands for it",
        (
            *START,
            ev("contact", "2026-03-02 10:30:00"),
            asked("2026-03-02 11:00:00", return_kind="noncompliant", reason="诉讼"),
        ),
    ),
    Life(
        "another return needs neither",
        (*START, asked("2026-03-02 11:00:00", return_kind="other_unit")),
    ),
    Life("three returns raise nothing", returned(3)),
    Life("the fourth is supervised", returned(4), written=("escalate ZZ-G02",)),
    Life("the fifth is not raised again", returned(5), written=("escalate ZZ-G02",)),
    Life(
        "refused returns do not count",
        (
            *returned(3),
            ev("dispatch", "2026-03-09 10:00:00", unit="A"),
            asked("2026-03-09 11:00:00"),
            ev("refuse_return", "2026-03-09 12:00:00"),
        ),
    ),
    Life(
        "an unreasonable demand reported with evidence",
        (
            *AT_WORK,
            ev("request_exclusion", "2026-03-03 09:00:00", exclusion="unreasonable", evidence="说明"),
            ev("approve_exclusion", "2026-03-03 10:00:00", role="mayor_platform"),
        ),
    ),
    Life(
        "an unreasonable demand reported without",
        (*AT_WORK, ev("request_exclusion", "2026-03-03 09:00:00", exclusion="unreasonable")),
        found=("request_exclusion ZZ-X01",),
    ),
    Life(
        "a redo without its ground is told beforehand, not refused",
        (
            *AT_WORK,
            ev("resolve", "2026-03-10 09:00:00"),
            ev("revisit", "2026-03-11 09:00:00"),
            ev("redo", "2026-03-12 09:00:00"),
        ),
    ),
    Life(
        "the receipt day counted",
        (*START, asked("2026-03-02 23:59:59"), ev("refuse_return", "2026-03-03 10:00:00")),
        ("ZZ-T01 2026-03-02 23:59:59 met",),
        settings={"wd.count_receipt_day": "true"},
    ),
)

_HELD: Doings = (("receive", {}), ("register", {}), ("dispatch", {}), ("accept", {}))
_REPLIED: Doings = (*_HELD, ("resolve", {}))
_CALLED: Doings = (*_REPLIED, ("revisit", {}))
_ASKED_FOR: Doings = (*_HELD, ("request_exclusion", {"exclusion": "unreasonable", "evidence": "说明"}))
WHOSE = (
    Whose("ZZ-G03", _REPLIED, "send_back", ("hotline_centre",)),
    Whose("ZZ-G03", (*_REPLIED, ("revisit", {"satisfaction": "dissatisfied"})), "redo", ("mayor_platform",)),
    Whose("ZZ-G03", (*_REPLIED, ("revisit", {"satisfaction": "satisfied"})), "redo", ()),
    Whose(
        "ZZ-R02", (*_HELD, ("request_return", {"at": "2026-03-04 09:00:00"})), "assign", ("handling_unit",)
    ),
    Whose("ZZ-R02", (*_HELD, ("request_return", {})), "assign", ()),
    Whose("ZZ-R02", _HELD, "assign", ()),
    Whose("ZZ-R04", _HELD, "rule_overdue", ("hotline_centre",)),
    Whose("ZZ-R05", _ASKED_FOR, "approve_exclusion", ("mayor_platform",)),
    Whose("ZZ-C01", _REPLIED, "revisit", ("mayor_platform",)),
)

ADVICE = (
    Advice(_CALLED, "redo", {"ZZ-G03": ("ground",)}),
    Advice(_REPLIED, "send_back", {"ZZ-G03": ("ground",)}),
    Advice(_REPLIED, "close", {}),
)

SHELF = Shelf(
    name="ZZ",
    lives=LIVES,
    whose=WHOSE,
    advice=ADVICE,
    exclusions={
        "ZZ-X01": ("unreasonable", ("result_satisfaction", "process_satisfaction", "satisfaction")),
    },
    duties=("ZZ-T03",),
    kinds=("clock", "guard", "exclusion", "escalation", "role"),
    counts={"T": 3, "G": 3, "R": 5, "C": 1, "S": 11, "X": 1, "B": 1, "E": 3, "P": 6},
    total=34,
    elsewhere=("attr.callback",),
)
