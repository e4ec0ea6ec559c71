"""
Small lives of one order under YY, and whose business its events are.

2026-03-02 is a Monday and March has no holiday: n working days from it are plain to count.
"""

from typing import Any

from support.lives import Advice, Doings, Event, Life, Shelf, Whose, ev

RECEIVED = ev("receive", "2026-03-02 09:00:00")
REGISTERED = ev("register", "2026-03-02 09:30:00")
ACCEPTED = ev("accept", "2026-03-02 11:00:00")
CONTACTED = ev("contact", "2026-03-02 12:00:00")


def dispatched(handling_class: str = "", at: str = "2026-03-02 10:00:00", **said: Any) -> Event:
    return ev(
        "dispatch", at, unit="A", **({"handling_class": handling_class} if handling_class else {}), **said
    )


def work(handling_class: str = "") -> tuple[Event, ...]:
    return (RECEIVED, REGISTERED, dispatched(handling_class), ACCEPTED, CONTACTED)


def done(at: str, **said: Any) -> Event:
    return ev("resolve", at, **{"closing_ground": "completed", **said})


ASKED = ev("request_extension", "2026-03-05 23:59:59", reason="等待鉴定")
ASKED_COMPLEX = ev("request_extension", "2026-03-09 23:59:59", report="书面报告")
DISSATISFIED = ev("revisit", "2026-03-05 10:00:00", satisfaction="dissatisfied")
REDO = ev("redo", "2026-03-05 11:00:00")
REDOING = (*work(), done("2026-03-04 10:00:00"), DISSATISFIED, REDO)
SIGNED = {"signed_by": "分管领导", "signed_at": "2026-03-10 10:00:00"}

