"""The lives of cases, document by document."""

from collections.abc import Iterator

from support.case_lives import CaseLife, CaseShelf, Happening, on
from support.talk_lives import BEFORE_DISPATCH

Happenings = tuple[Happening, ...]
SHEET, ENQUIRY, EXTENSION, TOPIC, TALK = (
    f"~{name}~1" for name in ("supervision", "enquiry", "extension", "topic", "talk")
)


def registered(**said: str) -> Happenings:
    return on("O", "receive", "2026-03-02 09:00:00"), on("O", "register", "2026-03-02 09:05:00", **said)


def dispatched(**said: str) -> Happenings:
    return (*registered(), on("O", "dispatch", "2026-03-02 09:10:00", unit="甲", **said))


def at_work(**said: str) -> Happenings:
    return (
        *dispatched(**said),
        on("O", "accept", "2026-03-02 10:00:00", unit="甲"),
        on("O", "contact", "2026-03-02 11:00:00", unit="甲"),
    )


def done(at: str, **said: str) -> Happening:
    return on("O", "resolve", at, unit="甲", closing_ground="completed", **said)


def replied(at: str, *, met: bool) -> Happening:
    return on("O", "supervision_reply", at, unit="甲", met=met)


def sheet(at: str = "2026-03-03 11:00:00", **said: str) -> Happening:
    return on(SHEET, "issue_sheet", at, **{"number": "2026-1", "reply_due": "2026-03-05 18:00:00", **said})


SUPERVISED = (*at_work(handling_class="ordinary"), on("O", "supervise", "2026-03-03 10:00:00", ground="推诿"))
IN_TIME = done("2026-03-06 11:00:00")
OPENED = f"{SHEET} open_supervision supervised YY-R06 推诿"
ISSUED = f"{SHEET} issue_sheet supervised"


def sheets_kept(opened: str, rule: str, order: Happenings, *unfit: str) -> Iterator[CaseLife]:
    """A sheet answered in its last second, a second later, unfit and then fit, and never; `unfit` brings."""
    last, later = "2026-03-05 18:00:00", "2026-03-05 18:00:01"
    fit, out = f"{SHEET} answer_sheet replied", f"{SHEET} time_out supervised {rule}"
    clock = f"{SHEET} {rule} {last}"
    for says, replies, came in (
        ("in its last second", (replied(last, met=True),), (fit, f"{clock} met")),
        ("a second late", (replied(later, met=True),), (out, fit, f"{clock} late")),
        (
            "in time, but fit only when it is too late",
            (replied(last, met=False), replied(later, met=True)),
            (f"{SHEET} answer_sheet unmet", out.replace("supervised", "unmet"), fit, f"{clock} late", *unfit),
        ),
        ("never", (), (out, f"{clock} overdue")),
    ):
        yield CaseLife(
            f"a sheet answered {says}", (*order, sheet(), *replies, IN_TIME), (opened, ISSUED, *came)
        )


def proposed(at: str, out_of: str, due: str, handling_class: str, *more: Happening) -> Iterator[CaseLife]:
    """An order finished in the last second of its limit, and a second after it."""
    order = (*at_work(handling_class=handling_class), *more)
    yield CaseLife(f"{out_of} met in its last second opens nothing", (*order, done(due)), ())
    yield CaseLife(
        f"{out_of} missed by a second proposes a supervision",
        (*order, done(at)),
        (f"{SHEET} propose_supervision proposed YY-G03 due_but_undone",),
        whose=((SHEET, "drop_supervision", ("hotline_office",)),),
    )


CALLED_BACK = (*at_work(handling_class="ordinary"), IN_TIME)
REDONE = (
    done("2026-03-03 09:00:00"),
    on("O", "revisit", "2026-03-03 10:00:00", satisfaction="dissatisfied", source="centre"),
    on("O", "redo", "2026-03-03 11:00:00"),
    on("O", "accept", "2026-03-03 12:00:00", unit="甲"),
)


