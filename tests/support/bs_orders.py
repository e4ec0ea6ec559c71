"""Small lives of one order under BS, each with what must come of it, and the lists of its annexes."""

from support.lives import Advice, Doings, Event, Life, Shelf, Whose, ev

RECEIVED = ev("receive", "2026-03-02 09:00:00", order_due="2026-03-20 18:00:00")
REGISTERED = ev("register", "2026-03-02 09:30:00")
DISPATCHED = ev("dispatch", "2026-03-02 10:00:00", unit="A")
START = (RECEIVED, REGISTERED, DISPATCHED)
ACCEPTED = ev("accept", "2026-03-02 13:59:59")
AT_WORK = (*START, ACCEPTED)
FLAGGED = ev("flag_risk", "2026-03-02 15:00:00", trigger="group_interest", mark="R-1")
PLAN = {"verify": "核", "design": "方", "communicate": "沟", "track": "跟", "evaluate": "评"}
FORM = {"number": "1", "earlier_handling": "已踏勘", "difficulty": "权属不清", "proposal": "派乙"}
REPLY = {
    "outcome": "resolved",
    "recording": "r.wav",
    "result_text": "已修复",
    "policy_basis": "条例",
    "follow_up": "巡查",
}
TALKED = (ev("deep_talk", "2026-03-04 09:00:00"), ev("deep_talk", "2026-03-04 10:00:00"))


def classed(handling_class: str, at: str = "2026-03-02 10:00:00", unit: str = "A") -> Event:
    return ev("dispatch", at, unit=unit, handling_class=handling_class)


def done(**said: object) -> tuple[Event, ...]:
    """Feedback with these words of the full reply changed (None: left out), then closing."""
    reply = {name: value for name, value in {**REPLY, **said}.items() if value is not None}
    return ev("resolve", "2026-03-05 09:00:00", **reply), ev("close", "2026-03-05 10:00:00")


def returned(at: str = "2026-03-02 16:00:00") -> tuple[Event, ...]:
    return ev("request_return", "2026-03-02 15:30:00"), ev("approve_return", at)


