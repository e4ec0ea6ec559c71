"""The ways an order goes when somebody breaks a rule, or the log itself cannot be right."""

from datetime import timedelta

from paidan.engine.demo.life import Life
from paidan.engine.demo.ways import RETURN, ask_for_extension, extend

_SEEN = "现场踏勘照片2张"
_SATISFIED = {"result": "effective", "outcome": "resolved", "satisfaction": "satisfied"}


def _not_taken(life: Life) -> None:
    """Carry on after a request that is not taken."""
    life.write("refuse_return", life.draw.soon(life.at, 10, 180), life.centre)
    life.take_up()
    life.settle()


def late_return(life: Life) -> None:
    """Asked to return when the window had passed (JY-T06, with a site JY-T07)."""
    life.begin()
    due = life.limits.due("JY-T07" if life.case.site_visit else "JY-T06", life.dispatched_at)
    at = life.office(life.limits.days(due, 1), after=due + timedelta(minutes=20))
    life.write("request_return", at, life.handler, **RETURN, evidence=_SEEN if life.case.site_visit else None)
    _not_taken(life)


def return_after_due(life: Life) -> None:
    """Asked to return inside the window, but the order's own limit of hours had passed (JY-G01)."""
    life.receive()
    life.register()
    life.dispatch(within=timedelta(hours=2))
    life.write("request_return", life.draw.soon(life.at, 150, 280), life.handler, **RETURN)
    _not_taken(life)


def return_incomplete(life: Life) -> None:
    """Asked to return without saying whose business it is, or without a basis (JY-G02)."""
    life.begin()
    left_out = life.draw.one(("owner", "reason", "basis"))
    said = {name: text for name, text in RETURN.items() if name != left_out}
    at = life.office(life.limits.due("JY-T06", life.dispatched_at))
    life.write("request_return", at, life.handler, **said)
    _not_taken(life)


def return_unprotected(life: Life) -> None:
    """Asked to return a hazard that nobody has made safe (JY-G03)."""
    life.begin()
    at = life.office(life.limits.due("JY-T06", life.dispatched_at))
    life.write("request_return", at, life.handler, **RETURN)
    _not_taken(life)


def return_unseen(life: Life) -> None:
    """Asked to return on the longer window without evidence of the visit (JY-T07, noted)."""
    life.begin()
    at = life.office(life.limits.due("JY-T07", life.dispatched_at))
    life.write("request_return", at, life.handler, **RETURN)
    _not_taken(life)


def late_extension(life: Life) -> None:
    """Asked for more time when the window had passed (JY-G04 by JY-T08)."""
    life.begin()
    life.take_up(accept=True, contact=True)
    due = life.limits.due("JY-T08", life.dispatched_at, order_due=life.order_due)
    at = life.office(life.limits.days(due, 2), after=max(life.at, due + timedelta(minutes=20)))
    life.write("request_extension", at, life.handler, reason="工作量大,未能按时完成")
    life.write("refuse_extension", life.draw.soon(life.at, 20, 300), life.centre)
    life.settle()


def second_extension(life: Life) -> None:
    """Asked for more time twice (JY-G05)."""
    life.begin()
    life.take_up(accept=True)
    ask_for_extension(life)
    extend(life, 20, 200)
    life.write("request_extension", life.draw.soon(life.at, 30, 400), life.handler, reason="仍需更多时间")
    life.write("refuse_extension", life.draw.soon(life.at, 20, 300), life.centre)
    life.settle()


def unchecked(life: Life) -> None:
    """Close it without calling back (JY-C01)."""
    life.begin()
    life.take_up()
    life.settle(checked=False)


def unlimited(life: Life) -> None:
    """Dispatched without a limit: no closing clock can run."""
    life.receive()
    life.register()
    life.dispatch(limited=False)
    life.take_up()
    life.settle()


def closed_twice(life: Life) -> None:
    """Close it, and some days later close it again."""
    life.begin()
    life.take_up()
    life.settle()
    life.close(life.draw.soon(life.at, 300, 3000))


def accepted_twice(life: Life) -> None:
    """Accept it twice, once by each informant of the unit."""
    life.begin()
    life.take_up()
    life.write("accept", life.draw.soon(life.at, 1, 90), life.handler._replace(actor=f"{life.unit}信息员B角"))
    life.settle()


def approved_unasked(life: Life) -> None:
    """Approve an extension that nobody asked for."""
    life.begin()
    life.take_up()
    extend(life, 30, 300)
    life.settle()


def resolved_unaccepted(life: Life) -> None:
    """Resolve it straight from dispatch: the unit never took it in the system."""
    life.begin()
    if not life.case.anonymous:
        life.contact(life.draw.soon(life.at, 10, 200))
    life.settle()


# ---- orders that stay where they are -------------------------------------------------------------


def never_registered(life: Life) -> None:
    """Still lies with the centre."""
    life.receive()


def never_dispatched(life: Life) -> None:
    """Register it and forget it."""
    life.receive()
    life.register()


def never_accepted(life: Life) -> None:
    """Dispatched, urged, and not accepted; some callers were at least telephoned."""
    life.begin()
    if life.draw.chance(0.5):
        life.contact(life.draw.soon(life.at, 10, 200), life.centre)
    life.write("urge", life.office(life.limits.days(life.at, 2)), life.centre)


def never_contacted(life: Life) -> None:
    """Accept it, and never speak with the caller."""
    life.begin()
    life.write("accept", life.accept_time(timely=True), life.handler)


def unfinished(life: Life) -> None:
    """Contacted, and at work."""
    life.begin()
    life.take_up(contact=True)


def unfinished_extended(life: Life) -> None:
    """Extend it, and be at work still."""
    unfinished(life)
    ask_for_extension(life)
    extend(life, 20, 300)


def left_returned(life: Life) -> None:
    """Return it; nobody dispatches it again."""
    life.begin()
    life.write("request_return", life.office(life.limits.due("JY-T06", life.at)), life.handler, **RETURN)
    life.write("approve_return", life.draw.soon(life.at, 10, 240), life.centre)


def left_resolved(life: Life) -> None:
    """Resolve it; nobody checks."""
    unfinished(life)
    life.resolve(life.office(life.limits.days(life.at, 2)))


def left_revisited(life: Life) -> None:
    """Call back, and leave it open."""
    left_resolved(life)
    life.call_back(life.draw.soon(life.at, 60, 600))


def left_dispatched_again(life: Life) -> None:
    """To be redone, and not accepted since."""
    left_revisited(life)
    at = life.draw.soon(life.at, 15, 300)
    life.write("redo", at, life.centre, ground="回访不满意", reason="未实际解决")


# ---- units that the month does not assess --------------------------------------------------------


def unevaluated(life: Life) -> None:
    """Close it; the district reaches nobody (JY-X02)."""
    life.begin()
    life.take_up()
    life.resolve(life.office(life.limits.days(life.at, 2)))
    life.call_back(life.draw.soon(life.at, 60, 600))
    life.close(life.draw.soon(life.at, 5, 60))
    life.district(result=life.draw.one(("not_connected", "connected")))


def accepted_before(life: Life) -> None:
    """Accept it in September and close it in October (`street.NOTHING_ACCEPTED`)."""
    life.begin()
    life.take_up(accept=True, contact=True)
    october = life.at.replace(month=10, day=1)
    life.resolve(life.office(life.limits.days(october, 2), after=october))
    life.call_back(life.draw.soon(life.at, 60, 600), **_SATISFIED)
    life.close(life.draw.soon(life.at, 5, 60))
    life.district(**_SATISFIED)
