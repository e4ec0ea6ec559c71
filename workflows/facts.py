"""
The closed table of order facts: the only thing a rule of a policy may look at.

Each fact has a kind and the events that set it. `learn` folds one event into the facts;
nothing else writes them, save `pool`, which the roster knows, and `asked_late`, which the clocks
of a request tell: `engine.evolve` adds both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto, member
from typing import Any, NamedTuple

from paidan.workflows.cases import OPENINGS
from paidan.workflows.records import Facts


class Kind(Enum):
    """What a fact holds."""

    INSTANT = auto()
    FLAG = auto()
    CHOICE = auto()
    COUNT = auto()


Known = dict[str, Any]


def _at(known: Known, name: str, what: Any, heard: "Heard") -> None:  # noqa: ARG001 - one shape for all
    known[name] = heard.at


def _first_at(known: Known, name: str, what: Any, heard: "Heard") -> None:  # noqa: ARG001
    if known.get(name) is None:
        known[name] = heard.at


def _at_if(known: Known, name: str, what: Any, heard: "Heard") -> None:
    if heard.said.get(what):
        known[name] = heard.at


def _said(known: Known, name: str, what: Any, heard: "Heard") -> None:
    if what in heard.said:
        known[name] = heard.said[what]


def _anew(known: Known, name: str, what: Any, heard: "Heard") -> None:
    known[name] = heard.said.get(what)


def _else(known: Known, name: str, what: Any, heard: "Heard") -> None:
    known[name] = heard.said.get(name, known.get(what))


def _present(known: Known, name: str, what: Any, heard: "Heard") -> None:
    known[name] = not heard.said.keys().isdisjoint(what)


def _unit(known: Known, name: str, what: Any, heard: "Heard") -> None:  # noqa: ARG001
    known[name] = heard.unit or None


def _keep_unit(known: Known, name: str, what: Any, heard: "Heard") -> None:  # noqa: ARG001
    if heard.unit:
        known[name] = heard.unit


def _is(known: Known, name: str, what: Any, heard: "Heard") -> None:  # noqa: ARG001
    known[name] = what


def _more(known: Known, name: str, what: Any, heard: "Heard") -> None:  # noqa: ARG001
    known[name] = (known.get(name) or 0) + 1


class Heard(NamedTuple):
    """What an event says for the facts: when, where, which attributes."""

    at: datetime
    unit: str
    said: Mapping[str, Any]


class How(Enum):
    """How an event sets a fact."""

    AT = member(_at)
    """the time of the event"""
    FIRST_AT = member(_first_at)
    """the time of the event, if the fact is not set yet"""
    AT_IF = member(_at_if)
    """the time of the event, if it carries the attribute"""
    SAID = member(_said)
    """the attribute, if the event carries it"""
    ANEW = member(_anew)
    """the attribute, or nothing: what an earlier event said is over"""
    PRESENT = member(_present)
    """whether the event carries one of the attributes"""
    ELSE = member(_else)
    """the attribute of the fact's own name, else the fact named"""
    UNIT = member(_unit)
    """the unit of the event"""
    KEEP_UNIT = member(_keep_unit)
    """the unit of the event, if it names one"""
    IS = member(_is)
    """a constant"""
    MORE = member(_more)
    """one more"""


class Setter(NamedTuple):
    """`event` sets a fact in the way `how` says, with `what` as its attribute or constant."""

    event: str
    how: How
    what: Any = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact's name, kind, labels, and what sets it."""

    name: str
    kind: Kind
    zh: str
    en: str
    setters: tuple[Setter, ...]


def _fact(name: str, kind: Kind, zh: str, en: str, *setters: Setter) -> Fact:
    return Fact(name, kind, zh, en, setters)


def _cleared(*events: str) -> tuple[Setter, ...]:
    return tuple(Setter(event, How.IS, None) for event in events)


def _to(value: Any, *events: str) -> tuple[Setter, ...]:
    return tuple(Setter(event, How.IS, value) for event in events)


_YES = True