LIVES: tuple[Life, ...] = (
    Life(
        "every limit met at its last second",
        (
            RECEIVED,
            REGISTERED,
            classed("solve_now"),
            ACCEPTED,
            FLAGGED,
            ev("contact", "2026-03-02 23:59:59"),
            ev("submit_plan", "2026-03-03 15:00:00", **PLAN),
            *TALKED,
            ev("file_dispute", "2026-03-04 23:59:59", **FORM),
            ev("resolve", "2026-03-05 09:00:00", **REPLY),
            ev("close", "2026-03-05 23:59:59"),
        ),
        (
            "BS-T01 2026-03-02 23:59:59 met",
            "BS-T02 2026-03-03 15:00:00 met",
            "BS-T03 2026-03-04 23:59:59 met",
            "BS-T04 2026-03-05 23:59:59 met",
        ),
    ),
    *(
        Life(
            f"a disputed order dispatched anew {says}",
            (
                *AT_WORK,
                ev("file_dispute", "2026-03-03 09:00:00", **FORM),
                *signed,
                ev("request_return", "2026-03-03 12:00:00"),
                ev("approve_return", "2026-03-03 13:00:00"),
                ev("dispatch", "2026-03-03 14:00:00", unit="乙"),
            ),
            found=found,
        )
        for says, signed, found in (
            ("before it is decided", (), ("dispatch BS-R03 (noted)",)),
            (
                "while the last signature is missing",
                (ev("sign", "2026-03-03 10:00:00", role="unit_head"),),
                ("dispatch BS-R03 (noted)",),
            ),
            (
                "to the unit that was named",
                (ev("sign", "2026-03-03 10:00:00", role="main_leader", responsible="乙"),),
                (),
            ),
        )
    ),
    Life(
        "every limit missed by one second",
        (
            RECEIVED,
            REGISTERED,
            classed("solve_now"),
            ACCEPTED,
            FLAGGED,
            ev("contact", "2026-03-03 00:00:00"),
            ev("submit_plan", "2026-03-03 15:00:01", **PLAN),
            *TALKED,
            ev("file_dispute", "2026-03-05 00:00:00", **FORM),
            ev("resolve", "2026-03-05 09:00:00", **REPLY),
            ev("close", "2026-03-06 00:00:00"),
        ),
        (
            "BS-T01 2026-03-02 23:59:59 late",
            "BS-T02 2026-03-03 15:00:00 late",
            "BS-T03 2026-03-04 23:59:59 late",
            "BS-T04 2026-03-05 23:59:59 late",
        ),
        ("file_dispute BS-T03",),
    ),
    Life(
        "nothing done: duties run out, the window passes",
        (RECEIVED, REGISTERED, classed("solve_now"), ACCEPTED, FLAGGED),
        (
            "BS-T01 2026-03-02 23:59:59 overdue",
            "BS-T02 2026-03-03 15:00:00 overdue",
            "BS-T03 2026-03-04 23:59:59 unused",
            "BS-T04 2026-03-05 23:59:59 overdue",
        ),
    ),
    Life(
        "the form and the quick closing count from the dispatch, not from the acceptance",
        (RECEIVED, REGISTERED, classed("solve_now"), ev("accept", "2026-03-03 09:00:00")),
        (
            "BS-T01 2026-03-03 23:59:59 overdue",
            "BS-T03 2026-03-04 23:59:59 unused",
            "BS-T04 2026-03-05 23:59:59 overdue",
        ),
        timed_out=("BS-T01", "BS-T04"),
    ),
    Life(
        "accepted at 14:00 sharp: no limit on the contact",
        (*START, ev("accept", "2026-03-02 14:00:00")),
        without=("BS-T01",),
    ),
    Life(
        "accepted at 14:00 sharp, read as included",
        (*START, ev("accept", "2026-03-02 14:00:00")),
        ("BS-T01 2026-03-02 23:59:59 overdue",),
        settings={"before_1400": "inclusive"},
    ),
    Life(
        "a second past 14:00 is after it in either reading",
        (*START, ev("accept", "2026-03-02 14:00:01")),
        settings={"before_1400": "inclusive"},
        without=("BS-T01",),
    ),
    Life(
        "contact due by 14:00",
        (*AT_WORK, ev("contact", "2026-03-02 14:00:00")),
        ("BS-T01 2026-03-02 14:00:00 met",),
        settings={"bs.contact_due": "by_1400"},
    ),
    Life(
        "after the cut-off: the next day at 14:00",
        (*START, ev("accept", "2026-03-02 14:00:00")),
        ("BS-T01 2026-03-03 14:00:00 overdue",),
        settings={"bs.contact_after_cutoff": "next_day_1400"},
    ),
    Life(
        "after the cut-off: 24 hours",
        (*START, ev("accept", "2026-03-02 16:30:00")),
        ("BS-T01 2026-03-03 16:30:00 overdue",),
        settings={"bs.contact_after_cutoff": "24h"},
    ),
    Life(
        "on a Sunday too",
        (
            RECEIVED,
            REGISTERED,
            ev("dispatch", "2026-03-07 10:00:00", unit="A"),
            ev("accept", "2026-03-08 09:00:00"),
        ),
        ("BS-T01 2026-03-08 23:59:59 overdue", "BS-T03 2026-03-10 23:59:59 unused"),
    ),
    Life(
        "contact before the acceptance has met it",
        (*START, ev("contact", "2026-03-02 11:00:00"), ACCEPTED),
        ("BS-T01 2026-03-02 23:59:59 met",),
    ),
    Life(
        "anonymous: the contact row stays, void; no talks are asked for",
        (
            ev("receive", "2026-03-02 09:00:00", anonymous=True),
            REGISTERED,
            DISPATCHED,
            ACCEPTED,
            FLAGGED,
            ev("contact", "2026-03-02 16:00:00"),
            *done(),
        ),
        ("BS-T01 2026-03-02 23:59:59 void",),
    ),
    Life(
        "anonymous orders not left out",
        (ev("receive", "2026-03-02 09:00:00", anonymous=True), REGISTERED, DISPATCHED, ACCEPTED),
        ("BS-T01 2026-03-02 23:59:59 overdue",),
        settings={"anonymous.contact": "include"},
    ),
    Life(
        "the office's contact serves",
        (*AT_WORK, ev("contact", "2026-03-02 16:00:00", role="dispatcher")),
        ("BS-T01 2026-03-02 23:59:59 met",),
    ),
    Life(
        "contact by the unit only: the office's does not serve",
        (*AT_WORK, ev("contact", "2026-03-02 16:00:00", role="dispatcher")),
        ("BS-T01 2026-03-02 23:59:59 overdue",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "contact by the unit only: the unit's does",
        (*AT_WORK, ev("contact", "2026-03-02 16:00:00", role="handling_unit")),
        ("BS-T01 2026-03-02 23:59:59 met",),
        settings={"contact_actor": "unit_only"},
    ),
    Life(
        "the first acceptance of a dispatch counts, not one after a redo",
        (
            *START,
            ev("accept", "2026-03-02 15:00:00"),
            *done(),
            ev("redo", "2026-03-06 09:00:00"),
            ev("accept", "2026-03-06 10:00:00"),
        ),
        without=("BS-T01",),
    ),
    Life(
        "an approved return voids the open clocks; a new unit gets fresh ones, and its own contact limit",
        (
            RECEIVED,
            REGISTERED,
            classed("solve_now"),
            ACCEPTED,
            FLAGGED,
            *returned(),
            classed("solve_now", "2026-03-04 10:00:00", "B"),
            ev("accept", "2026-03-04 11:00:00"),
        ),
        (
            "BS-T01 2026-03-02 23:59:59 void",
            "BS-T02 2026-03-03 15:00:00 void",
            "BS-T03 2026-03-04 23:59:59 void",
            "BS-T04 2026-03-05 23:59:59 void",
            "BS-T01 2026-03-04 23:59:59 overdue",
            "BS-T03 2026-03-06 23:59:59 unused",
            "BS-T04 2026-03-09 23:59:59 overdue",
        ),
    ),
    Life(
        "a return approved after midnight leaves the contact overdue",
        (*AT_WORK, *returned("2026-03-03 00:00:00")),
        ("BS-T01 2026-03-02 23:59:59 overdue", "BS-T03 2026-03-04 23:59:59 void"),
    ),
    Life(
        "with the clocks running on over a redispatch there is one of each",
        (
            RECEIVED,
            REGISTERED,
            classed("solve_now"),
            ACCEPTED,
            classed("solve_now", "2026-03-04 10:00:00", "B"),
            ev("accept", "2026-03-04 11:00:00"),
        ),
        (
            "BS-T01 2026-03-02 23:59:59 overdue",
            "BS-T03 2026-03-04 23:59:59 unused",
            "BS-T04 2026-03-05 23:59:59 overdue",
        ),
        ("dispatch no_such_move",),
        settings={"clock.redispatch": "continue"},
        without=("BS-T01 2026-03-04", "BS-T03 2026-03-06", "BS-T04 2026-03-09"),
    ),
    Life(
        "a return has no window",
        (*AT_WORK, ev("request_return", "2026-04-20 09:00:00")),
    ),
    Life(
        "the first risk flag starts the plan, a second changes nothing",
        (
            *AT_WORK,
            FLAGGED,
            ev("flag_risk", "2026-03-02 18:00:00", trigger="legacy_or_complex", mark="R-1"),
        ),
        ("BS-T02 2026-03-03 15:00:00 overdue",),
        without=("BS-T02 2026-03-03 18:00:00",),
    ),
    Life(
        "flagged before any dispatch",
        (RECEIVED, ev("flag_risk", "2026-03-02 09:10:00", trigger="group_interest", mark="R-1")),
        ("BS-T02 2026-03-03 09:10:00 overdue",),
    ),
    Life(
        "the plan counted from receipt",
        (*AT_WORK, FLAGGED),
        ("BS-T02 2026-03-03 09:00:00 overdue",),
        settings={"bs.risk_start": "received_at"},
    ),
    Life(
        "neither trigger nor mark: told beforehand, not refused",
        (*AT_WORK, ev("flag_risk", "2026-03-02 15:00:00")),
    ),
    *(
        Life(
            f"a plan without {part}",
            (
                *AT_WORK,
                FLAGGED,
                ev("submit_plan", "2026-03-03 09:00:00", **{k: v for k, v in PLAN.items() if k != part}),
            ),
            found=("submit_plan BS-G03",),
        )
        for part in PLAN
    ),
    *(
        Life(
            f"an enquiry form without {part}",
            (
                *AT_WORK,
                ev("file_dispute", "2026-03-03 09:00:00", **{k: v for k, v in FORM.items() if k != part}),
            ),
            found=("file_dispute BS-G09",),
        )
        for part in FORM
    ),
    Life(
        "the licensing section may take a late form",
        (*AT_WORK, ev("file_dispute", "2026-03-05 00:00:00", role="licensing_section", **FORM)),
        ("BS-T03 2026-03-04 23:59:59 late",),
    ),
    Life(
        "another role may not",
        (*AT_WORK, ev("file_dispute", "2026-03-05 00:00:00", role="unit_head", **FORM)),
        found=("file_dispute BS-T03",),
    ),
    Life(
        "with late forms refused the licensing section may not either",
        (*AT_WORK, ev("file_dispute", "2026-03-05 00:00:00", role="licensing_section", **FORM)),
        found=("file_dispute BS-T03",),
        settings={"bs.dispute_late": "refuse"},
    ),
    Life(
        "a risk order with two talks closes",
        (*AT_WORK, FLAGGED, *TALKED, *done()),
    ),
    Life(
        "a risk order with one talk does not",
        (*AT_WORK, FLAGGED, TALKED[0], *done()),
        found=("close BS-G04",),
    ),
    Life(
        "talks count over the whole order, before the flag and under another unit too",
        (
            *AT_WORK,
            ev("deep_talk", "2026-03-02 14:30:00"),
            *returned(),
            ev("dispatch", "2026-03-03 10:00:00", unit="B"),
            ev("accept", "2026-03-03 15:00:00"),
            ev("flag_risk", "2026-03-03 16:00:00", trigger="group_interest", mark="R-1"),
            ev("deep_talk", "2026-03-04 14:30:00"),
            *done(),
        ),
    ),
    Life(
        "three talks asked for",
        (*AT_WORK, FLAGGED, *TALKED, *done()),
        found=("close BS-G04",),
        settings={"bs.deep_talks_before_close": "3"},
    ),
    Life("an order without risk needs no talk", (*AT_WORK, *done())),
    *(
        Life(f"a closing reply without {part}", (*AT_WORK, *done(**{part: None})), found=("close BS-G05",))
        for part in ("recording", "result_text", "policy_basis", "follow_up")
    ),
    Life(
        "a written reply on file stands for the recording", (*AT_WORK, *done(recording=None, evidence="函"))
    ),
    Life("no conclusion", (*AT_WORK, *done(outcome=None)), found=("close BS-G06",)),
    Life(
        "a staged demand with goal and date",
        (
            RECEIVED,
            REGISTERED,
            classed("staged"),
            ACCEPTED,
            *done(stage_goal="一期", stage_due="2026-06-30 18:00:00"),
        ),
        without=("BS-T04",),
    ),
    Life(
        "a staged demand without goal is noted",
        (RECEIVED, REGISTERED, classed("staged"), ACCEPTED, *done(stage_due="2026-06-30 18:00:00")),
        found=("resolve BS-G07 (noted)",),
    ),
    Life(
        "a staged demand without date is noted",
        (RECEIVED, REGISTERED, classed("staged"), ACCEPTED, *done(stage_goal="一期")),
        found=("resolve BS-G07 (noted)",),
    ),
    Life(
        "not solvable now, on file",
        (RECEIVED, REGISTERED, classed("not_solvable_now"), ACCEPTED, *done(filed=True)),
        without=("BS-T04",),
    ),
    Life(
        "not solvable now, not on file",
        (RECEIVED, REGISTERED, classed("not_solvable_now"), ACCEPTED, *done()),
        found=("close BS-G08",),
    ),
    Life(
        "not solvable now, said not to be on file",
        (RECEIVED, REGISTERED, classed("not_solvable_now"), ACCEPTED, *done(filed=False)),
        found=("close BS-G08",),
    ),
    Life("no class: neither three days nor a filing", (*AT_WORK, *done()), without=("BS-T04",)),
    Life(
        "the licensing section approves an exclusion",
        (
            *AT_WORK,
            ev("request_exclusion", "2026-03-03 09:00:00", exclusion="military", evidence="函"),
            ev("approve_exclusion", "2026-03-03 10:00:00", role="licensing_section"),
        ),
    ),
    Life(
        "the district does not",
        (
            *AT_WORK,
            ev("request_exclusion", "2026-03-03 09:00:00", exclusion="military", evidence="函"),
            ev("approve_exclusion", "2026-03-03 10:00:00", role="district_office"),
        ),
        found=("approve_exclusion BS-R06",),
    ),
    Life(
        "the district approves where it is the approver",
        (
            *AT_WORK,
            ev("request_exclusion", "2026-03-03 09:00:00", exclusion="military", evidence="函"),
            ev("approve_exclusion", "2026-03-03 10:00:00", role="district_office"),
        ),
        settings={"bs.exclusion_approver": "district"},
    ),
    Life(
        "then the licensing section does not",
        (
            *AT_WORK,
            ev("request_exclusion", "2026-03-03 09:00:00", exclusion="military", evidence="函"),
            ev("approve_exclusion", "2026-03-03 10:00:00", role="licensing_section"),
        ),
        found=("approve_exclusion BS-R06",),
        settings={"bs.exclusion_approver": "district"},
    ),
    Life(
        "no role said refuses nothing",
        (
            *AT_WORK,
            ev("request_exclusion", "2026-03-03 09:00:00", exclusion="military", evidence="函"),
            ev("approve_exclusion", "2026-03-03 10:00:00"),
        ),
    ),
)

ANNEX_3 = {
    f"BS-X{number:02d}": situation
    for number, situation in enumerate(
        (
            "other_legal_channel", "central_authority", "military", "classified_matter", "personal_privacy",
            "law_enforcement_case", "anti_fraud", "sudden_disaster", "natural_disaster",
            "public_health_event", "public_opinion_event", "major_project", "improper_demand",
            "policy_not_accepted", "neighbour_avoidance", "major_event", "merchant_closure",
            "consumer_dispute", "medical_dispute", "other_contract_dispute", "other_tort_compensation",
            "backstop_accepted",
        ),
        start=1,
    )
}  # fmt: skip
"""Situations that leave the satisfaction statistics, by rule."""

_ENQUIRY, _CASE, _SUGGESTION = ("enquiry",), ("complaint_report", "help", "other"), ("suggestion",)
ANNEX_4 = {
    "BS-X23": ("policy_info", _ENQUIRY, True),
    "BS-X24": ("no_policy_info", _ENQUIRY, False),
    "BS-X25": ("explanation_accepted", _ENQUIRY, True),
    "BS-X26": ("explanation_refused", _ENQUIRY, False),
    "BS-X27": ("founded", _CASE, True),
    "BS-X28": ("partly_founded", _CASE, True),
    "BS-X29": ("unfounded", _CASE, False),
    "BS-X30": ("adopted", _SUGGESTION, True),
    "BS-X31": ("partly_adopted", _SUGGESTION, True),
    "BS-X32": ("kept_for_reference", _SUGGESTION, False),
    "BS-X33": ("not_adopted", _SUGGESTION, False),
}
"""Findings at closing, the case types they belong to, and whether the order is evaluated, by rule."""

_CASE_TYPES = ("enquiry", "complaint_report", "help", "other", "suggestion")


def _of_type(case_type: str, finding: str) -> tuple[Event, ...]:
    received = ev("receive", "2026-03-02 09:00:00", case_type=case_type)
    resolved, closed = done(finding=finding)
    return (received, REGISTERED, DISPATCHED, ACCEPTED, resolved, ev(closed[0], closed[1], finding=finding))


LIVES += (
    *(
        Life(
            f"{rule}: {situation} asked for with evidence, then another without",
            (
                *AT_WORK,
                ev("request_exclusion", "2026-03-03 09:00:00", exclusion=situation, evidence="函"),
                ev("refuse_exclusion", "2026-03-03 10:00:00"),
                ev("request_exclusion", "2026-03-03 11:00:00", exclusion=situation),
            ),
            found=(f"request_exclusion {rule}",),
        )
        for rule, situation in ANNEX_3.items()
    ),
    *(
        Life(
            f"{rule}: {finding} of {case_type}",
            _of_type(case_type, finding),
            found=()
            if case_type in case_types
            else (f"resolve {rule} (noted)", f"close {rule} (noted)"),
        )
        for rule, (finding, case_types, _) in ANNEX_4.items()
        for case_type in _CASE_TYPES
    ),
    Life("a finding where the case type is not known", (*AT_WORK, *done(finding="adopted"))),
)  # fmt: skip

_HELD: Doings = (("receive", {}), ("register", {}), ("dispatch", {}), ("accept", {}))
WHOSE = (
    Whose("BS-R02", _HELD, "contact", ("handling_unit",)),
    Whose("BS-R03", _HELD, "resolve", ("handling_unit",)),
    Whose(
        "BS-R04",
        (*_HELD, ("file_dispute", {})),
        "sign",
        ("unit_head", "business_branch_leader", "hotline_branch_leader", "main_leader"),
    ),
    Whose("BS-R04", _HELD, "sign", ()),
)

ADVICE = (
    Advice(_HELD, "flag_risk", {"BS-G01": ("trigger",), "BS-G02": ("mark",)}),
    Advice(_HELD, "submit_plan", {}),
)

SHELF = Shelf(
    name="BS",
    lives=LIVES,
    whose=WHOSE,
    advice=ADVICE,
    exclusions={rule: (situation, ("satisfaction",)) for rule, situation in ANNEX_3.items()},
    findings=ANNEX_4,
    duties=("BS-T01", "BS-T02", "BS-T04"),
    kinds=("clock", "guard", "exclusion", "finding", "role"),
    counts={"T": 6, "G": 9, "R": 6, "C": 3, "S": 9, "B": 1, "E": 7, "X": 33, "P": 10, "D": 2},
    total=86,
)