def called(**said: str) -> Happenings:
    return (*CALLED_BACK, on("O", "revisit", "2026-03-09 10:00:00", **said))


DISSATISFIED = f"{SHEET} propose_supervision proposed YY-G03 dissatisfied_callback"
ASKED = on("O", "request_extension", "2026-03-04 10:00:00", unit="甲", reason="等待鉴定", report="报告")
ASKED_ORDINARY = (*at_work(handling_class="ordinary"), ASKED)
ASKED_COMPLEX = (*at_work(handling_class="complex"), ASKED)
EXAMINED = on(EXTENSION, "examine_extension", "2026-03-04 11:00:00", role="hotline_office")
REPORTED = on(EXTENSION, "report_extension", "2026-03-04 12:00:00", role="district_office")


def granted(at: str, role: str = "city_office", **said: str) -> Happening:
    return on("O", "approve_extension", at, role=role, **said)


GRANTED_COMPLEX = granted("2026-03-05 09:00:00", order_due="2026-04-20 18:00:00")
DONE_LATE = done("2026-03-13 10:00:00")
YY_LIVES = (
    CaseLife(
        "an unfit reply has a talk with the main leader proposed; a fit one ends the supervision",
        (
            *SUPERVISED,
            sheet(),
            replied("2026-03-04 10:00:00", met=False),
            replied("2026-03-04 15:00:00", met=False),
            replied("2026-03-05 10:00:00", met=True),
            on(SHEET, "end_supervision", "2026-03-06 10:00:00", role="party_government_office"),
            IN_TIME,
        ),
        (
            OPENED,
            ISSUED,
            f"{SHEET} answer_sheet unmet",
            f"{SHEET} answer_sheet unmet",
            f"{SHEET} answer_sheet replied",
            f"{SHEET} end_supervision ended",
            f"{SHEET} YY-R06 2026-03-05 18:00:00 met",
            f"{TALK} open_talk proposed YY-E04 main_talk",
        ),
        whose=(
            (TALK, "arrange_talk", ("party_government_office",)),
            (TALK, "hold_talk", ("main_leader",)),
        ),
    ),
    *sheets_kept(OPENED, "YY-R06", SUPERVISED, f"{TALK} open_talk proposed YY-E04 main_talk"),
    CaseLife(
        "a sheet should have a number and a limit; without a limit no clock runs",
        (*SUPERVISED, on(SHEET, "issue_sheet", "2026-03-03 11:00:00"), IN_TIME),
        (OPENED, ISSUED, f"{SHEET} issue_sheet YY-R06 (noted)"),
        whose=(
            (SHEET, "issue_sheet", ("dispatcher", "centre_head")),
            (SHEET, "end_supervision", ("party_government_office",)),
        ),
        wanted=((SHEET, "issue_sheet", ("number", "reply_due")),),
    ),
    *proposed("2026-03-04 00:00:00", "YY-T02", "2026-03-03 23:59:59", "prompt"),
    *proposed("2026-03-10 00:00:00", "YY-T03", "2026-03-09 23:59:59", "ordinary"),
    *proposed("2026-03-17 00:00:00", "YY-T04", "2026-03-16 23:59:59", "complex"),
    *proposed("2026-03-07 00:00:00", "YY-T08", "2026-03-06 23:59:59", "ordinary", *REDONE),
    CaseLife(
        "a first contact that is late opens nothing",
        (*dispatched(handling_class="ordinary"), on("O", "accept", "2026-03-05 10:00:00"), IN_TIME),
        (),
    ),
    CaseLife(
        "dissatisfied with the result in the district's callback",
        called(satisfaction="dissatisfied", source="district"),
        (DISSATISFIED,),
    ),
    CaseLife(
        "dissatisfied with the service in the district's callback",
        called(process_satisfaction="dissatisfied", source="district"),
        (DISSATISFIED,),
    ),
    CaseLife(
        "dissatisfied with both is one supervision",
        called(satisfaction="dissatisfied", process_satisfaction="dissatisfied", source="district"),
        (DISSATISFIED,),
    ),
    CaseLife(
        "the district's callback of who is satisfied opens nothing",
        called(satisfaction="satisfied", process_satisfaction="satisfied", source="district"),
        (),
    ),
    CaseLife(
        "a callback of the office's own opens nothing",
        called(satisfaction="dissatisfied", process_satisfaction="dissatisfied", source="centre"),
        (),
    ),
    CaseLife(
        "a further ground joins what is proposed; a proposal is dropped with a reason",
        (
            *at_work(handling_class="ordinary"),
            done("2026-03-10 00:00:00"),
            on("O", "revisit", "2026-03-10 09:00:00", satisfaction="dissatisfied", source="district"),
            on(SHEET, "drop_supervision", "2026-03-10 10:00:00", reason="已协调解决"),
        ),
        (
            f"{SHEET} propose_supervision proposed YY-G03 due_but_undone",
            f"{SHEET} add_ground proposed YY-G03 dissatisfied_callback",
            f"{SHEET} drop_supervision dropped",
        ),
    ),
    CaseLife(
        "a proposal is not dropped without a reason",
        (
            *called(satisfaction="dissatisfied", source="district"),
            on(SHEET, "drop_supervision", "2026-03-10 10:00:00"),
        ),
        (DISSATISFIED, f"{SHEET} drop_supervision dropped", f"{SHEET} drop_supervision YY-R06"),
    ),
    CaseLife(
        "the office itself grants an ordinary extension",
        (*ASKED_ORDINARY, granted("2026-03-05 09:00:00", "hotline_office"), DONE_LATE),
        (f"{EXTENSION} open_extension asked YY-R04", f"{EXTENSION} grant_extension granted"),
    ),
    CaseLife(
        "an ordinary extension is not reported upwards",
        (*ASKED_ORDINARY, EXAMINED, granted("2026-03-05 09:00:00", "hotline_office"), DONE_LATE),
        (
            f"{EXTENSION} open_extension asked YY-R04",
            f"{EXTENSION} examine_extension examined",
            f"{EXTENSION} grant_extension granted",
            f"{EXTENSION} examine_extension YY-R04",
        ),
    ),
    CaseLife(
        "an extension beyond ten days takes the office, the district and the city",
        (*ASKED_COMPLEX, EXAMINED, REPORTED, GRANTED_COMPLEX, DONE_LATE),
        (
            f"{EXTENSION} open_extension asked YY-R05",
            f"{EXTENSION} examine_extension examined",
            f"{EXTENSION} report_extension reported",
            f"{EXTENSION} grant_extension granted",
        ),
    ),
    CaseLife(
        "what the district has not passed on is granted with a note",
        (*ASKED_COMPLEX, EXAMINED, GRANTED_COMPLEX, DONE_LATE),
        (
            f"{EXTENSION} open_extension asked YY-R05",
            f"{EXTENSION} examine_extension examined",
            f"{EXTENSION} grant_extension granted",
            f"{EXTENSION} grant_extension YY-R05 (noted)",
        ),
    ),
    CaseLife(
        "the steps upwards are the business of the office and of the district",
        (
            *ASKED_COMPLEX,
            on(EXTENSION, "examine_extension", "2026-03-04 11:00:00", role="district_office"),
            on(EXTENSION, "report_extension", "2026-03-04 12:00:00", role="hotline_office"),
            DONE_LATE,
        ),
        (
            f"{EXTENSION} open_extension asked YY-R05",
            f"{EXTENSION} examine_extension examined",
            f"{EXTENSION} report_extension reported",
            f"{EXTENSION} examine_extension YY-R05",
            f"{EXTENSION} report_extension YY-R05",
        ),
        whose=(
            (EXTENSION, "examine_extension", ("hotline_office",)),
            (EXTENSION, "report_extension", ("district_office",)),
        ),
    ),
    CaseLife(
        "a talk of another kind is nobody's by the article on supervision",
        (on("甲~talk~1", "propose_talk", "2026-03-03 10:00:00", level="duty_talk"),),
        ("甲~talk~1 propose_talk proposed duty_talk",),
        whose=(
            ("甲~talk~1", "arrange_talk", ()),
            ("甲~talk~1", "hold_talk", ("hotline_branch_leader", "business_branch_leader")),
        ),
    ),
)

