"""
Who is calling, and whether they may: every route names the right it needs, or says that it is open to all.

A token comes as `Authorization: Bearer pd_…`; whoever is signed in to the console has a cookie. What is not
an order of one's own is not there: whoever may see the orders of their unit alone gets the same answer for
another's as for none.
"""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from paidan.engine.access.reach import is_theirs
from paidan.engine.access.roles import Right, role_named
from paidan.engine.access.tokens import Account
from paidan.engine.app import Engine
from paidan.engine.board import Seen
from paidan.engine.errors import NotFoundError
from paidan.engine.http.pace import Pace, Tries, too_many
from paidan.engine.http.problems import ProblemError, language
from paidan.engine.messages import say
from paidan.workflows.cases import case_id
from paidan.workflows.records import Order

_SCHEME = "bearer "
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="paidan"'}
_READING = frozenset(("GET", "HEAD"))
_PATIENCE_SECONDS = 0.15
"""So long a request waits for the board to be up to date."""
_FIRST_SECONDS = 2.0
"""So long a request waits for a board that was never read."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls, by their account, and the engine they call."""

    engine: Engine
    account: Account
    lang: str
    wall: bool = False
    """signed in for a screen on a wall"""

    def seen(self, order_id: str, what: str) -> Order:
        """
        Give an order or a case that the caller may see, and write down that they looked at it.

        Raises `ProblemError` for one that is not there, or not for them.
        """
        order = self.visible(order_id)
        self.engine.accounts.saw(self.account, [order.order_id], what)
        return order

    def visible(self, order_id: str) -> Order:
        """Give an order or a case that the caller may see; raises as `seen`."""
        order = self.engine.order(order_id)
        if not self.sees(order):
            raise NotFoundError("live.order_unknown", order=order_id)  # the same as where there is none
        return order

    def running(self) -> Seen | None:
        """
        Give what is under way and for the caller, soonest due first: of a unit what is with it now.

        Nobody waits long: where much was written just now it is as it was shortly before, where it was
        never read None.
        """
        board, account = self.engine.board, self.account
        seen = board.look(_PATIENCE_SECONDS if board.progress.done else _FIRST_SECONDS)
        if seen is None or not account.kind.own_unit:
            return seen
        return seen._replace(running=tuple([one for one in seen.running if one.unit == account.unit]))

    def sees(self, order: Order) -> bool:
        """Whether an order or a case is for the caller: all are, unless their role sees its unit's alone."""
        unit = self.account.unit
        if not self.account.kind.own_unit:
            return True
        case = case_id(order.order_id)
        if case is None:
            return is_theirs(unit, order, lambda: self.engine.history(order.order_id))
        if case.about == unit:
            return True
        try:
            return self.sees(self.engine.order(case.about))
        except NotFoundError:  # about another unit
            return False


@dataclass(frozen=True, slots=True)
class Needs:
    """
    Asks a token of whoever calls a route, and that its account has a right.

    A `page` asks that somebody is signed in to the console, and what changes anything is taken only from its
    own pages. Those signed in for a `wall` reach the pages alone that say so.
    """

    right: Right
    page: bool = False
    wall: bool = False

    async def __call__(self, request: Request) -> Caller:
        """Give the caller, or raise `ProblemError`."""
        lang = language(request)
        engine = engine_of(request)
        wall = False
        if self.page:
            account, wall = await _signed_in(request, lang)
        else:
            account = await _of_token(request, lang)
        pace: Pace = request.app.state.pace
        if seconds := pace.wait(account.token):
            raise too_many(seconds, "http.too_many", lang, rate=f"{pace.rate:g}")
        caller = Caller(engine, account, lang, wall)
        request.state.caller = caller  # for the frame of a page that fails
        if not account.may(self.right):
            tries_of(request).refused(request, account, self.right.value)
            role = role_named(account.role, lang)
            text = say(
                "http.forbidden", lang, role=role, right=self.right, said=say(f"right.{self.right}", lang)
            )
            raise ProblemError("forbidden", text)
        if wall and not self.wall:
            raise ProblemError("forbidden", say("http.wall", lang))
        return caller


async def _signed_in(request: Request, lang: str) -> tuple[Account, bool]:
    if request.method not in _READING:
        same_site(request)
    text = request.cookies.get(cookie_of(request), "")
    if not text:
        raise ProblemError("unauthenticated", say("http.signed_out", lang))
    reading = request.method in _READING
    by_itself = reading and "hx-request" in request.headers  # a page asks again: nobody need be there
    whose = engine_of(request).sessions.whose
    found = await run_in_threadpool(whose, text, idle=request.app.state.idle, active=not by_itself)
    if found.account is None:
        if found.why == "unknown":
            tries_of(request).failed(request, "session")
        raise ProblemError("unauthenticated", say("http.signed_out", lang), why=found.why)
    return found.account, found.wall


async def _of_token(request: Request, lang: str) -> Account:
    given = request.headers.get("authorization", "")
    text = given[len(_SCHEME) :].strip() if given[: len(_SCHEME)].lower() == _SCHEME else ""
    accounts = engine_of(request).accounts
    account = accounts.remembered(text)
    if account is None and text:
        account = await run_in_threadpool(tried, request, text)
    if account is None:
        raise ProblemError("unauthenticated", say("http.unauthenticated", lang), _CHALLENGE)
    return account


