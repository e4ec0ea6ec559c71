"""
The closed table of what an event may say: attribute names, what they hold, on which events.

Choices are written by identifier or by their Chinese label; both are read, identifiers are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from paidan.workflows.cases import EVENTS, OF_CASES

OUTCOMES = {"resolved": "实际解决", "explained": "解释说明", "recorded": "参考备案", "unresolved": "未解决"}
SATISFACTION = {
    "satisfied": "满意",
    "basically_satisfied": "基本满意",
    "neutral": "一般",
    "dissatisfied": "不满意",
}
CALLBACK_RESULTS = {"not_connected": "未接通", "connected": "已接通", "effective": "有效测评"}
CALLBACK_SOURCES = {
    "centre": "城运中心",
    "district": "区回访",
    "third_party": "第三方回访",
    "mayor_platform": "市长热线平台",
}
CATEGORIES = {
    "direct": "直接处置",
    "dispatched": "派单处置",
    "joint": "联动处置",
    "chronic": "顽症处置",
    "on_site": "现场派单",
    "topic": "专题派单",
    "talk_first": "约谈派单",
    "by_law": "法定",
    "by_agreement": "商定",
    "by_designation": "指定派单",
    "first_asked": "首问",
    "designated": "指定",
    "backstop": "兜底",
}
HANDLING_CLASSES = {
    "prompt": "能及时办理",
    "ordinary": "一般",
    "complex": "复杂疑难",
    "solve_now": "立即解决",
    "staged": "阶段性推进",
    "not_solvable_now": "暂时无法解决",
}
CASE_TYPES = {
    "enquiry": "咨询类",
    "complaint_report": "投诉举报类",
    "help": "求助类",
    "other": "其他类",
    "suggestion": "意见建议类",
}
FINDINGS = {
    "policy_info": "有政策信息",
    "no_policy_info": "无政策信息",
    "explanation_accepted": "接受解释说明",
    "explanation_refused": "不接受政策解释",
    "founded": "属实",
    "partly_founded": "部分属实",
    "unfounded": "不属实",
    "adopted": "采纳",
    "partly_adopted": "部分采纳",
    "kept_for_reference": "留作参考",
    "not_adopted": "不予采纳",
}
CLOSING_GROUNDS = {
    "completed": "办理完毕",
    "planned": "有办理计划",
    "legal_procedure": "进入法定程序",
    "channel_given": "指明办事途径",
    "impossible": "客观原因无法办理",
}
HANDLING_PATHS = {
    "by_law": "依法办理",
    "explain_no_basis": "无依据解释",
    "talk_and_extend": "沟通延期",
    "procedure_statement": "程序说明",
}
RETURN_KINDS = {
    "outside_system": "系统外",
    "other_unit": "系统内其他单位",
    "noncompliant": "不合规工单",
}
EXCLUSIONS = {
    "other_legal_channel": "其他法定渠道",
    "central_authority": "中央管理事权",
    "military": "涉军",
    "classified_matter": "涉密",
    "personal_privacy": "个人隐私",
    "law_enforcement_case": "执法办案",
    "anti_fraud": "反诈工作",
    "sudden_disaster": "突发事件灾难",
    "natural_disaster": "自然灾害",
    "public_health_event": "公共卫生事件",
    "public_opinion_event": "舆情",
    "major_project": "市级以上或全市重点工程",
    "improper_demand": "不当诉求",
    "policy_not_accepted": "对政策法规不接受",
    "neighbour_avoidance": "邻避效应",
    "major_event": "重大赛事活动",
    "merchant_closure": "商家关门倒闭",
    "consumer_dispute": "消费纠纷",
    "medical_dispute": "医疗纠纷",
    "other_contract_dispute": "其他合同纠纷",
    "other_tort_compensation": "其他侵权责任赔偿",
    "backstop_accepted": "托底受理",
    "unreasonable": "不合理诉求",
}
RISK_TRIGGERS = {
    "group_interest": "群体性利益",
    "heated_or_mobilising": "表述激烈或串联苗头",
    "repeated_unsolved": "重复反映未解决",
    "policy_answer_unconvincing": "政策答复难以信服",
    "legacy_or_complex": "历史遗留或复杂矛盾",
}
ROLES = {
    "dispatcher": "城运中心信息员",
    "centre_head": "城运中心负责人",
    "hotline_office": "热线办",
    "district_office": "区热线办",
    "city_office": "市热线办",
    "licensing_section": "委行政许可科",
    "hotline_centre": "区长热线服务中心",
    "mayor_platform": "市长热线平台",
    "handling_unit": "承办单位",
    "counterpart_section": "对口机关科室",
    "informant_a": "信息员A角",
    "informant_b": "信息员B角",
    "hotline_specialist": "热线专员",
    "first_responsible": "第一责任人",
    "second_responsible": "第二责任人",
    "unit_head": "单位主要负责人",
    "unit_branch_head": "单位分管负责人",
    "party_branch_leader": "党委分管领导",
    "hotline_branch_leader": "热线分管领导",
    "business_branch_leader": "业务分管领导",
    "main_leader": "主要领导",
    "administrative_head": "行政主要领导",
    "discipline_secretary": "纪工委书记",
    "organisation_head": "区委组织部部长",
    "organisation_vice_head": "区委组织部分管副部长",
    "government_office_head": "区政府办公室负责同志",
    "district_leader": "区政府分管领导",
    "party_government_office": "党政办",
    "working_group": "考核工作小组",
    "leading_group": "领导小组",
    "supervisor": "监督员",
    "third_party_caller": "第三方回访",
    "responsible_section": "责任科室",
    "duty_officer": "值班员",
}
UNIT_ROLES = frozenset((
    "handling_unit", "counterpart_section", "informant_a", "informant_b", "hotline_specialist",
    "first_responsible", "second_responsible", "unit_head", "unit_branch_head", "responsible_section",
    "duty_officer",
))  # fmt: skip
"""The roles that each handling unit has for itself; the others are there once, whoever the order is with."""


class Holds(Enum):
    """What the value of an attribute is."""

    TEXT = auto()
    FLAG = auto()
    CHOICE = auto()
    INSTANT = auto()
    DUE = auto()
    """an instant that must not be passed: a date alone means its last second"""
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute, its label, what it holds, its choices, and the events that may say it."""

    name: str
    zh: str
    events: tuple[str, ...]
    holds: Holds = Holds.TEXT
    choices: Mapping[str, str] | None = None


