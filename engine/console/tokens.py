"""Tokens (令牌): whose are in force, issued and ended by the security administrator."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from paidan.engine.access.roles import KIND_OF, role_named
from paidan.engine.access.tokens import DAYS, DAYS_MOST, Issued, KeptToken
from paidan.engine.console.pages import Said, page
from paidan.engine.errors import UsageError
from paidan.engine.faults import sentences
from paidan.engine.http.callers import Caller, PageOfGrants
from paidan.workflows.records import NOTHING

router = APIRouter(include_in_schema=False)

ROWS = 100
_EMPTY = {"name": "", "role": "", "unit": "", "days": str(DAYS)}
"""What stands in the form."""


@router.get("/tokens")
def tokens(
    request: Request,
    caller: PageOfGrants,
    every: Annotated[str, Query(pattern="^(true)?$")] = "",
    after: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """Show the tokens in force, or all there ever were."""
    return _shown(request, caller, every=bool(every), after=after)


@router.post("/tokens")
def issue(request: Request, caller: PageOfGrants, said: Said) -> Response:
    """Issue a token; what it is stands on this page and nowhere else."""
    name, role, unit = (said.get(one, "") for one in ("name", "role", "unit"))
    days = said.get("days", str(DAYS))
    term = int(days) if days.isascii() and days.isdecimal() and len(days) <= len(str(DAYS_MOST)) else 0
    try:
        issued = caller.engine.accounts.issue(name, role, unit, days=term, by=caller.account.name)
    except UsageError as error:
        return _shown(request, caller, said=said, wrong="\n".join(sentences(error, caller.lang)))
    return _shown(request, caller, issued=issued)


@router.post("/tokens/{number}/end")
def end(number: Annotated[str, Path(pattern=r"^[0-9]{8}$")], caller: PageOfGrants) -> Response:
    """End a token."""
    caller.engine.accounts.end(number, by=caller.account.name)
    return RedirectResponse("/tokens", 303)


def _shown(
    request: Request,
    caller: Caller,
    *,
    every: bool = False,
    after: str = "",
    said: Mapping[str, str] = NOTHING,
    wrong: str = "",
    issued: Issued | None = None,
) -> Response:
    told = [(one, _state(one, caller)) for one in reversed(caller.engine.accounts.all())]
    shown = [one for one in told if every or one[1] == "in_force"]
    numbers = [one.number for one, _ in shown]
    start = numbers.index(after) + 1 if after in numbers else 0
    rows = shown[start : start + ROWS]
    following = {"after": rows[-1][0].number, **({"every": "true"} if every else {})} if rows else {}
    return page(
        request, "tokens.html.j2", caller, 400 if wrong else 200, rows=rows, total=len(shown), every=every,
        after=f"/tokens?{urlencode(following)}" if start + ROWS < len(shown) else "",
        roles=[(role, role_named(role, caller.lang)) for role in KIND_OF], said={**_EMPTY, **said},
        wrong=wrong, issued=issued,
    )  # fmt: skip


def _state(one: KeptToken, caller: Caller) -> str:
    if one.ended_at is not None:
        return "stopped"
    return "expired" if caller.engine.now() >= one.expires_at else "in_force"