FORM = {"number": "2026-1", "earlier_handling": "已现场查看", "difficulty": "权属不清", "proposal": "乙"}
FILED = (*dispatched(), on("O", "file_dispute", "2026-03-03 09:00:00", unit="甲", **FORM))
OPINION = {"opinion": "同意"}


def signed(hour: int, role: str, **said: str) -> Happening:
    at = f"2026-03-04 {hour:02d}:00:00"
    return on("O", "sign", at, role=role, **{"signed_at": at, **said})


def received(role: str = "licensing_section") -> Happening:
    return on(ENQUIRY, "receive_enquiry", "2026-03-04 11:30:00", role=role)


FIRST, SECOND = signed(9, "unit_head"), signed(10, "business_branch_leader", **OPINION)
THIRD = signed(12, "hotline_branch_leader", **OPINION)
FOURTH = signed(13, "main_leader", responsible="乙", **OPINION)
STEPS = tuple(
    f"{ENQUIRY} {step}"
    for step in (
        "open_enquiry filed BS-R04",
        "sign_enquiry reviewed",
        "sign_enquiry agreed",
        "receive_enquiry received",
        "sign_enquiry endorsed",
        "sign_enquiry decided",
    )
)
SIGNED_AMISS, SIGNED_BARELY = f"{ENQUIRY} sign_enquiry BS-R04", f"{ENQUIRY} sign_enquiry BS-G09 (noted)"
BS_LIVES = (
    CaseLife(
        "a form with its four signatures names the unit",
        (*FILED, FIRST, SECOND, received(), THIRD, FOURTH),
        STEPS,
    ),
    *(
        CaseLife(
            f"the signature of {role} in the place of another is none",
            (*FILED, *before, signed(14, role, responsible="乙", **OPINION)),
            (*came, SIGNED_AMISS),
            whose=((ENQUIRY, "sign_enquiry", (alone,)),),
        )
        for role, alone, before, came in (
            ("business_branch_leader", "unit_head", (), STEPS[:1]),
            ("unit_head", "business_branch_leader", (FIRST,), STEPS[:2]),
            ("main_leader", "hotline_branch_leader", (FIRST, SECOND, received()), STEPS[:4]),
            ("hotline_branch_leader", "main_leader", (FIRST, SECOND, received(), THIRD), STEPS[:5]),
        )
    ),
    CaseLife(
        "the form is received by the licensing section",
        (*FILED, FIRST, SECOND, received("unit_head")),
        (*STEPS[:4], f"{ENQUIRY} receive_enquiry BS-R04"),
        whose=((ENQUIRY, "receive_enquiry", ("licensing_section",)),),
    ),
    CaseLife(
        "a form that the section has not received goes up with a note",
        (*FILED, FIRST, SECOND, THIRD),
        (*STEPS[:3], STEPS[4], f"{SIGNED_AMISS} (noted)"),
    ),
    CaseLife(
        "the last signature names the unit, or is none",
        (*FILED, FIRST, SECOND, received(), THIRD, signed(13, "main_leader", **OPINION)),
        (*STEPS[:5], SIGNED_AMISS),
    ),
    CaseLife(
        "the unit's head signs without an opinion, but with a date",
        (*FILED, on("O", "sign", "2026-03-04 09:00:00", role="unit_head")),
        (*STEPS[:2], SIGNED_BARELY),
    ),
    CaseLife(
        "a date that is yet to come is none",
        (*FILED, on("O", "sign", "2026-03-04 09:00:00", role="unit_head", signed_at="2026-03-04 09:00:01")),
        (*STEPS[:2], SIGNED_BARELY),
    ),
    *(
        CaseLife(
            f"signatures of leaders without {without}",
            (
                *FILED,
                FIRST,
                signed(10, "business_branch_leader", **said),
                received(),
                signed(12, "hotline_branch_leader", **said),
                signed(13, "main_leader", responsible="乙", **said),
            ),
            (*STEPS, *[SIGNED_BARELY] * 3),
        )
        for without, said in (("an opinion", {}), ("a date", {**OPINION, "signed_at": "2026-03-05 00:00:00"}))
    ),
    CaseLife(
        "a form is withdrawn, and what is signed then concerns no case",
        (*FILED, FIRST, on(ENQUIRY, "withdraw_enquiry", "2026-03-04 09:30:00", reason="权属已清"), SECOND),
        (*STEPS[:2], f"{ENQUIRY} withdraw_enquiry withdrawn"),
    ),
)

