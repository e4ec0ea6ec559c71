"""The ways an order goes when people do what the rules ask, lateness apart: one function each."""

from datetime import timedelta

from paidan.engine.demo import street
from paidan.engine.demo.life import (
    ADMINISTRATIVE_HEAD,
    BRANCH_LEADER,
    CENTRE_HEAD,
    MAIN_LEADER,
    SUPERVISION,
    SUPERVISOR,
    Life,
)  # fmt: skip

RETURN = {
    "owner": "经核实权属其他单位",
    "reason": "不属于本单位职责范围",
    "basis": "《虚构街道热线工单派单内部口径》第3条",
}
"""What a complete request to return says (JY-G02)."""
DISSATISFIED = {"result": "effective", "outcome": "unresolved", "satisfaction": "dissatisfied"}

_LEADERS = {
    "on_site": BRANCH_LEADER,
    "topic": MAIN_LEADER,
    "talk_first": ADMINISTRATIVE_HEAD,
    "chronic": MAIN_LEADER,
}


def ordinary(life: Life) -> None:
    """Received, registered, dispatched, accepted, contacted, resolved, called back, closed."""
    life.begin()
    life.take_up()
    if life.draw.chance(0.08):
        life.write("urge" if life.draw.chance(0.5) else "note", life.draw.soon(life.at, 30, 240), life.centre)
    life.settle()


def direct(life: Life) -> None:
    """Answered by the centre, or done on the spot by a supervisor (直接处置)."""
    life.receive()
    life.register(category="direct")
    at = life.draw.soon(life.at, 3, 29)
    if not life.case.anonymous:
        life.contact(at, life.centre)
    if life.case.topic.case_type == "enquiry":
        life.resolve(at, life.centre, category="direct", outcome="explained", result_text="已解答")
    else:
        life.resolve(at, SUPERVISOR, category="direct", outcome="resolved", result_text="已当场处置")
        life.call_back(life.draw.soon(life.at, 10, 120))
    life.close(life.draw.soon(life.at, 1, 30))


def handed_back(life: Life) -> None:
    """Outside the street's area: back to the superior platform, some before registration."""
    life.receive()
    if life.draw.chance(0.6):
        life.register()
    life.write("hand_back", life.draw.soon(life.at, 2, 28), life.centre)
    if life.draw.chance(0.3):
        life.write("note", life.draw.soon(life.at, 5, 60), life.centre)


def ask_to_return(life: Life, rule: str) -> None:
    """Ask inside the window; at a hazard after the measure, after a site visit with its evidence."""
    at = life.office(life.limits.due(rule, life.dispatched_at))
    measure = at - timedelta(minutes=life.draw.whole(5, 50)) if life.case.hazard else None
    seen = "现场踏勘照片2张" if life.case.site_visit else None
    life.write("request_return", at, life.handler, **RETURN, protection=measure, evidence=seen)


def _sent_elsewhere(life: Life) -> None:
    life.write("approve_return", life.draw.soon(life.at, 10, 240), life.centre)
    life.dispatch(street.elsewhere(life.draw, life.unit))
    life.take_up()


def returned(life: Life) -> None:
    """Not that unit's business: returned in time, dispatched to another unit."""
    life.begin()
    if not life.case.anonymous and life.draw.chance(0.7):
        life.contact(life.draw.soon(life.at, 20, 400), life.centre)
    if life.draw.chance(0.4):
        life.write("accept", life.draw.soon(life.at, 5, 120), life.handler)
    ask_to_return(life, "JY-T07" if life.case.site_visit else "JY-T06")
    _sent_elsewhere(life)
    life.settle()


def return_refused(life: Life) -> None:
    """Ask in time; the centre finds that it is that unit's business after all."""
    life.begin()
    ask_to_return(life, "JY-T07" if life.case.site_visit else "JY-T06")
    life.write("refuse_return", life.draw.soon(life.at, 10, 180), life.centre)
    life.take_up()
    life.settle()


def resolved_while_asking(life: Life) -> None:
    """Resolve by way of precaution while the return is pending; it is approved."""
    life.begin()
    life.take_up(accept=True)
    life.write("request_return", life.draw.soon(life.at, 5, 30), life.handler, **RETURN)
    life.resolve(life.draw.soon(life.at, 20, 200))
    _sent_elsewhere(life)
    life.settle()


def returned_then_handed_back(life: Life) -> None:
    """Return it; nobody in the street is responsible, so it goes back to the platform."""
    life.begin()
    ask_to_return(life, "JY-T06")
    life.write("approve_return", life.draw.soon(life.at, 10, 240), life.centre)
    life.write("hand_back", life.draw.soon(life.at, 5, 90), life.centre)


def ask_for_extension(life: Life) -> None:
    """Ask in time, with the reason and the written report."""
    assert life.order_due is not None  # noqa: S101 - these ways carry a limit
    window = life.limits.due("JY-T08", life.dispatched_at, order_due=life.order_due)
    at = life.office(window) if life.at < window else life.at
    life.write("request_extension", at, life.handler, reason="需多部门会商", report="疑难案件延期说明")


