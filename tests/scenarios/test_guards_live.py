"""Live orders under BS and ZZ: each refusal names rule, clause and a Chinese reason, and writes nothing."""

import pytest
from support import bs_orders, zz_orders
from support.bs_orders import ANNEX_3, FLAGGED, FORM, PLAN, TALKED, classed, done
from support.lives import Event, Life, beijing, ev

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.outcomes import Outcome


class Desk:
    """An engine under a policy, whose clock goes where the events of a life are."""

    def __init__(self, path, policy: str, settings: dict[str, str] | None = None) -> None:
        self.clock = SimulatedClock(beijing("2026-03-02 09:00:00"))
        self.engine = Engine.open(f"sqlite:///{path}", policy, settings=settings, clock=self.clock)

    def submit(self, event: Event, order: str = "A") -> Outcome:
        name, at, said = event
        self.clock.advance_to(beijing(at))
        return self.engine.submit(order, name, **said)

    def run(self, events: tuple[Event, ...], order: str = "A") -> list[tuple[str, Outcome]]:
        return [(event[0], self.submit(event, order)) for event in events]


def refusals(ran: list[tuple[str, Outcome]]) -> list[tuple[str, str]]:
    return [(event, reason.rule) for event, outcome in ran for reason in outcome.reasons() if reason.refuses]


Case = tuple[str, tuple[Event, ...], str, str, str]
"""Policy, events of which the last is objected to, rule, clause, the sentence or its end."""
HELD = bs_orders.AT_WORK
LATE_FORM = ev("file_dispute", "2026-03-05 00:00:00", **FORM)
UNMARKED = "2026-03-03 09:00:00"

REFUSED: tuple[Case, ...] = (
    ("BS", (*HELD, LATE_FORM), "BS-T03", "三(三)1", "的期限已于2026-03-04 23:59:59届满，逾期不予受理"),
    (
        "BS",
        (*HELD, FLAGGED, ev("submit_plan", UNMARKED, **{**PLAN, "track": ""})),
        "BS-G03",
        "三(一)3",
        "预案须有五个部分：缺少进度跟踪",
    ),
    (
        "BS",
        (*HELD, FLAGGED, TALKED[0], *done()),
        "BS-G04",
        "三(一)3",
        "风险工单结案前深度沟通：深度沟通次数不足2次",
    ),
    (
        "BS",
        (*HELD, *done(recording=None, follow_up=None)),
        "BS-G05",
        "三(三)2",
        "结案回复须留存录音并写明结果、依据、后续保障：尚未满足（结案回复已留存、已写明后续保障）",
    ),
    (
        "BS",
        (*HELD, *done(outcome=None)),
        "BS-G06",
        "三(三)1",
        "每项诉求须有明确结论：尚未满足（已写明解决情况）",
    ),
    (
        "BS",
        (*HELD[:2], classed("not_solvable_now"), bs_orders.ACCEPTED, *done()),
        "BS-G08",
        "三(三)3",
        "暂时无法解决的须向委行政许可科备案：尚未满足（已备案）",
    ),
    (
        "BS",
        (*HELD, ev("file_dispute", UNMARKED, number="1", difficulty="难")),
        "BS-G09",
        "附件2",
        "征询单须填写完整：缺少前期处置、建议",
    ),
    (
        "BS",
        (
            *HELD,
            ev("request_exclusion", UNMARKED, exclusion="military", evidence="函"),
            ev("approve_exclusion", "2026-03-03 10:00:00", role="district_office"),
        ),
        "BS-R06",
        "六",
        "剔除由委行政许可科批准：只能由委行政许可科办理，不是区热线办",
    ),
    *(
        (
            "BS",
            (*HELD, ev("request_exclusion", UNMARKED, exclusion=situation)),
            rule,
            f"附件3 {number}",
            "：缺少证据",
        )
        for number, (rule, situation) in enumerate(ANNEX_3.items(), start=1)
    ),
    (
        "ZZ",
        (*zz_orders.AT_WORK, ev("request_exclusion", UNMARKED, exclusion="unreasonable")),
        "ZZ-X01",
        "四(三)注",
        "不合理诉求：缺少证据",
    ),
)


@pytest.mark.parametrize("case", REFUSED, ids=[case[2] for case in REFUSED])
def test_a_refusal_names_rule_clause_and_reason(tmp_path, case):
    policy, events, rule, clause, text = case
    desk = Desk(tmp_path / "orders.db", policy)
    with desk.engine:
        for before in events[:-1]:
            assert desk.submit(before).accepted
        seen, log = desk.engine.order("A"), desk.engine.history("A")
        outcome = desk.submit(events[-1])
        assert not outcome.accepted
        (reason,) = (one for one in outcome.reasons() if one.refuses)
        assert (reason.rule, reason.clause) == (rule, clause)
        assert reason.text.endswith(text)
        assert outcome.reasons("en")[0].text.isascii() or rule == "BS-R06"
        kept = [entry for entry in desk.engine.history("A") if entry.event != "time_out"]
        assert kept == [entry for entry in log if entry.event != "time_out"]
        assert desk.engine.order("A").state == seen.state


