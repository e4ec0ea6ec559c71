"""
Talks of every level, each with who may hold it, what stands against that, and what is then entered by hand.

A `TalkLife` proposes a talk of a level about a unit and holds it, once by each of `tried`: `found` are the
findings, " (noted)" where they do not refuse. `whose` is whose business holding it is. Enforced, the last
try is the one that holds it; what it calls for in the adjustments is `entered`, and `then` after it is
found not rectified. The lives of orders beside them show the talk before a dispatch.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from paidan.engine.availability import available
from paidan.engine.decide import decide
from paidan.engine.evolve import fold
from paidan.engine.talks import to_enter
from paidan.policies.loader import Document
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import Command, Entry, Order
from support.case_lives import CaseLife, on
from support.lives import AS_OF, beijing, book

CASE = "甲科~talk~2026-03"


class Try(NamedTuple):
    """Somebody holds the talk, with these people; what is found."""

    role: str
    attended: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class TalkLife:
    level: str
    whose: tuple[str, ...]
    tried: tuple[Try, ...]
    entered: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def says(self) -> str:
        return " ".join((self.level, *self.settings.values()))


def _talk(rules: Rulebook, level: str) -> tuple[Order, list[Entry]]:
    command = Command(
        CASE, "propose_talk", beijing("2026-04-02 09:00:00"), unit="甲科", attributes={"level": level}
    )
    decision = decide(Order(CASE), command, rules)
    return decision.order, list(decision.entries)


def check_talk(life: TalkLife, rules: Rulebook) -> None:
    """Raise where the talks of that level are no longer what they were."""
    order, log = _talk(rules, life.level)
    offered = next(one for one in available(order, rules, AS_OF) if one.event == "hold_talk")
    assert tuple(role for whose in offered.whose for role in whose.roles) == life.whose, life.says
    decision = decide(order, Command(CASE, "note", beijing("2026-04-07 09:00:00")), rules)
    for one in life.tried:
        command = Command(
            CASE, "hold_talk", beijing("2026-04-08 09:00:00"), role=one.role,
            attributes={"attended": one.attended} if one.attended else {},
        )  # fmt: skip
        decision = decide(order, command, rules)
        found = tuple(
            f"{finding.code} {finding.rule}{'' if finding.refuses else ' (noted)'}"
            for finding in decision.findings
        )
        assert found == one.found, f"{life.says}: {one.role} {one.attended}: {found}"
        assert decision.refused == any(finding.refuses for finding in decision.findings)
    assert not decision.refused, life.says
    log += decision.entries
    assert entered(log, rules) == life.entered, f"{life.says}: {entered(log, rules)}"
    denial = Command(CASE, "deny_rectified", beijing("2026-06-01 09:00:00"), role="hotline_office")
    log += decide(decision.order, denial, rules).entries
    assert fold(CASE, log, rules).state == "unrectified"
    assert entered(log, rules)[len(life.entered) :] == life.then, f"{life.says}: {entered(log, rules)}"


def entered(log: list[Entry], rules: Rulebook) -> tuple[str, ...]:
    return tuple(
        " ".join(filter(None, (one.unit, one.at, one.code, one.points, one.confirmed_by, one.month)))
        for one in to_enter(log, rules)
    )


def one_holds(level, role, whom, rule, *, other="dispatcher", entered=(), then=(), **settings) -> TalkLife:
    """A level that one leader holds: another is refused, a role not said is not, who is absent is noted."""
    tried = (
        Try(other, whom, (f"not_role {rule}",)),
        Try(role, "", (f"not_said {rule} (noted)",)),
        Try(role, "他人", (f"not_attending {rule} (noted)",)),
        Try("", whom),
        Try(role, whom),
    )
    named = {name.replace("__", "."): value for name, value in settings.items()}
    return TalkLife(level, (role,), tried, entered, then, named)


def two_hold(level, roles, labels, whom, rule, *, entered=(), then=()) -> TalkLife:
    """A level that two leaders hold together: whoever of them enters it, the other must have come."""
    first, second = roles
    tried = (
        Try("main_leader", f"{labels[0]}、{labels[1]}、{whom}", (f"not_role {rule}",)),
        Try(first, "", (f"not_said {rule}",)),
        Try(first, whom, (f"not_attending {rule}",)),
        Try("", f"{labels[0]}、{whom}", (f"not_attending {rule}",)),
        Try("", f"{labels[1]}、{whom}", (f"not_attending {rule}",)),
        Try(first, labels[1], (f"not_attending {rule} (noted)",)),
        Try("", f"{first}, {second}, {whom}"),
        Try(second, f"{labels[0]}、{whom}"),
        Try(first, f"{labels[1]}、{whom}"),
    )
    return TalkLife(level, roles, tried, entered, then)


HEAD = "单位主要负责人"
TALKS: dict[str, tuple[TalkLife, ...]] = {
    "JY": (
        one_holds("centre_head", "centre_head", HEAD, "JY-E01"),
        one_holds(
            "branch", "hotline_branch_leader", HEAD, "JY-E02",
            entered=("甲科 2026-04-08 talk_branch 1 hotline_branch_leader 2026-04",),
        ),
        two_hold(
            "joint", ("discipline_secretary", "hotline_branch_leader"), ("纪工委书记", "热线分管领导"), HEAD,
            "JY-E04", entered=("甲科 2026-04-08 talk_joint 2 discipline_secretary 2026-04",),
        ),
        one_holds(
            "main", "main_leader", HEAD, "JY-E07",
            entered=("甲科 2026-04-08 talk_main 3 main_leader 2026-04",),
            then=("甲科 2026-06-01 JY-E09 hotline_office 2026-06",),
        ),
        one_holds(
            "main", "main_leader", HEAD, "JY-E07",
            entered=("甲科 2026-04-08 talk_main 3 main_leader 2026-03",),
            then=("甲科 2026-06-01 JY-E09 hotline_office 2026-06",), jy__talk_month="month_of_cause",
        ),
        one_holds(
            "talk_first", "administrative_head", "甲科张科长", "JY-R11", other="main_leader",
            entered=("甲科 2026-04-08 talk_main 3 administrative_head 2026-04",),
            then=("甲科 2026-06-01 JY-E09 hotline_office 2026-06",),
        ),
    ),
    "BS": (
        one_holds("point_meeting", "hotline_branch_leader", "甲科王科长", "BS-E01"),
        TalkLife(
            "leader_report", (),
            (Try("dispatcher", "副职", ("not_attending BS-E02 (noted)",)), Try("licensing_section", HEAD)),
        ),
        TalkLife(
            "branch_talk", ("party_branch_leader",),
            (
                Try("hotline_branch_leader", "", ("not_role BS-E03",)),
                Try("party_branch_leader", "单位分管负责人", ("not_attending BS-E03 (noted)",)),
                Try("party_branch_leader", "对口机关科室负责人", ("not_attending BS-E03 (noted)",)),
                Try("party_branch_leader", "单位分管负责人、对口机关科室负责人"),
            ),
        ),
        one_holds("main_talk", "main_leader", HEAD, "BS-E04"),
        one_holds("guidance", "licensing_section", "承办单位", "BS-E07"),
    ),
    "YY": (
        one_holds("quarter_talk", "main_leader", HEAD, "YY-E01"),
        TalkLife(
            "duty_talk", ("hotline_branch_leader", "business_branch_leader"),
            (
                Try("main_leader", HEAD, ("not_role YY-E02",)),
                Try("hotline_branch_leader", "副职", ("not_attending YY-E02 (noted)",)),
                Try("hotline_branch_leader", HEAD), Try("business_branch_leader", HEAD),
            ),
        ),
        one_holds("main_talk", "main_leader", HEAD, "YY-E04"),
    ),
    "ZZ": (
        two_hold(
            "vice_talk", ("organisation_vice_head", "government_office_head"),
            ("区委组织部分管副部长", "区政府办公室负责同志"), "单位分管负责人", "ZZ-E02",
        ),
        two_hold(
            "head_talk", ("organisation_head", "district_leader"), ("区委组织部部长", "区政府分管领导"), HEAD,
            "ZZ-E03",
        ),
    ),
}  # fmt: skip


def check_talks(name: str, document: Document) -> None:
    """Raise where the talks of a document are no longer what they were."""
    for life in TALKS[name]:
        check_talk(life, book(document, life.settings))


RECEIVED = on("O", "receive", "2026-03-02 09:00:00", order_due="2026-03-20")
TALK_FIRST = "talk_first"


def registered(**said):
    return (RECEIVED, on("O", "register", "2026-03-02 09:05:00", **said))


def dispatched(at="2026-03-02 09:10:00", unit="甲", **said):
    return on("O", "dispatch", at, unit=unit, **said)


def held(at="2026-03-02 09:08:00"):
    return on("~talk~1", "hold_talk", at, role="administrative_head", attended="甲", unit="甲")


OPENED = "~talk~1 open_talk proposed JY-R11 talk_first"
BEFORE_DISPATCH: tuple[CaseLife, ...] = (
    CaseLife(
        "a talk asked for at registration, held, then dispatched",
        (*registered(category=TALK_FIRST), held(), dispatched(category=TALK_FIRST)),
        (OPENED, "~talk~1 hold_talk held", "~talk~1 dispatch_after_talk held"),
    ),
    CaseLife(
        "an order dispatched like any other asks for no talk",
        (*registered(category="dispatched"), dispatched(category="dispatched")),
        (),
    ),
    CaseLife(
        "whoever is named for it holds the talk, asked for at registration",
        registered(category=TALK_FIRST),
        (OPENED,),
        whose=(("~talk~1", "hold_talk", ("administrative_head",)),),
    ),
    CaseLife(
        "the dispatch need not say again what registration said",
        (*registered(category=TALK_FIRST), held(), dispatched()),
        (OPENED, "~talk~1 hold_talk held", "~talk~1 dispatch_after_talk held"),
    ),
    CaseLife(
        "dispatched before the talk was held: noted, not refused, and the talk may still be held",
        (
            *registered(category=TALK_FIRST),
            dispatched(category=TALK_FIRST),
            held("2026-03-02 10:00:00"),
        ),
        (
            OPENED,
            "~talk~1 dispatch_after_talk proposed",
            "~talk~1 hold_talk held",
            "~talk~1 dispatch_after_talk JY-R11 (noted)",
        ),
    ),
    CaseLife(
        "a talk asked for with the dispatch alone is opened then, and was not held before",
        (*registered(), dispatched(category=TALK_FIRST)),
        (OPENED, "~talk~1 dispatch_after_talk proposed", "~talk~1 dispatch_after_talk JY-R11 (noted)"),
        whose=(("~talk~1", "hold_talk", ("administrative_head",)),),
    ),
    CaseLife(
        "a dispatch of another category does not ask for the talk",
        (*registered(category=TALK_FIRST), dispatched(category="joint")),
        (OPENED,),
    ),
    CaseLife(
        "rectified before the dispatch: the talk was held all the same",
        (
            *registered(category=TALK_FIRST),
            held(),
            on("~talk~1", "confirm_rectified", "2026-03-02 09:09:00"),
            dispatched(category=TALK_FIRST),
        ),
        (
            OPENED,
            "~talk~1 hold_talk held",
            "~talk~1 confirm_rectified rectified",
            "~talk~1 dispatch_after_talk rectified",
        ),
    ),
    CaseLife(
        "a talk that was dropped is none: the dispatch asks for another",
        (
            *registered(category=TALK_FIRST),
            on("~talk~1", "drop_talk", "2026-03-02 09:08:00", reason="单位已配合"),
            dispatched(category=TALK_FIRST),
        ),
        (
            OPENED,
            "~talk~1 drop_talk dropped",
            "~talk~2 open_talk proposed JY-R11 talk_first",
            "~talk~2 dispatch_after_talk proposed",
            "~talk~2 dispatch_after_talk JY-R11 (noted)",
        ),
    ),
    CaseLife(
        "dispatched again after another refusal, with a talk of its own once the first is over",
        (
            *registered(category=TALK_FIRST),
            held(),
            dispatched(category=TALK_FIRST),
            on("~talk~1", "deny_rectified", "2026-03-02 12:00:00", reason="仍拒单"),
            on("O", "request_return", "2026-03-02 13:00:00", unit="甲", reason="职责不符", owner="乙"),
            on("O", "approve_return", "2026-03-02 14:00:00"),
            dispatched("2026-03-02 15:00:00", "乙", category=TALK_FIRST),
        ),
        (
            OPENED,
            "~talk~1 hold_talk held",
            "~talk~1 dispatch_after_talk held",
            "~talk~1 deny_rectified unrectified",
            "~talk~2 open_talk proposed JY-R11 talk_first",
            "~talk~2 dispatch_after_talk proposed",
            "~talk~2 dispatch_after_talk JY-R11 (noted)",
        ),
    ),
)
"""What becomes of the talk before a dispatch, JY 附件3 第四条(三)."""
