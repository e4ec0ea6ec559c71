"""The supervision of an order (督办): proposed or opened, a sheet with a limit, replies, its end."""

from collections.abc import Mapping
from typing import Any

from paidan.workflows.anywhere import ANYWHERE, anywhere
from paidan.workflows.definition import START, Event, Move, State, Workflow
from paidan.workflows.records import Facts

SUPERVISION_GROUNDS = {
    "shirking": "推诿扯皮",
    "repeat_complaint": "多次重复投诉",
    "due_but_undone": "应办未办",
    "dissatisfied_callback": "回访不满意",
    "instruction_or_media": "领导批示或媒体曝光",
    "incomplete_or_flawed": "办理不到位或程序瑕疵",
    "hard_case": "疑难复杂",
    "returned_often": "多次回退",
}
"""Why an order is supervised: YY 第十二条(二)、第四条(五), and ZZ 四(二)1."""

_AT_WORK = ("supervised", "unmet")


def _met(facts: Facts, said: Mapping[str, Any]) -> bool:  # noqa: ARG001 - the shape of a condition
    return bool(said.get("met"))


_STATES = (
    State("proposed", "拟督办", "Proposed"),
    State("supervised", "督办中", "Supervised"),
    State("unmet", "反馈不符合要求", "Reply not fit"),
    State("replied", "反馈符合要求", "Reply fit"),
    State("ended", "督办办结", "Ended", final=True),
    State("dropped", "不予督办", "Dropped", final=True),
)

SUPERVISION = Workflow(
    name="supervision",
    zh="督办",
    en="Supervision",
    states=_STATES,
    events=(
        Event("propose_supervision", "拟督办", "Propose supervision", by_engine=True),
        Event("open_supervision", "立项督办", "Open supervision", by_engine=True, follows=("supervise",)),
        Event("add_ground", "增加情形", "Add a ground", by_engine=True),
        Event("issue_sheet", "下发督办单", "Issue the sheet"),
        Event("answer_sheet", "督办反馈", "Answer the sheet", by_engine=True, follows=("supervision_reply",)),
        Event("end_supervision", "督办办结", "End supervision"),
        Event("drop_supervision", "不予督办", "Drop supervision"),
        *ANYWHERE,
    ),
    moves=(
        Move("propose_supervision", (START,), "proposed"),
        Move("open_supervision", (START, "proposed"), "supervised"),
        Move("add_ground", ("proposed", "supervised", "unmet", "replied")),
        Move("issue_sheet", ("proposed", "unmet"), "supervised"),
        Move("issue_sheet", ("supervised",)),
        Move("answer_sheet", (*_AT_WORK, "replied"), "replied", when=("met",)),
        Move("answer_sheet", (*_AT_WORK, "replied"), "unmet", unless=("met",)),
        Move("end_supervision", ("replied",), "ended"),
        Move("drop_supervision", ("proposed",), "dropped"),
        *anywhere(_STATES),
    ),
    conditions={"met": _met},
)
"""One supervision of an order, from the ground it was opened for to its end."""