LIVES: tuple[Life, ...] = (
    Life(
        "every limit of an ordinary order met at its last second",
        (
            RECEIVED,
            REGISTERED,
            dispatched(),
            ACCEPTED,
            ev("contact", "2026-03-03 23:59:59"),
            ASKED,
            ev("refuse_extension", "2026-03-06 09:00:00"),
            done("2026-03-09 23:59:59"),
            ev("close", "2026-03-10 09:00:00"),
        ),
        (
            "YY-T01 2026-03-03 23:59:59 met",
            "YY-T05 2026-03-05 23:59:59 met",
            "YY-T03 2026-03-09 23:59:59 met",
        ),
        without=("YY-T02", "YY-T04", "YY-T07", "YY-T08"),
    ),
    Life(
        "every limit of an ordinary order missed by one second",
        (
            RECEIVED,
            REGISTERED,
            dispatched("ordinary"),
            ACCEPTED,
            ev("contact", "2026-03-04 00:00:00"),
            ev("request_extension", "2026-03-06 00:00:00", reason="等待鉴定"),
            done("2026-03-10 00:00:00"),
        ),
        (
            "YY-T01 2026-03-03 23:59:59 late",
            "YY-T05 2026-03-05 23:59:59 late",
            "YY-T03 2026-03-09 23:59:59 late",
        ),
        ("request_extension YY-T05",),
        without=("YY-T02", "YY-T04", "YY-T07"),
    ),
    Life(
        "a prompt order answered on the last second of the next working day",
        (*work("prompt"), done("2026-03-03 23:59:59")),
        ("YY-T02 2026-03-03 23:59:59 met",),
        without=("YY-T03", "YY-T04", "YY-T05", "YY-T07"),
    ),
    Life(
        "a prompt order answered a second later",
        (*work("prompt"), done("2026-03-04 00:00:00")),
        ("YY-T02 2026-03-03 23:59:59 late",),
    ),
    Life(
        "a prompt order sent on starts anew with the next unit",
        (
            *work("prompt"),
            ev("request_return", "2026-03-02 15:00:00"),
            ev("approve_return", "2026-03-02 16:00:00"),
            dispatched("prompt", "2026-03-04 10:00:00"),
        ),
        ("YY-T02 2026-03-03 23:59:59 void", "YY-T02 2026-03-05 23:59:59 overdue"),
    ),
    Life(
        "a complex order and its request met at the last second",
        (
            *work("complex"),
            ASKED_COMPLEX,
            ev("refuse_extension", "2026-03-10 09:00:00"),
            done("2026-03-16 23:59:59"),
        ),
        ("YY-T07 2026-03-09 23:59:59 met", "YY-T04 2026-03-16 23:59:59 met"),
        without=("YY-T02", "YY-T03", "YY-T05"),
    ),
    Life(
        "a complex order and its request a second late",
        (
            *work("complex"),
            ev("request_extension", "2026-03-10 00:00:00", report="书面报告"),
            done("2026-03-17 00:00:00"),
        ),
        ("YY-T07 2026-03-09 23:59:59 late", "YY-T04 2026-03-16 23:59:59 late"),
        ("request_extension YY-T07",),
    ),
    Life(
        "nobody asks: the windows pass unused",
        (*work(), done("2026-03-04 10:00:00"), ev("close", "2026-03-04 12:00:00")),
        ("YY-T05 2026-03-05 23:59:59 unused", "YY-T03 2026-03-09 23:59:59 met"),
    ),
    Life(
        "nobody asks for a complex one either",
        (*work("complex"), done("2026-03-04 10:00:00"), ev("close", "2026-03-04 12:00:00")),
        ("YY-T07 2026-03-09 23:59:59 unused", "YY-T04 2026-03-16 23:59:59 met"),
    ),
    Life(
        "an approved extension gives ten days from receipt, whatever date the approval names",
        (
            *work(),
            ASKED,
            ev("approve_extension", "2026-03-06 09:00:00", order_due="2026-03-30 18:00:00"),
            done("2026-03-16 23:59:59"),
        ),
        ("YY-T03 2026-03-16 23:59:59 met",),
    ),
    Life(
        "the ten days are over a second later",
        (*work(), ASKED, ev("approve_extension", "2026-03-06 09:00:00"), done("2026-03-17 00:00:00")),
        ("YY-T03 2026-03-16 23:59:59 late",),
    ),
    Life(
        "ten days counted from day five",
        (*work(), ASKED, ev("approve_extension", "2026-03-06 09:00:00"), done("2026-03-23 23:59:59")),
        ("YY-T03 2026-03-23 23:59:59 met",),
        settings={"yy.extension_base": "from_day_5"},
    ),
    Life(
        "a timely request approved only after the old limit counts all the same",
        (*work(), ASKED, ev("approve_extension", "2026-03-12 09:00:00"), done("2026-03-16 10:00:00")),
        ("YY-T03 2026-03-16 23:59:59 met",),
    ),
    Life(
        "a late request approved after the old limit moves nothing",
        (
            *work(),
            ev("request_extension", "2026-03-06 00:00:00", reason="等待鉴定"),
            ev("approve_extension", "2026-03-12 09:00:00"),
            done("2026-03-16 10:00:00"),
        ),
        ("YY-T03 2026-03-09 23:59:59 late",),
        ("request_extension YY-T05",),
    ),
    Life(
        "a complex order is extended to the date that is approved",
        (
            *work("complex"),
            ASKED_COMPLEX,
            ev("approve_extension", "2026-03-13 09:00:00", order_due="2026-04-20 18:00:00"),
            done("2026-04-20 18:00:00"),
        ),
        ("YY-T04 2026-04-20 18:00:00 met",),
    ),
    Life(
        "an approval without a date leaves a complex order its ten days",
        (
            *work("complex"),
            ASKED_COMPLEX,
            ev("approve_extension", "2026-03-13 09:00:00"),
            done("2026-03-17 00:00:00"),
        ),
        ("YY-T04 2026-03-16 23:59:59 late",),
    ),
    Life(
        "the order's own limit plays no part",
        (
            ev("receive", "2026-03-02 09:00:00", order_due="2026-03-04 18:00:00"),
            REGISTERED,
            dispatched(),
            ACCEPTED,
            CONTACTED,
            done("2026-03-09 10:00:00"),
        ),
        ("YY-T03 2026-03-09 23:59:59 met",),
    ),
    Life(
        "anonymous: no contact is owed",
        (ev("receive", "2026-03-02 09:00:00", anonymous=True), REGISTERED),
        ("YY-T01 2026-03-03 23:59:59 void",),
    ),
    Life(
        "anonymous orders included",
        (ev("receive", "2026-03-02 09:00:00", anonymous=True), REGISTERED),
        ("YY-T01 2026-03-03 23:59:59 overdue",),
        settings={"anonymous.contact": "include"},
    ),
    Life(
        "contact by the office meets T01",
        (RECEIVED, ev("contact", "2026-03-02 10:00:00", role="hotline_office")),
        ("YY-T01 2026-03-03 23:59:59 met",),
    ),
    Life(
        "contact by the unit only: the office's does not end it",
        (RECEIVED, ev("contact", "2026-03-02 10:00:00", role="hotline_office")),
        ("YY-T01 2026-03-03 23:59:59 overdue",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "contact by the unit only: the unit's does",
        (RECEIVED, ev("contact", "2026-03-02 10:00:00", role="handling_unit")),
        ("YY-T01 2026-03-03 23:59:59 met",),
        settings={"contact_actor": "unit_only"},
    ),
    *(
        Life(
            f"with clocks running on over a redispatch, {rule} starts once",
            (
                *work(handling_class),
                ev("request_return", "2026-03-02 15:00:00"),
                ev("approve_return", "2026-03-02 16:00:00"),
                dispatched(handling_class, "2026-03-04 10:00:00"),
            ),
            (f"{rule} {due} {came_to}",),
            settings={"clock.redispatch": "continue"},
            without=(f"{rule} {anew}",),
        )
        for handling_class, rule, due, came_to, anew in (
            ("prompt", "YY-T02", "2026-03-03 23:59:59", "overdue", "2026-03-05"),
            ("", "YY-T03", "2026-03-09 23:59:59", "overdue", "2026-03-11"),
            ("complex", "YY-T04", "2026-03-16 23:59:59", "overdue", "2026-03-18"),
            ("", "YY-T05", "2026-03-05 23:59:59", "unused", "2026-03-09"),
            ("complex", "YY-T07", "2026-03-09 23:59:59", "unused", "2026-03-11"),
        )
    ),
    *(
        Life(
            f"a returned order's next unit gets its own {rule}",
            (
                *work(handling_class),
                ev("request_return", "2026-03-02 15:00:00"),
                ev("approve_return", "2026-03-02 16:00:00"),
                dispatched(handling_class, "2026-03-04 10:00:00"),
            ),
            (f"{rule} {first} void", f"{rule} {second}"),
        )
        for handling_class, rule, first, second in (
            ("", "YY-T03", "2026-03-09 23:59:59", "2026-03-11 23:59:59 overdue"),
            ("complex", "YY-T04", "2026-03-16 23:59:59", "2026-03-18 23:59:59 overdue"),
            ("", "YY-T05", "2026-03-05 23:59:59", "2026-03-09 23:59:59 unused"),
            ("complex", "YY-T07", "2026-03-09 23:59:59", "2026-03-11 23:59:59 unused"),
        )
    ),
    Life(
        "redone and signed on the last second",
        (*REDOING, ev("accept", "2026-03-05 12:00:00"), done("2026-03-10 23:59:59", **SIGNED)),
        ("YY-T08 2026-03-10 23:59:59 met", "YY-T03 2026-03-09 23:59:59 met"),
    ),
    Life(
        "redone a second late",
        (*REDOING, ev("accept", "2026-03-05 12:00:00"), done("2026-03-11 00:00:00", **SIGNED)),
        ("YY-T08 2026-03-10 23:59:59 late",),
    ),
    Life(
        "redone in time, signed a second late: marked, not refused",
        (
            *REDOING,
            ev("accept", "2026-03-05 12:00:00"),
            done("2026-03-10 18:00:00", signed_by="分管领导", signed_at="2026-03-11 00:00:00"),
        ),
        ("YY-T08 2026-03-10 23:59:59 late",),
    ),
    Life(
        "where the signature may come later, only who signs is asked",
        (
            *REDOING,
            ev("accept", "2026-03-05 12:00:00"),
            done("2026-03-10 18:00:00", signed_by="分管领导", signed_at="2026-03-11 00:00:00"),
        ),
        ("YY-T08 2026-03-10 23:59:59 met",),
        settings={"yy.redo_sign_within": "false"},
    ),
    Life(
        "where the signature may come later, no time of signing is asked",
        (
            *REDOING,
            ev("accept", "2026-03-05 12:00:00"),
            done("2026-03-10 18:00:00", signed_by="分管领导"),
        ),
        settings={"yy.redo_sign_within": "false"},
    ),
    Life(
        "where the signature may come later, a signer is still asked",
        (*REDOING, ev("accept", "2026-03-05 12:00:00"), done("2026-03-10 18:00:00")),
        found=("resolve YY-R08",),
        settings={"yy.redo_sign_within": "false"},
    ),
    Life(
        "redone without a signer",
        (
            *REDOING,
            ev("accept", "2026-03-05 12:00:00"),
            done("2026-03-10 18:00:00", signed_at="2026-03-10 10:00:00"),
        ),
        found=("resolve YY-R08",),
    ),
    Life(
        "redone without the time of signing",
        (
            *REDOING,
            ev("accept", "2026-03-05 12:00:00"),
            done("2026-03-10 18:00:00", signed_by="分管领导"),
        ),
        found=("resolve YY-R08",),
    ),
    Life(
        "each redo has three days of its own",
        (
            *REDOING,
            ev("accept", "2026-03-05 12:00:00"),
            done("2026-03-10 18:00:00", **SIGNED),
            ev("revisit", "2026-03-11 10:00:00", satisfaction="dissatisfied"),
            ev("redo", "2026-03-11 11:00:00"),
        ),
        ("YY-T08 2026-03-10 23:59:59 met", "YY-T08 2026-03-16 23:59:59 overdue"),
    ),
    Life(
        "closing without one of the five grounds",
        (*work(), ev("resolve", "2026-03-04 10:00:00"), ev("close", "2026-03-04 12:00:00")),
        found=("close YY-G02",),
    ),
    *(
        Life(
            f"closing on the ground {ground}",
            (
                *work(),
                ev("resolve", "2026-03-04 10:00:00", closing_ground=ground),
                ev("close", "2026-03-04 12:00:00"),
            ),
        )
        for ground in ("completed", "planned", "legal_procedure", "channel_given", "impossible")
    ),
    Life(
        "a ground given by an earlier reply does not serve the last one",
        (
            *work(),
            done("2026-03-04 10:00:00"),
            ev("send_back", "2026-03-04 10:30:00"),
            ev("resolve", "2026-03-04 11:00:00"),
            ev("close", "2026-03-04 12:00:00"),
        ),
        found=("close YY-G02",),
    ),
    Life(
        "a running or decided procedure without its statement",
        (*work(), done("2026-03-04 10:00:00", handling_path="procedure_statement")),
        found=("resolve YY-G04",),
    ),
    Life(
        "a running or decided procedure with its statement",
        (*work(), done("2026-03-04 10:00:00", handling_path="procedure_statement", report="情况说明")),
    ),
    Life(
        "the other paths need no statement",
        (*work(), done("2026-03-04 10:00:00", handling_path="explain_no_basis")),
    ),
    Life(
        "an extension without reasons",
        (*work(), ev("request_extension", "2026-03-04 10:00:00", report="书面报告")),
        found=("request_extension YY-G05",),
    ),
    Life(
        "an extension with reasons",
        (*work(), ev("request_extension", "2026-03-04 10:00:00", reason="等待鉴定")),
    ),
    Life(
        "a complex extension with reasons but no report",
        (*work("complex"), ev("request_extension", "2026-03-04 10:00:00", reason="等待鉴定")),
        found=("request_extension YY-G05",),
    ),
    Life(
        "a complex extension with its report",
        (*work("complex"), ev("request_extension", "2026-03-04 10:00:00", report="书面报告")),
    ),
    Life(
        "the office extends an ordinary order",
        (*work(), ASKED, ev("approve_extension", "2026-03-06 09:00:00", role="hotline_office")),
    ),
    Life(
        "the city office does not extend an ordinary order",
        (*work(), ASKED, ev("approve_extension", "2026-03-06 09:00:00", role="city_office")),
        found=("approve_extension YY-R04",),
    ),
    Life(
        "the city office extends a complex order",
        (
            *work("complex"),
            ASKED_COMPLEX,
            ev(
                "approve_extension", "2026-03-12 09:00:00", role="city_office",
                order_due="2026-04-20 18:00:00",
            ),
        ),
    ),
    Life(
        "the office alone does not extend a complex order",
        (
            *work("complex"),
            ASKED_COMPLEX,
            ev(
                "approve_extension", "2026-03-12 09:00:00", role="hotline_office",
                order_due="2026-04-20 18:00:00",
            ),
        ),
        found=("approve_extension YY-R05",),
    ),
    Life(
        "a unit may ask for a return, as an objection, at any time",
        (*work(), ev("request_return", "2026-03-20 15:00:00", role="handling_unit")),
    ),
    Life(
        "where units have no return, asking is refused",
        (*work(), ev("request_return", "2026-03-02 15:00:00", role="handling_unit")),
        found=("request_return YY-G01",),
        settings={"yy.unit_return": "none"},
    ),
    Life(
        "the receipt day counted",
        work(),
        ("YY-T03 2026-03-06 23:59:59 overdue",),
        settings={"wd.count_receipt_day": "true"},
    ),
    Life(
        "a close of business",
        work(),
        ("YY-T03 2026-03-09 17:30:00 overdue",),
        settings={"wd.day_end": "17:30:00"},
    ),
)  # fmt: skip

IN: Doings = (("receive", {}), ("register", {}))
AT_WORK: Doings = (*IN, ("dispatch", {}), ("accept", {}))
ASKING: Doings = (*AT_WORK, ("request_extension", {"reason": "等待鉴定"}))
ASKING_COMPLEX: Doings = (
    *IN,
    ("dispatch", {"handling_class": "complex"}),
    ("accept", {}),
    ("request_extension", {"report": "书面报告"}),
)
DONE: Doings = (*AT_WORK, ("resolve", {"closing_ground": "completed"}))


def called_back(satisfaction: str) -> Doings:
    return (*DONE, ("revisit", {"satisfaction": satisfaction}))


def routed(category: str) -> Doings:
    return (("receive", {}), ("register", {"category": category}))


OFFICE = ("hotline_office",)
WHOSE: tuple[Whose, ...] = (
    Whose("YY-G01", IN, "hand_back", OFFICE),
    Whose("YY-R01", (("receive", {}),), "register", OFFICE),
    Whose("YY-R01", ASKING, "refuse_extension", OFFICE),
    Whose("YY-R01", AT_WORK, "urge", OFFICE),
    Whose("YY-T02", IN, "dispatch", OFFICE),
    Whose("YY-T02", IN, "dispatch", ("handling_unit",), {"yy.class_by": "unit"}),
    Whose("YY-R03", routed("by_law"), "dispatch", OFFICE),
    Whose("YY-R03", routed("by_agreement"), "dispatch", OFFICE),
    Whose("YY-R03", routed("by_designation"), "dispatch", ("hotline_branch_leader",)),
    Whose("YY-R03", IN, "dispatch", ()),
    Whose("YY-G03", AT_WORK, "supervise", OFFICE),
    Whose("YY-R04", ASKING, "approve_extension", OFFICE),
    Whose("YY-R05", ASKING, "approve_extension", ()),
    Whose("YY-R05", ASKING_COMPLEX, "approve_extension", ("city_office",)),
    Whose("YY-R07", AT_WORK, "assign", ("main_leader", "hotline_branch_leader")),
    Whose("YY-C01", DONE, "revisit", OFFICE),
    Whose("YY-C03", called_back("dissatisfied"), "redo", OFFICE),
    Whose("YY-C03", called_back("neutral"), "redo", ()),
    Whose("YY-C03", called_back("neutral"), "redo", OFFICE, {"yy.redo_on": "neutral_too"}),
    Whose("YY-C03", called_back("dissatisfied"), "redo", OFFICE, {"yy.redo_on": "neutral_too"}),
    Whose("YY-C03", called_back("satisfied"), "redo", (), {"yy.redo_on": "neutral_too"}),
    Whose("YY-C04", AT_WORK, "resolve", ("handling_unit",)),
)

ADVICE = (
    Advice(AT_WORK, "request_return", {"YY-G01": ("reason",)}),
    Advice(AT_WORK, "supervise", {"YY-G03": ("ground",)}),
    Advice(AT_WORK, "assign", {"YY-R07": ("lead", "assisting")}),
    Advice(DONE, "revisit", {"YY-C02": ("contacted", "outcome", "satisfaction", "process_satisfaction")}),
)

SHELF = Shelf(
    name="YY",
    lives=LIVES,
    whose=WHOSE,
    advice=ADVICE,
    duties=("YY-T01", "YY-T02", "YY-T03", "YY-T04", "YY-T08"),
    on_receipt=("YY-T01",),
    kinds=("clock", "guard", "extension", "role"),
    counts={"T": 8, "G": 5, "R": 9, "C": 4, "S": 2, "B": 2, "E": 4, "P": 6, "D": 1},
    total=41,
)
