"""
Finding an order (查找工单) by what somebody has at hand: its number, a part of it, or a unit.

Of every order the beginning of its number is looked for; of those under way any part, and the unit they are
with: these are in memory, so that a page of any size answers at once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple
from unicodedata import normalize
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from paidan.engine.board import Running
from paidan.engine.console.limits import left, look, when
from paidan.engine.console.order import address_of
from paidan.engine.console.pages import page
from paidan.engine.faults import problem_code
from paidan.engine.http.callers import Caller, PageOfOrders
from paidan.engine.messages import say
from paidan.engine.messages.reasons import state_label
from paidan.workflows.cases import workflow_of
from paidan.workflows.errors import PaidanError
from paidan.workflows.records import Order

router = APIRouter(include_in_schema=False)

_FOUND = 50
_UNITS = 10
_LOOKED_AT = 300
"""Orders of a prefix looked at to find those that somebody may see, each by its log."""


class Shown(NamedTuple):
    """An order that was found: where it stands, and its soonest duty where one runs."""

    order_id: str
    state: str
    unit: str
    look: str
    left: str
    due: str


@router.get("/orders")
def orders(request: Request, caller: PageOfOrders, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Find orders; without a question, give those that the caller looked at last."""
    asked, q = q.strip(), normalize("NFKC", q).strip()
    seen = caller.running() if q else None
    running = seen.running if seen else ()  # before it was read once, what begins so is found all the same
    found = _found(caller, (asked, q, q.upper(), q.lower()), running) if q else []
    units = _units(q, running) if q else []
    exact = next((one for one in found if one.casefold() == q.casefold()), "")
    only = exact or (found[0] if len(found) == 1 and not units else "")
    if only:
        return RedirectResponse(address_of(only), 303)
    sights = caller.engine.accounts.sights(name=caller.account.name, most=100)
    own = (one.order_id for one in sights if one.token == caller.account.token)  # others may have one's name
    recent = list(dict.fromkeys(filter(str.strip, own)))[:10]
    shown = _shown(caller, found[:_FOUND], running)
    return page(request, "orders.html.j2", caller, q=q, found=shown, units=units, recent=recent,
                more=len(found) > _FOUND)  # fmt: skip


def _found(caller: Caller, said: Sequence[str], running: Sequence[Running]) -> list[str]:
    """Give the ids found, one more than are shown: those that begin so, then those under way that hold it."""
    found: dict[str, None] = {}
    for prefix in dict.fromkeys(said):
        found |= dict.fromkeys(one.order_id for one in _beginning(caller, prefix))
        if found:
            break
    part = said[-1].casefold()
    for one in running:
        if len(found) > _FOUND:
            break
        if part in one.order_id.casefold():
            found[one.order_id] = None
    return list(found)


def _beginning(caller: Caller, prefix: str) -> Iterator[Order]:
    """Give the orders whose id begins so, in order of id, at most one more than are shown."""
    engine = caller.engine
    given, after, looked_at = 0, prefix, 0
    try:
        yield caller.visible(prefix)
        given = 1
    except PaidanError as error:
        if problem_code(error) != "not_found":
            raise
    while given <= _FOUND and looked_at < _LOOKED_AT and (some := engine.orders_after(after, 100)):
        within = [one for one in some if one.order_id.startswith(prefix)]
        seen = [one for one in within if caller.sees(one)][: _FOUND + 1 - given]
        yield from seen
        if len(within) < len(some):
            return
        given, after, looked_at = given + len(seen), some[-1].order_id, looked_at + len(some)


def _units(q: str, running: Sequence[Running]) -> list[tuple[str, int, str]]:
    """Give the units whose name holds the text, with how many orders are with each, and where those are."""
    held = Counter(one.unit for one in running if one.unit and q.casefold() in one.unit.casefold())
    return [(unit, count, f"/now?{urlencode({'unit': unit})}") for unit, count in held.most_common(_UNITS)]


def _shown(caller: Caller, found: Sequence[str], running: Sequence[Running]) -> Iterator[Shown]:
    engine, lang, now = caller.engine, caller.lang, caller.engine.now()
    rules, wanted = engine.books.latest.at(now), frozenset(found)
    due = {one.order_id: one.due_at for one in running if one.order_id in wanted}
    for order_id in found:
        order, workflow = engine.order(order_id), workflow_of(order_id)
        state = state_label(order.state, lang, workflow)
        unit = order.facts.get("unit") or ""
        due_at = due.get(order_id)
        if due_at is None:
            yield Shown(order_id, state, unit, "", "", "")
            continue
        told = say("console.duty_until", lang, due=when(due_at, now, lang))
        yield Shown(order_id, state, unit, look(due_at, now, rules), left(due_at, now, rules, lang), told)