JY_SUPERVISED = f"{SHEET} open_supervision supervised JY-B07"
JY_ORDER = (*at_work(), on("O", "supervise", "2026-03-03 10:00:00"))
ENDORSED = on(TOPIC, "endorse_topic", "2026-03-02 10:00:00", role="hotline_branch_leader")
SUBMITTED = registered(category="topic")
UNCLEAR = f"{TOPIC} open_topic submitted JY-R10"
JY_LIVES = (
    *sheets_kept(JY_SUPERVISED, "JY-B07", JY_ORDER),
    CaseLife(
        "a supervising order sets the time",
        (*JY_ORDER, on(SHEET, "issue_sheet", "2026-03-03 11:00:00", number="2026-1")),
        (
            JY_SUPERVISED,
            ISSUED,
            f"{SHEET} issue_sheet JY-B07",
            f"{SHEET} issue_sheet JY-B07 (noted)",
        ),
    ),
    CaseLife(
        "the centre decides on an extension, and on another",
        (
            *at_work(),
            ASKED,
            on("O", "refuse_extension", "2026-03-05 09:00:00"),
            on("O", "request_extension", "2026-03-05 10:00:00", unit="甲"),
            done("2026-03-06 09:00:00"),
            on("O", "close", "2026-03-06 10:00:00"),
        ),
        (
            f"{EXTENSION} open_extension asked JY-T08",
            f"{EXTENSION} deny_extension denied",
            "~extension~2 open_extension asked JY-T08",
            "~extension~2 lapse_extension lapsed",
        ),
    ),
    CaseLife(
        "an extension is not reported upwards",
        (*at_work(), ASKED, EXAMINED),
        (
            f"{EXTENSION} open_extension asked JY-T08",
            f"{EXTENSION} examine_extension examined",
            f"{EXTENSION} examine_extension JY-T08",
        ),
    ),
    CaseLife(
        "an unclear matter is endorsed by the branch leader, then by the main leader with the unit",
        (
            *SUBMITTED,
            ENDORSED,
            on(TOPIC, "endorse_topic", "2026-03-02 11:00:00", role="main_leader", lead="乙", assisting="丙"),
        ),
        (UNCLEAR, f"{TOPIC} endorse_topic endorsed", f"{TOPIC} endorse_topic settled"),
    ),
    CaseLife(
        "the leader of a branch of business may be the first",
        (*SUBMITTED, on(TOPIC, "endorse_topic", "2026-03-02 10:00:00", role="business_branch_leader")),
        (UNCLEAR, f"{TOPIC} endorse_topic endorsed"),
        whose=((TOPIC, "endorse_topic", ("main_leader",)),),
    ),
    CaseLife(
        "the main leader is not the first",
        (*SUBMITTED, on(TOPIC, "endorse_topic", "2026-03-02 10:00:00", role="main_leader", lead="乙")),
        (UNCLEAR, f"{TOPIC} endorse_topic endorsed", f"{TOPIC} endorse_topic JY-R10"),
    ),
    CaseLife(
        "the second signature is the main leader's",
        (
            *SUBMITTED,
            ENDORSED,
            on(TOPIC, "endorse_topic", "2026-03-02 11:00:00", role="hotline_branch_leader", lead="乙"),
        ),
        (
            UNCLEAR,
            f"{TOPIC} endorse_topic endorsed",
            f"{TOPIC} endorse_topic settled",
            f"{TOPIC} endorse_topic JY-R10",
        ),
    ),
    CaseLife(
        "the second signature names the unit",
        (*SUBMITTED, ENDORSED, on(TOPIC, "endorse_topic", "2026-03-02 11:00:00", role="main_leader")),
        (
            UNCLEAR,
            f"{TOPIC} endorse_topic endorsed",
            f"{TOPIC} endorse_topic settled",
            f"{TOPIC} endorse_topic JY-R10",
        ),
    ),
    CaseLife(
        "a meeting names the unit",
        (*SUBMITTED, on(TOPIC, "meet_on_topic", "2026-03-02 10:00:00", minutes="纪要1")),
        (UNCLEAR, f"{TOPIC} meet_on_topic settled", f"{TOPIC} meet_on_topic JY-R10"),
    ),
    CaseLife(
        "a matter that is submitted waits for the leaders",
        SUBMITTED,
        (UNCLEAR,),
        whose=(
            (TOPIC, "endorse_topic", ("hotline_branch_leader", "business_branch_leader")),
            (TOPIC, "meet_on_topic", ("hotline_branch_leader", "main_leader")),
        ),
    ),
    *BEFORE_DISPATCH,
)