FACTS: tuple[Fact, ...] = (
    _fact("received_at", Kind.INSTANT, "收到时间", "received", Setter("receive", How.FIRST_AT)),
    _fact("registered_at", Kind.INSTANT, "中心接单时间", "registered", Setter("register", How.FIRST_AT)),
    _fact("unit_received_at", Kind.INSTANT, "派单到达时间", "reached the unit", Setter("dispatch", How.AT)),
    _fact("redispatched_at", Kind.INSTANT, "重派时间", "sent to be redone", Setter("redo", How.AT)),
    _fact(
        "accepted_at",
        Kind.INSTANT,
        "承办接单时间",
        "accepted",
        Setter("accept", How.FIRST_AT),
        *_cleared("dispatch"),
    ),
    _fact("contacted_at", Kind.INSTANT, "先行联系时间", "first contact", Setter("contact", How.FIRST_AT)),
    _fact("resolved_at", Kind.INSTANT, "处置反馈时间", "resolved", Setter("resolve", How.AT)),
    _fact(
        "closed_at",
        Kind.INSTANT,
        "结案时间",
        "closed",
        Setter("close", How.FIRST_AT),
        *_cleared("dispatch", "redo"),
    ),
    _fact(
        "urgent_flagged_at",
        Kind.INSTANT,
        "标紧急时间",
        "flagged urgent",
        Setter("receive", How.AT_IF, "urgent"),
        Setter("flag_urgent", How.FIRST_AT),
    ),
    _fact(
        "receipt_due",
        Kind.INSTANT,
        "收件时限",
        "limit given at receipt",
        Setter("receive", How.SAID, "order_due"),
    ),
    _fact(
        "order_due",
        Kind.INSTANT,
        "工单时限",
        "the order's limit",
        Setter("receive", How.SAID, "order_due"),
        Setter("dispatch", How.ELSE, "receipt_due"),
        Setter("approve_extension", How.SAID, "order_due"),
    ),
    _fact("law_due", Kind.INSTANT, "法定时限", "limit given by law", Setter("receive", How.SAID, "law_due")),
    _fact(
        "extension_requested_at",
        Kind.INSTANT,
        "延期申请时间",
        "extension asked for",
        Setter("request_extension", How.AT),
        *_cleared("dispatch"),
    ),
    _fact(
        "urgent",
        Kind.FLAG,
        "紧急",
        "urgent",
        Setter("receive", How.SAID, "urgent"),
        *_to(_YES, "flag_urgent"),
    ),
    _fact("anonymous", Kind.FLAG, "匿名", "anonymous", Setter("receive", How.SAID, "anonymous")),
    _fact(
        "site_visit",
        Kind.FLAG,
        "需现场查看",
        "needs a site visit",
        Setter("dispatch", How.ANEW, "site_visit"),
    ),
    _fact("hazard", Kind.FLAG, "安全隐患", "safety hazard", Setter("dispatch", How.ANEW, "hazard")),
    _fact("disputed", Kind.FLAG, "权责有争议", "responsibility disputed", *_to(_YES, "file_dispute")),
    _fact(
        "responsible_named",
        Kind.FLAG,
        "已明确接单单位",
        "unit responsible named",
        Setter("sign", How.PRESENT, ("responsible",)),
    ),
    _fact(
        "checked_back",
        Kind.FLAG,
        "反馈后已回访",
        "called back since the feedback",
        *_to(_YES, "revisit"),
        *_cleared("resolve"),
    ),
    _fact(
        "category",
        Kind.CHOICE,
        "派遣类别",
        "dispatch category",
        Setter("register", How.SAID, "category"),
        Setter("dispatch", How.SAID, "category"),
        Setter("resolve", How.SAID, "category"),
        Setter("open_talk", How.SAID, "category"),
    ),
    _fact(
        "unit",
        Kind.CHOICE,
        "承办单位",
        "handling unit",
        Setter("dispatch", How.UNIT),
        Setter("redo", How.KEEP_UNIT),
        *(Setter(event, How.KEEP_UNIT) for event in ("arrange_talk", "hold_talk", "dispatch_after_talk")),
        *(Setter(event, How.UNIT) for event in OPENINGS),
    ),
    _fact("pool", Kind.CHOICE, "考核类别", "pool of the unit"),
    _fact("asked_late", Kind.FLAG, "最近一次申请已逾期", "last request came late"),
    _fact(
        "pending",
        Kind.CHOICE,
        "待批申请",
        "pending request",
        *_to("return", "request_return"),
        *_to("extension", "request_extension"),
        *_cleared(
            "approve_return",
            "refuse_return",
            "approve_extension",
            "refuse_extension",
            "dispatch",
            "redo",
            "close",
        ),
    ),
    _fact(
        "pending_exclusion",
        Kind.FLAG,
        "待批剔除",
        "exclusion asked for",
        *_to(_YES, "request_exclusion"),
        *_cleared("approve_exclusion", "refuse_exclusion"),
    ),
    _fact(
        "return_approved",
        Kind.FLAG,
        "退单已认可",
        "return approved",
        *_to(_YES, "approve_return"),
        *_cleared("dispatch"),
    ),
    _fact(
        "risk_flagged_at", Kind.INSTANT, "标风险时间", "flagged as risk", Setter("flag_risk", How.FIRST_AT)
    ),
    _fact("risk", Kind.FLAG, "风险工单", "risk order", *_to(_YES, "flag_risk")),
    _fact("redoing", Kind.FLAG, "重办中", "being redone", *_to(_YES, "redo"), *_cleared("dispatch")),
    _fact(
        "outcome_said",
        Kind.FLAG,
        "已写明解决情况",
        "outcome stated",
        Setter("resolve", How.PRESENT, ("outcome",)),
    ),
    _fact(
        "reply_recorded",
        Kind.FLAG,
        "结案回复已留存",
        "reply on record",
        Setter("resolve", How.PRESENT, ("recording", "evidence")),
    ),
    _fact(
        "result_said",
        Kind.FLAG,
        "已写明处理结果",
        "result stated",
        Setter("resolve", How.PRESENT, ("result_text",)),
    ),
    _fact(
        "policy_basis_said",
        Kind.FLAG,
        "已写明政策依据",
        "policy basis stated",
        Setter("resolve", How.PRESENT, ("policy_basis",)),
    ),
    _fact(
        "follow_up_said",
        Kind.FLAG,
        "已写明后续保障",
        "follow-up stated",
        Setter("resolve", How.PRESENT, ("follow_up",)),
    ),
    _fact(
        "closing_ground_said",
        Kind.FLAG,
        "已写明结案依据",
        "closing ground stated",
        Setter("resolve", How.PRESENT, ("closing_ground",)),
    ),
    _fact(
        "ground",
        Kind.CHOICE,
        "督办情形",
        "ground of supervision",
        *(Setter(event, How.SAID, "ground") for event in ("propose_supervision", "open_supervision")),
    ),
    _fact("sheet_at", Kind.INSTANT, "督办单下发时间", "sheet issued", Setter("issue_sheet", How.AT)),
    _fact(
        "reply_due",
        Kind.INSTANT,
        "督办反馈时限",
        "limit of the reply",
        Setter("issue_sheet", How.SAID, "reply_due"),
    ),
    _fact("reply_met", Kind.FLAG, "督办反馈符合要求", "reply fit", Setter("answer_sheet", How.ANEW, "met")),
    _fact("signatures", Kind.COUNT, "已签批人数", "signatures", Setter("sign_enquiry", How.MORE)),
    _fact(
        "form_received",
        Kind.FLAG,
        "行政许可科已接收",
        "received by the section",
        *_to(_YES, "receive_enquiry"),
    ),
    _fact(
        "endorsements",
        Kind.COUNT,
        "已审定上报级数",
        "endorsements",
        *(Setter(event, How.MORE) for event in ("examine_extension", "report_extension", "endorse_topic")),
    ),
    _fact(
        "level",
        Kind.CHOICE,
        "约谈级别",
        "level of the talk",
        Setter("propose_talk", How.SAID, "level"),
        Setter("open_talk", How.SAID, "level"),
    ),
    _fact("talk_held", Kind.FLAG, "已约谈", "talk held", *_to(_YES, "hold_talk")),
    _fact(
        "dispatched_after_talk",
        Kind.FLAG,
        "约谈事项已派单",
        "matter of the talk dispatched",
        *_to(_YES, "dispatch_after_talk"),
    ),
    _fact("erased", Kind.FLAG, "身份信息已清除", "identities erased", *_to(_YES, "erase")),
    _fact("filed", Kind.FLAG, "已备案", "filed", Setter("resolve", How.ANEW, "filed")),
    _fact(
        "handling_class",
        Kind.CHOICE,
        "办理类别",
        "handling class",
        *(Setter(event, How.ANEW, "handling_class") for event in ("dispatch", "open_extension")),
    ),
    _fact("case_type", Kind.CHOICE, "工单类型", "case type", Setter("receive", How.SAID, "case_type")),
    _fact(
        "return_kind",
        Kind.CHOICE,
        "退单类型",
        "kind of return",
        Setter("request_return", How.ANEW, "return_kind"),
    ),
    _fact(
        "last_satisfaction",
        Kind.CHOICE,
        "最近满意度",
        "last satisfaction",
        Setter("revisit", How.ANEW, "satisfaction"),
    ),
    _fact("deep_talks", Kind.COUNT, "深度沟通次数", "in-depth conversations", Setter("deep_talk", How.MORE)),
    _fact("returns", Kind.COUNT, "退单次数", "returns", Setter("approve_return", How.MORE)),
    _fact("dispatches", Kind.COUNT, "派单次数", "dispatches", Setter("dispatch", How.MORE)),
    _fact(
        "extension_requests",
        Kind.COUNT,
        "延期申请次数",
        "extensions asked for",
        Setter("request_extension", How.MORE),
    ),
    _fact(
        "extension_approvals",
        Kind.COUNT,
        "延期批准次数",
        "extensions approved",
        Setter("approve_extension", How.MORE),
    ),
)

FACT_OF: Mapping[str, Fact] = {fact.name: fact for fact in FACTS}

_SETTERS: dict[str, tuple[tuple[Any, str, Any], ...]] = {}
for _one in FACTS:
    for _setter in _one.setters:
        _way = (_setter.how.value, _one.name, _setter.what)
        _SETTERS[_setter.event] = (*_SETTERS.get(_setter.event, ()), _way)


def sets(event: str) -> frozenset[str]:
    """Name the facts that `event` can set."""
    return frozenset(name for _, name, _ in _SETTERS.get(event, ()))


def learn(facts: Facts, event: str, at: datetime, unit: str, said: Mapping[str, Any]) -> Facts:
    """
    Give the facts after `event`, which happened `at`, in `unit`, saying the attributes `said`.

    `facts` is left as it was; the same mapping comes back where the event sets nothing.
    """
    setters = _SETTERS.get(event)
    if setters is None:
        return facts
    known = dict(facts)
    heard = Heard(at, unit, said)
    for sets_it, name, what in setters:
        sets_it(known, name, what, heard)
    return known