def extend(life: Life, low: int, high: int) -> None:
    """Approve after so many minutes; the new limit lies some working days after the old one."""
    assert life.order_due is not None  # noqa: S101 - these ways carry a limit
    life.order_due = life.limits.days(life.order_due, life.draw.whole(3, 10))
    life.write("approve_extension", life.draw.soon(life.at, low, high), life.centre, order_due=life.order_due)


def extended(life: Life) -> None:
    """Ask in time, and close by the new limit."""
    life.begin()
    life.take_up(accept=True)
    ask_for_extension(life)
    extend(life, 20, 300)
    life.settle()


def extended_late(life: Life) -> None:
    """Asked for in time, approved when the old limit had passed: the request counts."""
    life.begin()
    life.take_up(accept=True, contact=True)
    due = life.order_due
    assert due is not None  # noqa: S101 - these ways carry a limit
    asked_at = life.office(due, after=due - timedelta(hours=15))
    life.write("request_extension", asked_at, life.handler, reason="等待专业机构检测结果")
    hours = (due - life.at) // timedelta(minutes=1)
    extend(life, hours + 60, hours + 1000)
    life.settle(timely=True)


def extension_refused(life: Life) -> None:
    """Asked for and not granted."""
    life.begin()
    life.take_up(accept=True)
    ask_for_extension(life)
    life.write("refuse_extension", life.draw.soon(life.at, 20, 300), life.centre)
    life.settle()


def sent_back(life: Life) -> None:
    """Send it back: the centre's check finds the feedback wanting (核查退回)."""
    life.begin()
    life.take_up()
    life.resolve(life.office(life.limits.days(life.at, 2)))
    at = life.draw.soon(life.at, 20, 600)
    life.write("send_back", at, life.centre, ground="反馈不完整", reason="未说明处置结果")
    life.settle()


def _again(life: Life) -> None:
    at = life.draw.soon(life.at, 15, 300)
    life.write("redo", at, life.centre, ground="回访不满意", reason="问题反复,要求重新处置")
    life.write("accept", life.office(life.limits.days(life.at, 1)), life.handler)
    life.resolve(life.office(life.limits.days(life.at, 3)))
    life.call_back(life.draw.soon(life.at, 60, 900), result="effective", **life.answers())
    life.close(life.draw.soon(life.at, 1, 60))
    life.district()


def redone(life: Life) -> None:
    """Redo it before closing: the caller is dissatisfied when called back."""
    life.begin()
    life.take_up()
    life.resolve(life.office(life.limits.days(life.at, 2)))
    life.call_back(life.draw.soon(life.at, 60, 900), **DISSATISFIED)
    _again(life)


def reopened(life: Life) -> None:
    """Redo it after closing: the district finds the caller dissatisfied."""
    life.begin()
    life.take_up()
    life.resolve(life.office(life.limits.days(life.at, 2)))
    life.call_back(life.draw.soon(life.at, 60, 900))
    life.close(life.draw.soon(life.at, 5, 60))
    life.district(**DISSATISFIED)
    _again(life)


def flagged_urgent(life: Life) -> None:
    """Becomes urgent after dispatch: one hour from the flag, never later than the first limit."""
    life.begin()
    flagged_at = life.draw.soon(life.at, 5, 600)
    life.write("flag_urgent", flagged_at, life.centre)
    due = life.limits.due("JY-T05", life.case.received_at, urgent_flagged_at=flagged_at)
    contact_at = life.draw.soon(life.at, 5, 55) if life.draw.chance(0.8) else life.draw.soon(due, 3, 200)
    life.contact(contact_at, life.centre)
    life.take_up()
    life.settle()


def supervised(life: Life) -> None:
    """Put under supervision (督办) by the district; the unit replies, not always well."""
    life.begin()
    life.take_up()
    at = life.draw.soon(life.at, 60, 900)
    life.write("supervise", at, SUPERVISION, ground="领导督办", reason="诉求人多次反映")
    at = life.office(life.limits.days(life.at, 1))
    life.write("supervision_reply", at, life.handler, met=life.draw.chance(0.75))
    life.settle()


def disputed(life: Life) -> None:
    """Responsibility is disputed; a leader names the lead unit and those who assist (联动处置)."""
    life.begin()
    life.write(
        "file_dispute", life.office(life.limits.due("JY-T03", life.dispatched_at)), life.handler,
        number=f"确责{life.case.order_id[2:]}", earlier_handling="已现场核实", difficulty="跨条线职责交叉",
        proposal="请指定主责部门",
    )  # fmt: skip
    assisting = street.elsewhere(life.draw, life.unit)
    life.write("assign", life.draw.soon(life.at, 60, 900), BRANCH_LEADER, assisting=assisting)
    life.take_up()
    life.settle()


def led(life: Life) -> None:
    """Dispatched by a leader: on site, on a topic, after a talk, or a chronic case (顽症)."""
    life.receive()
    life.register()
    life.dispatch(by=_LEADERS[life.case.category])
    life.take_up()
    life.settle()


def overridden(life: Life) -> None:
    """Too late to return, but the centre's head allows it with a written reason."""
    life.begin()
    due = life.limits.due("JY-T06", life.dispatched_at)
    at = life.office(life.limits.days(due, 1), after=due + timedelta(minutes=20))
    life.write("request_return", at, CENTRE_HEAD, **RETURN)
    _sent_elsewhere(life)
    life.settle()
