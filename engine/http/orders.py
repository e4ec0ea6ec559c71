"""Orders and cases over HTTP: as they stand, their logs and clocks, what may be done, and doing it."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from paidan.engine.custody_told import custody_plain
from paidan.engine.explain import explain
from paidan.engine.http.callers import Caller, ReadsOrders, Submits
from paidan.engine.http.problems import PROBLEMS, ProblemError
from paidan.engine.http.shapes import (
    AvailableOut,
    CommandIn,
    DeadlineOut,
    EntryOut,
    OrderId,
    OrderOut,
    OrderPage,
    OutcomeOut,
    Plain,
    SightOut,
    available_out,
    deadline_out,
    entry_out,
    order_out,
    outcome_out,
    sight_out,
)
from paidan.engine.http.submitting import may, submitted
from paidan.engine.messages import say
from paidan.workflows.records import Order

router = APIRouter(prefix="/v1/orders", tags=["orders"], responses=PROBLEMS)

_LOOKED_AT = 5_000
"""Orders looked at for one page, at most: a filter that finds few gives a short page and goes on."""
_LOOKED_INTO = 500
"""The same where the log of each says whether it may be seen."""
Page = Annotated[int, Query(ge=1, le=500, description="at most so many")]


@router.get("", summary="工单逐页 · orders page by page")
def orders(
    request: Request,
    caller: ReadsOrders,
    after: Annotated[str, Query(max_length=200)] = "",
    limit: Page = 100,
    state: Annotated[str, Query(max_length=40)] = "",
    unit: Annotated[str, Query(max_length=80)] = "",
) -> OrderPage:
    """Give orders in order of id, those of a state or a unit where one is named."""
    found: list[Order] = []
    looked_at, most = 0, _LOOKED_INTO if caller.account.kind.own_unit else _LOOKED_AT
    for one in _following(caller, after, limit):
        after, looked_at = one.order_id, looked_at + 1
        if state in ("", one.state) and unit in ("", one.facts.get("unit")) and caller.sees(one):
            found.append(one)
        if len(found) == limit or looked_at == most:
            following: str | None = str(request.url.include_query_params(after=after))
            break
    else:
        following = None
    return OrderPage(orders=[order_out(one, caller.lang) for one in found], next=following)


def _following(caller: Caller, after: str, at_once: int) -> Iterator[Order]:
    while page := caller.engine.orders_after(after, at_once):
        yield from page
        after = page[-1].order_id


@router.get("/{order_id}", summary="一张工单 · one order")
def order(
    order_id: OrderId, caller: ReadsOrders, response: Response, if_none_match: Annotated[str, Header()] = ""
) -> OrderOut:
    """Give an order or a case as it stands; its `ETag` is what `If-Match` of a command takes."""
    found = caller.seen(order_id, "order")
    tag = f'"{found.seq}"'
    response.headers["ETag"] = tag
    if if_none_match and tag in if_none_match:
        response.status_code = 304
    return order_out(found, caller.lang)


@router.get("/{order_id}/history", summary="日志 · the log")
def history(order_id: OrderId, caller: ReadsOrders) -> list[EntryOut]:
    """Give the log of an order with place and hash of each entry in the chain, identities masked."""
    found = caller.seen(order_id, "history")
    rules = caller.engine.rules(found.order_id)
    return [
        entry_out(entry, caller.lang, rules, position, of_entry)
        for position, entry, of_entry in caller.engine.linked(found.order_id)
    ]


@router.get("/{order_id}/deadlines", summary="各项时限 · its clocks")
def deadlines(order_id: OrderId, caller: ReadsOrders) -> list[DeadlineOut]:
    """Give the clocks of an order with their verdicts as of now."""
    found = caller.seen(order_id, "deadlines")
    return [deadline_out(one) for one in caller.engine.deadlines(found.order_id)]


@router.get("/{order_id}/explanation", summary="时限如何计算 · how deadlines were counted")
def explanation(
    order_id: OrderId, caller: ReadsOrders, rule: Annotated[str, Query(max_length=20)] = ""
) -> list[str]:
    """Tell, line by line, how each deadline was counted, or that of one rule."""
    found, engine = caller.seen(order_id, "explanation"), caller.engine
    rules = engine.rules(found.order_id)
    log = engine.history(found.order_id)
    return list(explain(found.order_id, log, rules, engine.now(), rule=rule, lang=caller.lang))


@router.get("/{order_id}/custody", summary="谁持单多久 · who held it how long")
def custody(order_id: OrderId, caller: ReadsOrders) -> dict[str, Plain]:
    """Give who held an order when, in natural and working time."""
    found = caller.seen(order_id, "custody")
    engine = caller.engine
    return custody_plain(engine.custody(found.order_id), engine.blame(found.order_id))


@router.get("/{order_id}/cases", summary="相关案件 · its cases")
def cases(order_id: OrderId, caller: ReadsOrders) -> list[OrderOut]:
    """Give the cases about an order."""
    found = caller.seen(order_id, "cases")
    return [order_out(one, caller.lang) for one in caller.engine.cases(found.order_id)]


@router.get("/{order_id}/sights", summary="谁看过这张工单 · who looked at it")
def sights(order_id: OrderId, caller: ReadsOrders, limit: Page = 100) -> list[SightOut]:
    """Give who looked at an order, the latest first."""
    found = caller.visible(order_id)
    return [sight_out(one) for one in caller.engine.accounts.sights(found.order_id, most=limit)]


@router.get("/{order_id}/available", summary="现在可做什么 · what may be done now")
def available(order_id: OrderId, caller: ReadsOrders) -> list[AvailableOut]:
    """Say of every event whether it may be done now, until when, whose it is, and what stands against it."""
    found = caller.seen(order_id, "available")
    rules = caller.engine.rules(found.order_id)
    return [
        available_out(one, rules, yours=may(caller, found, one.event, rules), lang=caller.lang)
        for one in caller.engine.available(found.order_id)
    ]


@router.post(
    "/{order_id}/events", summary="提交事件 · submit an event", responses={200: {"model": OutcomeOut}}
)
def submit(
    order_id: OrderId,
    said: CommandIn,
    caller: Submits,
    response: Response,
    if_match: Annotated[str, Header(max_length=40)] = "",
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> OutcomeOut:
    """
    Submit an event of an order or a case, as the account of the token.

    `If-Match` is the `seq` at which the order was seen: where it has gone on nothing is done (412). The
    same `Idempotency-Key` with the same body is done once and answered alike, with another it is refused.
    `dry_run` says what would come of it.
    """
    outcome = submitted(caller, order_id, said, idempotency_key, _expected(if_match, caller.lang))
    response.headers["ETag"] = f'"{outcome.order.seq}"'
    if outcome.again:
        response.headers["Idempotent-Replayed"] = "true"
    told = outcome_out(outcome, caller.lang, dry_run=said.dry_run)
    if not outcome.accepted:
        raise refused(told)
    return told


def _expected(if_match: str, lang: str) -> int | None:
    text = if_match.strip().removeprefix("W/").strip('"')
    return None if not if_match or text == "*" else seq_said(text, lang)


def seq_said(text: str, lang: str) -> int:
    """Read at which entry an order was seen; raises `ProblemError`."""
    if not text.isascii() or not text.isdecimal() or len(text) > 9:  # noqa: PLR2004 - longer is no seq
        raise ProblemError("invalid", say("http.if_match", lang))
    return int(text)


def refused(told: OutcomeOut) -> ProblemError:
    """Give the problem of a refusal: the rule and clause that refused first, and all that was found."""
    first = next((one for one in told.findings if one.refuses), None)
    text = "\n".join(one.text for one in told.findings)
    more: dict[str, Any] = {"rule": first.rule, "clause": first.clause} if first else {}
    return ProblemError("refused", text, outcome=told.model_dump(mode="json"), **more)