def tried(request: Request, text: str) -> Account | None:
    """Give whose token that is; who got none is told and counted. Raises `ProblemError` for one held off."""
    accounts, tries = engine_of(request).accounts, tries_of(request)
    if not accounts.met(text):
        tries.check(request)
    found = accounts.tried(text)
    if found.account is None:
        tries.failed(request, found.why, found.number)
    return found.account


def cookie_of(request: Request) -> str:
    """Name the cookie of whoever is signed in: over HTTPS one that no other host and no script can set."""
    return "__Host-paidan" if request.url.scheme == "https" else "paidan"


def tries_of(request: Request) -> Tries:
    """Give who tried to get into an application."""
    return cast("Tries", request.app.state.tries)


def engine_of(request: Request) -> Engine:
    """Give the engine that an application serves."""
    engine: Engine = request.app.state.engine
    return engine


def same_site(request: Request) -> None:
    """Raise `ProblemError` for a request that another site had a browser make."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    said = origin.partition("://")[2]  # nothing where it is `null`, of a page that hides where it is from
    ours = site in ("same-origin", "none") if site else not origin or said == request.url.netloc
    if not ours:
        raise ProblemError("forbidden", say("http.other_site", language(request)))


def rights(app: FastAPI) -> dict[tuple[str, str], Right | None]:
    """
    Give every route by method and path with the right it needs, None for those open to all.

    Raises `LookupError` for a route that says neither: nothing is reached by having been forgotten.
    """
    found: dict[tuple[str, str], Right | None] = {}
    for route in app.routes:
        methods = sorted(getattr(route, "methods", None) or {"*"})
        needs = (
            [one.call.right for one in route.dependant.dependencies if isinstance(one.call, Needs)]
            if isinstance(route, APIRoute)
            else []
        )
        if len(needs) != 1 and getattr(route, "path", "") not in OPEN_TO_ALL:
            raise LookupError(f"{methods} {getattr(route, 'path', route)} says no right")
        found |= {(method, route.path): needs[0] if needs else None for method in methods}  # type: ignore[attr-defined]
    return found


OPEN_TO_ALL = frozenset((
    "/healthz", "/readyz", "/openapi.json", "/static", "/login", "/logout", "/language/{lang}",
))  # fmt: skip
"""The routes that need no token: they tell nothing of orders."""


Page = Annotated[Caller, Depends(Needs(Right.READ_RULES, page=True))]
"""Whoever is signed in to the console; every account has this right."""
PageOfAll = Annotated[Caller, Depends(Needs(Right.READ_RULES, page=True, wall=True))]
PageOfNow = Annotated[Caller, Depends(Needs(Right.READ_ORDERS, page=True, wall=True))]
PageOfOrders = Annotated[Caller, Depends(Needs(Right.READ_ORDERS, page=True))]
PageOfLog = Annotated[Caller, Depends(Needs(Right.READ_LOG, page=True))]
PageOfAudit = Annotated[Caller, Depends(Needs(Right.AUDIT, page=True))]
PageOfGrants = Annotated[Caller, Depends(Needs(Right.GRANT, page=True))]
ReadsOrders = Annotated[Caller, Depends(Needs(Right.READ_ORDERS))]
Submits = Annotated[Caller, Depends(Needs(Right.SUBMIT))]
ReadsInbox = Annotated[Caller, Depends(Needs(Right.READ_INBOX))]
ReadsScores = Annotated[Caller, Depends(Needs(Right.READ_SCORES))]
"""No unit's own role: a sheet shows its place among the others, and what the others took part in."""
PageOfScores = Annotated[Caller, Depends(Needs(Right.READ_SCORES, page=True))]
ReadsRules = Annotated[Caller, Depends(Needs(Right.READ_RULES))]
ReadsLog = Annotated[Caller, Depends(Needs(Right.READ_LOG))]
Imports = Annotated[Caller, Depends(Needs(Right.IMPORT))]
Exports = Annotated[Caller, Depends(Needs(Right.EXPORT))]
LoadsCalendar = Annotated[Caller, Depends(Needs(Right.LOAD_CALENDAR))]
FilesDirectory = Annotated[Caller, Depends(Needs(Right.FILE_DIRECTORY))]
PageOfExports = Annotated[Caller, Depends(Needs(Right.EXPORT, page=True))]
"""Every role that may export reads scores."""
PageOfImports = Annotated[Caller, Depends(Needs(Right.IMPORT, page=True))]
Audits = Annotated[Caller, Depends(Needs(Right.AUDIT))]
Grants = Annotated[Caller, Depends(Needs(Right.GRANT))]
Runs = Annotated[Caller, Depends(Needs(Right.RUN))]
Unmasks = Annotated[Caller, Depends(Needs(Right.UNMASK))]
Erases = Annotated[Caller, Depends(Needs(Right.ERASE))]
PageOfSubmitters = Annotated[Caller, Depends(Needs(Right.SUBMIT, page=True))]
PageOfUnmaskers = Annotated[Caller, Depends(Needs(Right.UNMASK, page=True))]