def _texts(*events: str, **labels: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, zh, events) for name, zh in labels.items())


def _choice(name: str, zh: str, choices: Mapping[str, str], *events: str) -> Attribute:
    return Attribute(name, zh, events, Holds.CHOICE, choices)


def _typed(holds: Holds, *events: str, **labels: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, zh, events, holds) for name, zh in labels.items())


_LIVED = tuple(event.name for event in EVENTS if not event.by_engine and event.name != "correct")
"""Events that happen to an order; a correction happens to its log."""

IDENTITY = ("caller", "phone", "address", "content")
"""Who a caller is and what they said: in the vault of a store, else dropped and counted; never in a log."""

IMPORTED = "imported"
"""The file and data row that an entry was imported from; what brings it in says so, never a caller."""

ORDER_ENTRY = "order_entry"
"""The last entry (`seq`) of the order when an entry of its case was written; the engine says so."""

WRITTEN = (IMPORTED, ORDER_ENTRY)
"""What an entry says though nobody asked that it should."""

_ASKED_OF_CASES = tuple(
    event.name
    for event in EVENTS
    if not event.by_engine and (event.name in OF_CASES or event.name in ("note", "correct"))
)

ATTRIBUTES: tuple[Attribute, ...] = (
    *_typed(Holds.FLAG, "receive", urgent="是否紧急", anonymous="是否匿名"),
    _choice("case_type", "工单类型", CASE_TYPES, "receive"),
    *_texts("receive", channel="工单来源", repeat_of="重复工单号", area="区域"),
    *_typed(Holds.DUE, "receive", law_due="法定时限"),
    *_typed(Holds.DUE, "receive", "dispatch", "approve_extension", "rule_overdue", order_due="工单时限"),
    *_typed(Holds.DUE, "redo", "send_back", redo_due="重办时限"),
    _choice("category", "派遣类别", CATEGORIES, "register", "dispatch", "resolve"),
    *_texts("dispatch", "assign", "endorse_topic", "meet_on_topic", assisting="协办单位"),
    _choice("handling_class", "办理类别", HANDLING_CLASSES, "dispatch"),
    *_typed(Holds.FLAG, "dispatch", site_visit="需现场查看", hazard="安全隐患"),
    *_texts("contact", "resolve", "request_return", "request_exclusion", evidence="证据"),
    *_texts(
        "request_return",
        "request_extension",
        "send_back",
        "redo",
        "supervise",
        "correct",
        "unmask",
        "erase",
        "end_supervision",
        "drop_supervision",
        "withdraw_enquiry",
        "withdraw_topic",
        "propose_talk",
        "drop_talk",
        "deny_rectified",
        reason="理由",
    ),
    *_texts("request_return", owner="权属单位", basis="依据"),
    *_typed(Holds.INSTANT, "request_return", protection="防护措施时间"),
    _choice("return_kind", "退单类型", RETURN_KINDS, "request_return"),
    *_typed(Holds.FLAG, "request_return", caller_told="已告知诉求人"),
    *_texts("request_extension", "resolve", report="书面报告"),
    _choice("trigger", "风险情形", RISK_TRIGGERS, "flag_risk"),
    *_texts("flag_risk", mark="风险标识"),
    *_texts(
        "submit_plan",
        verify="问题核实",
        design="方案制定",
        communicate="沟通解释",
        track="进度跟踪",
        evaluate="效果评估",
    ),
    _choice("outcome", "解决情况", OUTCOMES, "resolve", "revisit"),
    _choice("closing_ground", "结案依据", CLOSING_GROUNDS, "resolve"),
    _choice("handling_path", "办理方式", HANDLING_PATHS, "resolve"),
    *_texts(
        "resolve",
        recording="录音",
        result_text="处理结果",
        policy_basis="政策依据",
        follow_up="后续保障",
        stage_goal="阶段目标",
        signed_by="签批人",
    ),
    *_typed(Holds.DUE, "resolve", stage_due="阶段时限"),
    *_typed(Holds.FLAG, "resolve", filed="已备案"),
    *_typed(Holds.INSTANT, "resolve", "sign", signed_at="签批时间"),
    *_texts(
        "sign", "receive_enquiry", "examine_extension", "report_extension", "endorse_topic", opinion="意见"
    ),
    *_texts("sign", responsible="责任单位"),
    *_typed(Holds.DUE, "issue_sheet", reply_due="反馈时限"),
    *_texts("meet_on_topic", "hold_talk", minutes="会议纪要"),
    *_texts("assign", "endorse_topic", "meet_on_topic", lead="主办单位"),
    *_texts("propose_talk", level="约谈级别", by_rule="所据规则", period="所据期间"),
    *_typed(Holds.INSTANT, "arrange_talk", talk_at="约谈时间"),
    *_texts("arrange_talk", "hold_talk", attended="参加人员"),
    _choice("finding", "结案评判", FINDINGS, "resolve", "close"),
    *_texts("send_back", "redo", "supervise", ground="情形"),
    *_typed(Holds.FLAG, "supervision_reply", met="是否符合要求"),
    _choice("result", "回访结果", CALLBACK_RESULTS, "revisit"),
    *_typed(Holds.FLAG, "revisit", contacted="是否先行联系"),
    _choice("satisfaction", "满意度", SATISFACTION, "revisit"),
    _choice("process_satisfaction", "过程满意度", SATISFACTION, "revisit"),
    _choice("source", "回访来源", CALLBACK_SOURCES, "revisit"),
    _choice("exclusion", "剔除情形", EXCLUSIONS, "request_exclusion"),
    *_typed(Holds.NUMBER, "correct", entry="更正第几条"),
    *_texts("correct", field="更正哪一项", before="原为", after="应为"),
    *_texts(*_LIVED, backdated="补录理由"),
    *_texts("file_dispute", "issue_sheet", number="编号"),
    *_texts("file_dispute", earlier_handling="前期处置", difficulty="难点", proposal="建议"),
    *_typed(Holds.NUMBER, *_ASKED_OF_CASES, **{ORDER_ENTRY: "所据工单记录"}),
    Attribute(IMPORTED, "导入自", tuple(event.name for event in EVENTS if not event.by_engine)),
)

ATTRIBUTE_OF: Mapping[str, Attribute] = {attribute.name: attribute for attribute in ATTRIBUTES}

SAYABLE: Mapping[str, frozenset[str]] = {
    event: frozenset(attribute.name for attribute in ATTRIBUTES if event in attribute.events)
    for event in sorted({event for attribute in ATTRIBUTES for event in attribute.events})
}
"""Which attributes an event may say; an event that is not here says none."""

OF_EVERY_ENTRY = ("at", "unit", "actor", "role")
"""What can be corrected of every entry beside what its event said."""


def correctable(event: str) -> frozenset[str]:
    """
    Name what a `correct` may change of an entry of `event`; nothing of what the engine wrote.

    What marks an entry as back-dated or imported stays; a correction is corrected by another of the entry.
    """
    if event not in _LIVED:
        return frozenset()
    return SAYABLE[event].difference(("backdated", *WRITTEN)).union(OF_EVERY_ENTRY)
