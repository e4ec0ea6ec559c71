"""The approval of an extension (延期审批): asked for, examined, reported upwards, granted or not."""

from paidan.workflows.anywhere import ANYWHERE, anywhere
from paidan.workflows.definition import START, Event, Move, State, Workflow

_PENDING = ("asked", "examined", "reported")

_STATES = (
    State("asked", "待审核", "Asked for"),
    State("examined", "热线办已审定", "Examined by the office"),
    State("reported", "区热线办已报送", "Reported by the district office"),
    State("granted", "已批准", "Granted", final=True),
    State("denied", "未批准", "Not granted", final=True),
    State("lapsed", "已失效", "Lapsed", final=True),
)

EXTENSION = Workflow(
    name="extension",
    zh="延期审批",
    en="Extension approval",
    states=_STATES,
    events=(
        Event("open_extension", "提出延期", "Ask", by_engine=True, follows=("request_extension",)),
        Event("examine_extension", "审定上报", "Examine and report to the district"),
        Event("report_extension", "区级报送", "Report to the city"),
        Event(
            "grant_extension", "批准延期", "Grant", by_engine=True, follows=("approve_extension",)
        ),
        Event("deny_extension", "不批准延期", "Deny", by_engine=True, follows=("refuse_extension",)),
        Event(
            "lapse_extension", "延期申请失效", "Lapse", by_engine=True,
            follows=("dispatch", "redo", "close", "approve_return", "hand_back"),
        ),
        *ANYWHERE,
    ),
    moves=(
        Move("open_extension", (START,), "asked"),
        Move("examine_extension", ("asked",), "examined"),
        Move("report_extension", ("examined",), "reported"),
        Move("grant_extension", _PENDING, "granted"),
        Move("deny_extension", _PENDING, "denied"),
        Move("lapse_extension", _PENDING, "lapsed"),
        *anywhere(_STATES),
    ),
    conditions={},
)  # fmt: skip
"""YY 第九条: office, district, city; elsewhere whoever approves. Till then the old limit stands."""
