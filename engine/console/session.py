"""Signing in to the console with a token, and out again; no script and no other site reads the cookie."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from paidan.engine.access.sessions import LONGEST
from paidan.engine.console.pages import TO_MOST, Said, page, places
from paidan.engine.http.callers import (
    Caller,
    Page,
    PageOfAll,
    cookie_of,
    engine_of,
    same_site,
    tried,
    tries_of,
)
from paidan.engine.http.problems import language
from paidan.engine.messages import say

router = APIRouter(include_in_schema=False)

_LANGUAGES = ("zh", "en")
_OUT = ("idle", "over", "ended", "expired", "unknown")
"""Why somebody is not signed in any more."""
To = Annotated[str, Query(max_length=TO_MOST)]


@router.get("/login")
def login(request: Request, to: To = "", why: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Ask for a token, and say why where somebody was signed in before."""
    return page(request, "login.html.j2", to=to, wrong="", out=_out(request, why))


@router.post("/login")
def signed_in(request: Request, said: Said) -> Response:
    """Take a token, and go on to where somebody was going."""
    same_site(request)
    to, wall, lang = said.get("to", ""), "wall" in said, language(request)
    account = tried(request, said.get("token", ""))
    if account is None:
        return page(
            request, "login.html.j2", None, 401, to=to, wrong=say("console.token_wrong", lang), out=""
        )
    caller = Caller(engine_of(request), account, lang, wall)
    if wall and not places(caller):
        return page(request, "login.html.j2", None, 403, to=to, wrong=say("console.wall_not", lang), out="")
    tries_of(request).signed_in(request, account, wall=wall)
    _leave(request)
    answer = RedirectResponse((not wall and _local(to)) or _home(caller), 303)
    text = caller.engine.sessions.begin(account, wall=wall)
    secure = request.url.scheme == "https"
    answer.set_cookie(cookie_of(request), text, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


@router.post("/logout")
def signed_out(request: Request) -> Response:
    """End what was begun by signing in; the token stays good until it is ended."""
    same_site(request)
    _leave(request)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(
        cookie_of(request), httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/"
    )
    return answer


def _leave(request: Request) -> None:
    if text := request.cookies.get(cookie_of(request), ""):
        engine_of(request).sessions.end(text)


def _out(request: Request, why: str) -> str:
    minutes = request.app.state.idle.total_seconds() / 60
    details = {"minutes": f"{minutes:g}", "hours": f"{LONGEST.total_seconds() / 3600:g}"}
    return say(f"console.out_{why}", language(request), **details) if why in _OUT else ""


@router.get("/language/{lang}")
def choose_language(lang: str, to: To = "") -> Response:
    """Read on in another language."""
    answer = RedirectResponse(_local(to) or "/", 303)
    if lang in _LANGUAGES:
        answer.set_cookie("lang", lang, max_age=365 * 24 * 3600, samesite="lax", path="/")
    return answer


@router.get("/")
def home(caller: PageOfAll) -> Response:
    """Go to the first page that somebody may open."""
    return RedirectResponse(_home(caller), 303)


def _home(caller: Caller) -> str:
    return next((one.path for one in places(caller)), "/me")


@router.get("/here", status_code=204)
def still(_: PageOfAll) -> None:
    """Answer a page that asks whether its reader is signed in: whoever is not is led away from it."""


@router.post("/here", status_code=204)
def busy(_: PageOfAll) -> None:
    """Note that somebody is at work on a page, writing into a form."""


@router.get("/me")
def me(request: Request, caller: Page) -> Response:
    """Say who is signed in and what they may do."""
    return page(request, "me.html.j2", caller)


def _local(to: str) -> str:
    """Give a path of this server, or nothing: nobody is sent elsewhere."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else ""
