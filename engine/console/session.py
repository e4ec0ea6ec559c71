"""Signing in to the console: a token, in a cookie that no script and no other site reads."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from paidan.engine.console.pages import Said, page, places
from paidan.engine.http.callers import COOKIE, Caller, Page, engine_of, same_site
from paidan.engine.http.problems import language

router = APIRouter(include_in_schema=False)

_LANGUAGES = ("zh", "en")


@router.get("/login")
def login(request: Request, to: Annotated[str, Query(max_length=500)] = "") -> Response:
    """Ask for a token; whoever had one that is good no longer is told so."""
    had = request.cookies.get(COOKIE, "")
    ended = bool(had) and engine_of(request).accounts.whose(had) is None
    return page(request, "login.html.j2", to=to, wrong=False, ended=ended)


@router.post("/login")
def signed_in(request: Request, said: Said) -> Response:
    """Take a token, and go on to where somebody was going."""
    same_site(request)
    token, to = said.get("token", ""), said.get("to", "")
    engine = engine_of(request)
    account = engine.accounts.whose(token)
    if account is None:
        return page(request, "login.html.j2", None, 401, to=to, wrong=True, ended=False)
    answer = RedirectResponse(_local(to) or _home(Caller(engine, account, language(request))), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


@router.post("/logout")
def signed_out(request: Request) -> Response:
    """Let go of the token; it stays good until it is ended."""
    same_site(request)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/language/{lang}")
def choose_language(lang: str, to: Annotated[str, Query(max_length=500)] = "") -> Response:
    """Read on in another language."""
    answer = RedirectResponse(_local(to) or "/", 303)
    if lang in _LANGUAGES:
        answer.set_cookie("lang", lang, max_age=365 * 24 * 3600, samesite="lax", path="/")
    return answer


@router.get("/")
def home(caller: Page) -> Response:
    """Go to the first page that somebody may open."""
    return RedirectResponse(_home(caller), 303)


def _home(caller: Caller) -> str:
    return next((one.path for one in places(caller)), "/me")


@router.get("/me")
def me(request: Request, caller: Page) -> Response:
    """Say who is signed in and what they may do."""
    return page(request, "me.html.j2", caller)


def _local(to: str) -> str:
    """Give a path of this server, or nothing: nobody is sent elsewhere."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else ""
