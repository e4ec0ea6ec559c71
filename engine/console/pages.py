"""
What every page of the console has in common: its frame, its words, its language, and how it fails.

Pages are rendered here and need no script to be read; htmx refreshes parts of them in place.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from paidan.engine.access.roles import Right, role_named
from paidan.engine.http.callers import Caller
from paidan.engine.http.problems import STATUS, ProblemError, language
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, moment, state_label

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The Content-Security-Policy of every page: nothing is loaded from elsewhere, no script stands in a page."""


_ORDERS = "/orders/"
TO_MOST = 800
"""Characters of the address of a page to come back to."""
_FIELDS_MOST = 200


class Place(NamedTuple):
    """An entry of the navigation: its path, the code of its label, and the right it needs."""

    path: str
    label: str
    right: Right


NAVIGATION: tuple[Place, ...] = (
    Place("/now", "console.now", Right.READ_ORDERS),
    Place("/orders", "console.orders", Right.READ_ORDERS),
    Place("/month", "console.month", Right.READ_SCORES),
    Place("/replay", "console.room_replay", Right.READ_SCORES),
    Place("/import", "console.room_import", Right.IMPORT),
    Place("/audit", "console.audit", Right.AUDIT),
    Place("/tokens", "console.tokens", Right.GRANT),
)
"""The pages there are, in the order in which they are shown."""


def page(
    request: Request, template: str, caller: Caller | None = None, status: int = 200, **told: Any
) -> HTMLResponse:
    """Render a page in the language of the request, for whoever is looking."""
    lang = caller.lang if caller else language(request)
    account = caller.account if caller else None
    html = _environment().get_template(template).render(
        request=request, lang=lang, account=account, places=places(caller), wall=bool(caller and caller.wall),
        t=lambda code, **details: say(f"console.{code}", lang, **details),
        say=lambda code, **details: say(code, lang, **details),
        role=lambda name: role_said(name, lang), account_role=lambda name: role_said(name, lang),
        event=lambda name: event_label(name, lang), state=lambda name, *of: state_label(name, lang, *of),
        other_lang="en" if lang == "zh" else "zh", to_here=here(request), **told,
    )  # fmt: skip
    headers = {"Content-Security-Policy": POLICY, "Content-Language": "zh-CN" if lang == "zh" else "en"}
    return HTMLResponse(html, status, headers)


def role_said(name: str, lang: str) -> str:
    """Give a role of the log or of an account as people say it."""
    return role_named(name, lang) if lang == "zh" else name.replace("_", " ")


def places(caller: Caller | None) -> Sequence[Place]:
    """Give the pages that somebody may open: on a wall the first alone."""
    if caller is None:
        return ()
    return [one for one in NAVIGATION[: 1 if caller.wall else None] if caller.account.may(one.right)]


def failed(request: Request, error: ProblemError) -> Response:
    """Answer a problem with a page; whoever has no token yet is asked for one first."""
    if error.code == "method" and request.method == "GET":
        return RedirectResponse(_above(request), 303)  # the address bar holds where a form was sent
    if error.code == "unauthenticated":
        said = {"to": _came_from(request), "why": error.more.get("why", "")}
        asked = urlencode({name: one for name, one in said.items() if one})
        where = f"/login?{asked}" if asked else "/login"
        if request.headers.get("hx-request"):
            return Response(status_code=204, headers={"HX-Redirect": where})
        return RedirectResponse(where, 303)
    asked = request.url.path.removeprefix(_ORDERS) if request.url.path.startswith(_ORDERS) else ""
    sought = asked.partition("/")[0] if error.code == "not_found" else ""
    answer = page(
        request, "problem.html.j2", getattr(request.state, "caller", None), STATUS[error.code],
        code=error.code, detail=error.text, more=error.more, sought=sought,
    )  # fmt: skip
    answer.headers.update(error.headers)
    return answer


def here(request: Request) -> str:
    """Give the address to come back to: of what a form was answered with, the page that has the form."""
    if request.method != "GET":
        return _above(request)
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _above(request: Request) -> str:
    return request.url.path.rpartition("/")[0] or "/"


def _came_from(request: Request) -> str:
    """Give the page where somebody was who is asked for a token, or nothing where that is the first."""
    by_itself = request.headers.get("hx-current-url", "") if "hx-request" in request.headers else ""
    of_form = request.headers.get("referer", "") if request.method != "GET" else ""
    try:
        _, _, path, query, _ = urlsplit(by_itself or of_form or here(request))
    except ValueError:
        return ""
    to = f"{path}?{query}" if query else path
    return to if to != "/" and not path.startswith("/login") and len(to) <= TO_MOST else ""


def is_page(request: Request) -> bool:
    """Whether a request is for the console: everything but the interface for programs is."""
    return not request.url.path.startswith(("/v1/", "/healthz", "/readyz", "/openapi.json", "/static/"))


async def form(request: Request) -> Mapping[str, str]:
    """Give what a form says, by field; what was left empty is not there."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        said = parse_qsl(body, max_num_fields=_FIELDS_MOST)
    except ValueError:
        raise ProblemError("invalid", say("http.form_large", language(request), most=_FIELDS_MOST)) from None
    return {name: text.strip() for name, text in said if text.strip()}


Said = Annotated[Mapping[str, str], Depends(form)]
"""What the form of a page says."""


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("paidan.engine.console", "templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters["moment"] = moment
    found.globals["static"] = _static
    return found


@cache
def _static(name: str) -> str:
    """Give the address of a file of ours; it changes with the file, so that none is stale."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def order_at(order_id: str, seq: int = 0) -> str:
    """Give the address of an order's page, or of an entry of its log."""
    return f"/orders/{quote(order_id, safe='')}" + (f"?view=log#entry-{seq}" if seq else "")


def minutes(seconds: float, lang: str) -> str:
    """Say a span of time in days, hours and minutes, the two largest that are not zero."""
    whole = int(abs(seconds)) // 60
    days, rest = divmod(whole, 24 * 60)
    parts: Mapping[str, int] = {"days": days, "hours": rest // 60, "minutes": rest % 60}
    told = [say(f"console.{name}", lang, count=count) for name, count in parts.items() if count][:2]
    return ("" if lang == "zh" else " ").join(told) or say("console.minutes", lang, count=0)
