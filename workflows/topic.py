"""The dispatch of a matter whose duty is unclear (专题派单): endorsed in steps, or settled by a meeting."""

from paidan.workflows.anywhere import ANYWHERE, anywhere
from paidan.workflows.definition import START, Event, Move, State, Workflow

_STATES = (
    State("submitted", "已呈报", "Submitted"),
    State("endorsed", "分管领导已签批", "Endorsed by the branch leader"),
    State("settled", "已确定承办单位", "Settled", final=True),
    State("withdrawn", "已撤回", "Withdrawn", final=True),
)

TOPIC = Workflow(
    name="topic",
    zh="专题派单",
    en="Topic dispatch",
    states=_STATES,
    events=(
        Event("open_topic", "呈报专题派单", "Submit the matter", by_engine=True),
        Event("endorse_topic", "签批", "Endorse"),
        Event("meet_on_topic", "专题会议确定", "Settle it in a meeting"),
        Event("withdraw_topic", "撤回呈报", "Withdraw"),
        *ANYWHERE,
    ),
    moves=(
        Move("open_topic", (START,), "submitted"),
        Move("endorse_topic", ("submitted",), "endorsed"),
        Move("endorse_topic", ("endorsed",), "settled"),
        Move("meet_on_topic", ("submitted", "endorsed"), "settled"),
        Move("withdraw_topic", ("submitted", "endorsed"), "withdrawn"),
        *anywhere(_STATES),
    ),
    conditions={},
)
"""JY 附件3 第四条(二): the branch leader, then the main leader, or a meeting, names the unit."""
