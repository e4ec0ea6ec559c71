"""The enquiry about who is responsible (疑难事项确责征询): a form, its signatures in order, a decision."""

from paidan.workflows.anywhere import ANYWHERE, anywhere
from paidan.workflows.definition import START, Event, Move, State, Workflow

_ON_ITS_WAY = ("filed", "reviewed", "agreed", "received", "endorsed")

_STATES = (
    State("filed", "已提交征询单", "Form filed"),
    State("reviewed", "单位主要领导已审核", "Reviewed by the unit's head"),
    State("agreed", "业务分管领导已同意", "Agreed by the business leader"),
    State("received", "行政许可科已接收", "Received by the licensing section"),
    State("endorsed", "热线分管领导已签", "Signed by the hotline leader"),
    State("decided", "已确责", "Decided", final=True),
    State("withdrawn", "已撤回", "Withdrawn", final=True),
)

ENQUIRY = Workflow(
    name="enquiry",
    zh="确责征询",
    en="Responsibility enquiry",
    states=_STATES,
    events=(
        Event("open_enquiry", "提交征询单", "File the form", by_engine=True, follows=("file_dispute",)),
        Event("sign_enquiry", "签批", "Sign", by_engine=True, follows=("sign",)),
        Event("receive_enquiry", "接收征询单", "Receive the form"),
        Event("withdraw_enquiry", "撤回征询", "Withdraw the form"),
        *ANYWHERE,
    ),
    moves=(
        Move("open_enquiry", (START,), "filed"),
        Move("sign_enquiry", ("filed",), "reviewed"),
        Move("sign_enquiry", ("reviewed",), "agreed"),
        Move("receive_enquiry", ("agreed",), "received"),
        Move("sign_enquiry", ("agreed", "received"), "endorsed"),
        Move("sign_enquiry", ("endorsed",), "decided"),
        Move("withdraw_enquiry", _ON_ITS_WAY, "withdrawn"),
        *anywhere(_STATES),
    ),
    conditions={},
)
"""BS 三(三)1 and 附件2: four signatures in order, the last names the unit; the order's clocks run on."""
