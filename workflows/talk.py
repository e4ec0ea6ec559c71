"""A talk with a unit (约谈): proposed, arranged, held with minutes, rectified or not."""

from collections.abc import Mapping
from typing import Any

from paidan.workflows.anywhere import ANYWHERE, anywhere
from paidan.workflows.definition import START, Event, Move, State, Workflow
from paidan.workflows.records import Facts

_AHEAD = ("proposed", "arranged")
_NOT_DROPPED = (*_AHEAD, "held", "rectified", "unrectified")


def _talk_first(facts: Facts, said: Mapping[str, Any]) -> bool:
    return bool(said.get("category", facts.get("category")) == "talk_first")


def _dispatched(facts: Facts, said: Mapping[str, Any]) -> bool:  # noqa: ARG001 - the shape of a condition
    return bool(facts.get("dispatched_after_talk"))


_STATES = (
    State("proposed", "拟约谈", "Proposed"),
    State("arranged", "已安排", "Arranged"),
    State("held", "已约谈", "Held"),
    State("rectified", "已整改", "Rectified", final=True),
    State("unrectified", "未整改到位", "Not rectified", final=True),
    State("dropped", "不予约谈", "Dropped", final=True),
)

TALK = Workflow(
    name="talk",
    zh="约谈",
    en="Talk",
    states=_STATES,
    events=(
        Event("propose_talk", "提出约谈", "Propose a talk"),
        Event("open_talk", "按规则提出约谈", "Propose a talk by rule", by_engine=True),
        Event("arrange_talk", "安排约谈", "Arrange the talk"),
        Event("hold_talk", "约谈", "Hold the talk"),
        Event("confirm_rectified", "确认已整改", "Confirm rectification"),
        Event("deny_rectified", "认定未整改", "Find it not rectified"),
        Event("drop_talk", "不予约谈", "Drop the talk"),
        Event(
            "dispatch_after_talk", "约谈派单", "Dispatch after the talk", by_engine=True,
            follows=("dispatch",),
        ),
        *ANYWHERE,
    ),
    moves=(
        Move("propose_talk", (START,), "proposed"),
        Move("open_talk", (START,), "proposed"),
        Move("arrange_talk", ("proposed",), "arranged"),
        Move("arrange_talk", ("arranged",)),
        Move("hold_talk", _AHEAD, "held"),
        Move("confirm_rectified", ("held",), "rectified"),
        Move("deny_rectified", ("held",), "unrectified"),
        Move("drop_talk", _AHEAD, "dropped"),
        Move("dispatch_after_talk", _NOT_DROPPED, when=("talk_first",), unless=("dispatched",)),
        *anywhere(_STATES),
    ),
    conditions={"talk_first": _talk_first, "dispatched": _dispatched},
)  # fmt: skip
"""One talk, about a unit: by a consequence of its score, a finding, a supervision, or before a dispatch."""