def returned(times: int) -> Happenings:
    days = [f"2026-03-{day:02d}" for day in range(2, 2 + times)]
    return (
        *registered(),
        *(
            step
            for day in days
            for step in (
                on("O", "dispatch", f"{day} 10:00:00", unit="甲"),
                on("O", "accept", f"{day} 11:00:00", unit="甲"),
                on("O", "request_return", f"{day} 12:00:00", unit="甲"),
                on("O", "approve_return", f"{day} 13:00:00"),
            )
        ),
    )


ZZ_LIVES = (
    CaseLife("an order returned three times is not supervised", returned(3), ()),
    CaseLife(
        "an order returned a fourth time is supervised by the centre, once",
        returned(5),
        (f"{SHEET} open_supervision supervised ZZ-G02 returned_often",),
        whose=(
            (SHEET, "issue_sheet", ("hotline_centre",)),
            (SHEET, "end_supervision", ("hotline_centre",)),
        ),
    ),
    CaseLife(
        "a limit that is long past is escalated and opens nothing",
        (
            on("O", "receive", "2026-03-02 09:00:00", order_due="2026-03-04 09:00:00"),
            on("O", "register", "2026-03-02 09:05:00"),
            on("O", "dispatch", "2026-03-02 09:10:00", unit="甲"),
        ),
        (),
        settings={"escalate.after": "1d"},
        as_recorded=True,
    ),
    CaseLife(
        "under supervision a reply that does not do is kept as such until one does",
        (
            *at_work(),
            on("O", "supervise", "2026-03-03 10:00:00"),
            replied("2026-03-04 10:00:00", met=False),
            replied("2026-03-05 10:00:00", met=True),
            on(SHEET, "end_supervision", "2026-03-06 10:00:00", role="hotline_centre"),
        ),
        (
            f"{SHEET} open_supervision supervised ZZ-S06",
            f"{SHEET} answer_sheet unmet",
            f"{SHEET} answer_sheet replied",
            f"{SHEET} end_supervision ended",
        ),
    ),
)

SHELVES = (
    CaseShelf("YY", YY_LIVES),
    CaseShelf("BS", BS_LIVES),
    CaseShelf("JY", JY_LIVES),
    CaseShelf("ZZ", ZZ_LIVES),
)
