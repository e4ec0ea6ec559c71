"""The life of a hotline work order (工单) from receipt to closing, as one value."""

from paidan.workflows.anywhere import ANYWHERE, anywhere
from paidan.workflows.definition import START, Event, Move, State, Workflow

STATES = (
    State("received", "已接收", "Received"),
    State("registered", "中心已接单", "Registered"),
    State("dispatched", "已派单", "Dispatched"),
    State("accepted", "承办已接单", "Accepted"),
    State("contacted", "已先行联系", "Contacted"),
    State("extended", "已延期", "Extended"),
    State("returned", "已退单", "Returned"),
    State("resolved", "已处置反馈", "Resolved"),
    State("revisited", "已回访", "Called back"),
    State("closed", "已结案", "Closed"),
    State("handed_back", "派回上级", "Handed back", final=True),
)

EVENTS = (
    Event("receive", "接收", "Receive"),
    Event("register", "中心接单", "Register"),
    Event("dispatch", "派单", "Dispatch"),
    Event("hand_back", "派回上级", "Hand back"),
    Event("accept", "承办接单", "Accept"),
    Event("contact", "先行联系", "First contact", reopens=False),
    Event("request_return", "退单申请", "Ask to return"),
    Event("approve_return", "同意退单", "Approve the return"),
    Event("refuse_return", "不同意退单", "Refuse the return"),
    Event("request_extension", "延期申请", "Ask for an extension"),
    Event("approve_extension", "同意延期", "Approve the extension"),
    Event("refuse_extension", "不同意延期", "Refuse the extension"),
    Event("resolve", "处置反馈", "Resolve"),
    Event("send_back", "核查退回", "Send back"),
    Event("revisit", "回访", "Call back"),
    Event("redo", "不满退回重派", "Redo"),
    Event("close", "结案", "Close"),
    Event("flag_urgent", "标紧急", "Flag as urgent"),
    Event("flag_risk", "标风险", "Flag as risk"),
    Event("submit_plan", "处置预案", "Submit the plan"),
    Event("deep_talk", "深度沟通", "In-depth conversation"),
    Event("assign", "指定主办协办", "Name lead and assisting units"),
    Event("urge", "催办", "Urge"),
    Event("request_exclusion", "申请剔除", "Ask for exclusion"),
    Event("approve_exclusion", "同意剔除", "Approve the exclusion"),
    Event("refuse_exclusion", "不同意剔除", "Refuse the exclusion"),
    Event("file_dispute", "提出确责", "File a dispute"),
    Event("supervise", "督办", "Supervise"),
    Event("supervision_reply", "督办反馈", "Reply to supervision"),
    Event("rule_overdue", "超期责任认定", "Rule who bears a lateness"),
    Event("sign", "签批", "Sign"),
    Event("unmask", "查看身份信息", "Unmask identities", apart=True),
    Event("erase", "清除身份信息", "Erase identities", apart=True),
    *ANYWHERE,
)

_EVERY = tuple(state.name for state in STATES)
_LIVING = tuple(state.name for state in STATES if not state.final)
_HELD = ("dispatched", "accepted", "contacted", "extended")
_AT_WORK = ("accepted", "contacted", "extended")
_PENDING = (*_HELD, "resolved", "revisited")

_CHANGES = (
    Move("receive", (START,), "received"),
    Move("register", ("received",), "registered"),
    Move("dispatch", ("registered", "returned"), "dispatched"),
    Move("hand_back", ("received", "registered", "returned"), "handed_back"),
    Move("accept", ("dispatched",), "contacted", when=("contact_made",)),
    Move("accept", ("dispatched",), "accepted", unless=("contact_made",)),
    Move("contact", ("accepted",), "contacted"),
    Move("approve_return", (*_HELD, "resolved"), "returned", when=("return_pending",)),
    Move("approve_extension", _AT_WORK, "extended", when=("extension_pending",)),
    Move("resolve", _AT_WORK, "resolved"),
    Move("resolve", ("registered",), "resolved", when=("direct",)),
    Move("send_back", ("resolved",), "contacted", when=("contact_made",)),
    Move("send_back", ("resolved",), "accepted", unless=("contact_made",)),
    Move("revisit", ("resolved", "revisited"), "revisited"),
    Move("redo", ("revisited", "closed"), "dispatched"),
    Move("close", ("resolved", "revisited"), "closed"),
)

_STAYS = (
    Move("contact", tuple(name for name in _LIVING if name not in ("accepted", "closed"))),
    Move("revisit", ("closed",)),
    Move("request_return", _HELD, unless=("request_pending",)),
    Move("request_extension", _AT_WORK, unless=("request_pending",)),
    Move("refuse_return", _PENDING, when=("return_pending",)),
    Move("refuse_extension", _PENDING, when=("extension_pending",)),
    Move("approve_exclusion", _LIVING, when=("exclusion_pending",)),
    Move("refuse_exclusion", _LIVING, when=("exclusion_pending",)),
    Move("request_exclusion", _LIVING, unless=("exclusion_pending",)),
    *(
        Move(event, _LIVING)
        for event in (
            "flag_urgent",
            "flag_risk",
            "submit_plan",
            "deep_talk",
            "assign",
            "urge",
            "file_dispute",
            "supervise",
            "supervision_reply",
            "rule_overdue",
            "sign",
        )
    ),
    *(Move(event, _EVERY, unless=("erased",)) for event in ("unmask", "erase")),
    *anywhere(STATES),
)

WORK_ORDER = Workflow(
    name="work_order",
    zh="工单",
    en="Work order",
    states=STATES,
    events=EVENTS,
    moves=_CHANGES + _STAYS,
    conditions={
        "contact_made": lambda facts, said: facts.get("contacted_at") is not None,  # noqa: ARG005
        "direct": lambda facts, said: said.get("category", facts.get("category")) == "direct",
        "return_pending": lambda facts, said: facts.get("pending") == "return",  # noqa: ARG005
        "extension_pending": lambda facts, said: facts.get("pending") == "extension",  # noqa: ARG005
        "request_pending": lambda facts, said: facts.get("pending") is not None,  # noqa: ARG005
        "erased": lambda facts, said: bool(facts.get("erased")),  # noqa: ARG005
        "exclusion_pending": lambda facts, said: bool(facts.get("pending_exclusion")),  # noqa: ARG005
    },
)
"""The work order of CONTRACT section 2, run by `workflows.machine` on every path."""