def test_every_refusing_rule_is_among_the_refusals():
    guards = {f"BS-G{number:02d}" for number in (3, 4, 5, 6, 8, 9)}
    assert {case[2] for case in REFUSED} == {"BS-T03", "BS-R06", "ZZ-X01", *guards, *ANNEX_3}


NOTED: tuple[Case, ...] = (
    (
        "BS",
        (*HELD[:2], classed("staged"), bs_orders.ACCEPTED, done(stage_goal="一期")[0]),
        "BS-G07",
        "三(三)3",
        "阶段性推进的须写明阶段目标与时限：缺少阶段时限",
    ),
    (
        "BS",
        (ev("receive", "2026-03-02 09:00:00", case_type="help"), *HELD[1:], done(finding="adopted")[0]),
        "BS-X30",
        "附件4",
        "采纳：“采纳”不是求助类工单的结论，视为没有",
    ),
    (
        "ZZ",
        (*zz_orders.AT_WORK, ev("request_return", UNMARKED, return_kind="noncompliant", reason="诉讼")),
        "ZZ-G01",
        "四(二)2",
        "不合规工单回退须写明沟通情况与理由：缺少已告知诉求人或先行联系时间",
    ),
)


@pytest.mark.parametrize("case", NOTED, ids=[case[2] for case in NOTED])
def test_what_is_noted_is_taken_with_rule_clause_and_reason(tmp_path, case):
    policy, events, rule, clause, text = case
    desk = Desk(tmp_path / "orders.db", policy)
    with desk.engine:
        _, outcome = desk.run(events)[-1]
        assert outcome.accepted
        assert [one[:3] for one in outcome.reasons()] == [(rule, clause, text)]


@pytest.mark.parametrize("policy", ["BS", "ZZ"])
def test_live_orders_come_out_as_decided(tmp_path, policy):
    """All lives at once, an engine for each choice of settings: what is refused first is what was found."""
    groups: dict[str, list[Life]] = {}
    for life in {"BS": bs_orders, "ZZ": zz_orders}[policy].LIVES:
        groups.setdefault(str(life.settings), []).append(life)
    for number, lives in enumerate(groups.values()):
        desk = Desk(tmp_path / f"{number}.db", policy, lives[0].settings)
        events = sorted(
            ((event, life.says) for life in lives for event in life.events), key=lambda one: one[0][1]
        )
        with desk.engine:
            ran: dict[str, list[tuple[str, Outcome]]] = {life.says: [] for life in lives}
            for event, order in events:
                ran[order].append((event[0], desk.submit(event, order)))
        for life in lives:
            found = [tuple(one.split()) for one in life.found if not one.endswith("(noted)")]
            refused = [(event, rule or "no_such_move") for event, rule in refusals(ran[life.says])]
            assert refused[:1] == found[:1], life.says


def test_the_documents_disagree_about_the_same_log(tmp_path):
    log = (
        *zz_orders.START,
        zz_orders.ACCEPTED,
        ev("request_exclusion", "2026-03-02 12:00:00", exclusion="unreasonable"),
        ev("request_exclusion", "2026-03-02 12:30:00", exclusion="military"),
        ev("resolve", "2026-03-21 09:00:00", result_text="已修复"),
        ev("close", "2026-03-21 10:00:00"),
    )
    came: dict[str, list[tuple[str, str]]] = {}
    states = {}
    for policy in ("BS", "ZZ"):
        desk = Desk(tmp_path / f"{policy}.db", policy)
        with desk.engine:
            came[policy] = refusals(desk.run(log))
            states[policy] = desk.engine.order("A").state
            raised = [one.rule for one in desk.engine.history("A") if one.event == "time_out"]
            assert raised == {"BS": ["BS-T01"], "ZZ": ["ZZ-T03"]}[policy]
    assert came["BS"] == [
        ("request_exclusion", ""),
        ("close", "BS-G05"),
        ("close", "BS-G06"),
    ]
    assert came["ZZ"] == [("request_exclusion", "ZZ-X01")]
    assert states == {"BS": "resolved", "ZZ": "closed"}


def test_a_late_returner_is_told_to_lead_and_a_redo_to_name_its_ground(tmp_path):
    desk = Desk(tmp_path / "orders.db", "ZZ")
    with desk.engine:
        desk.run((*zz_orders.START, zz_orders.asked("2026-03-04 00:00:00", reason="非本单位")))
        assert not desk.engine._service.rebuild()
        offered = {one.event: one for one in desk.engine.available("A")}
        assert [(one.rule, one.roles) for one in offered["assign"].whose] == [("ZZ-R02", ("handling_unit",))]
        assert [(one.rule, one.refuses) for one in offered["redo"].advice] == [("ZZ-G03", False)]
