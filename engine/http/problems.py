"""
Whatever goes wrong, as a problem of RFC 9457: a stable code, a title, what to do, the rule and its clause.

The code is the last part of `type` (`urn:paidan:problem:CODE`) and the member `code`. They are only added to.
"""

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from paidan.engine.faults import problem_code, sentences
from paidan.engine.masking import masked
from paidan.engine.messages import LANGUAGES, say
from paidan.engine.telemetry import REQUEST_FAILED, Journal
from paidan.workflows.errors import PaidanError

STATUS: Mapping[str, int] = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "method": 405,
    "conflict": 409,
    "elsewhere": 412,
    "too_large": 413,
    "media_type": 415,
    "refused": 422,
    "unprocessable": 422,
    "key_taken": 422,
    "too_many": 429,
    "fault": 500,
    "unavailable": 503,
}
"""Every code and the status it comes with."""
MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "2"


class ProblemOut(BaseModel):
    """A problem of RFC 9457; `code` is stable, `rule` and `clause` say which rule refused."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str


class ProblemError(Exception):
    """A request that ends with a problem; `code` is one of `STATUS`, `text` says what to do."""

    def __init__(
        self, code: str, text: str = "", headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.headers = dict(headers or {})
        self.more = more


def language(request: Request) -> str:
    """Give the language asked for: zh, unless English is wanted before it."""
    chosen = request.cookies.get("lang")
    if chosen in LANGUAGES:
        return chosen
    wanted = request.headers.get("accept-language", "").lower()
    english, chinese = wanted.find("en"), wanted.find("zh")
    return "en" if english >= 0 and not 0 <= chinese < english else "zh"


def answer(request: Request, error: ProblemError) -> JSONResponse:
    """Give the response of a problem."""
    lang = language(request)
    body = {
        "type": f"urn:paidan:problem:{error.code}",
        "title": say(f"problem.{error.code}", lang),
        "status": STATUS[error.code],
        "code": error.code,
        "detail": error.text,
        "instance": request.url.path,
        **error.more,
    }
    headers = {"Content-Language": "zh-CN" if lang == "zh" else "en", **error.headers}
    return JSONResponse(body, STATUS[error.code], headers, MEDIA_TYPE)


def problem_of(error: Exception, lang: str) -> ProblemError:
    """Give the problem that an error of the engine is, in its own words."""
    code, headers = problem_code(error), {}
    if code == "unavailable":
        headers["Retry-After"] = _RETRY_SECONDS
    return ProblemError(code, "\n".join(sentences(error, lang)), headers)


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": "problem (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": ProblemOut.model_json_schema()}},
    }
    for status in sorted({*STATUS.values()} - {500})
}
"""How every route may fail, for OpenAPI."""


def tell_problems(
    app: FastAPI, journal: Journal, answer: Callable[[Request, ProblemError], Response]
) -> None:
    """Have every error of an application answered as a problem; what is a fault of ours goes into the log."""

    async def told(request: Request, error: Exception) -> Response:
        if isinstance(error, ProblemError):
            return answer(request, error)
        lang = language(request)
        if isinstance(error, RequestValidationError):
            return answer(request, _invalid(error, lang))
        if isinstance(error, HTTPException):
            return answer(request, _of_http(request, error, lang))
        found = problem_of(error, lang)
        if found.code == "fault":
            where = masked("".join(traceback.format_exception(error)))
            journal.tell(REQUEST_FAILED, path=masked(request.url.path), why=masked(str(error)), where=where)
            found.text = say("http.fault", lang, kind=type(error).__name__)
        return answer(request, found)

    for kind in (ProblemError, PaidanError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, told)
    app.state.told = (
        told  # of anything else the edge asks: Starlette would raise it again, for any log to echo
    )


def _invalid(error: RequestValidationError, lang: str) -> ProblemError:
    """Name each field that is not right; what was given is not repeated: it may be a citizen's."""
    fields = [{"where": ".".join(map(str, one["loc"])), "why": one["msg"]} for one in error.errors()]
    text = "\n".join(say("http.field", lang, **one) for one in fields)
    return ProblemError("invalid", text, fields=fields)


def _of_http(request: Request, error: HTTPException, lang: str) -> ProblemError:
    path = request.url.path
    headers = dict(error.headers or {})
    if error.status_code == STATUS["method"]:
        text = say("http.method", lang, path=path, allowed=headers.get("Allow", ""))
        return ProblemError("method", text, headers)
    if error.status_code == STATUS["not_found"]:
        return ProblemError("not_found", say("http.no_route", lang, path=path), headers)
    code = next((code for code, status in STATUS.items() if status == error.status_code), "invalid")
    return ProblemError(code, str(error.detail), headers)
