"""The edge of the application: no body beyond its size, answers in no cache and no frame, files of ours."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paidan.engine.http.problems import ProblemError, answer, language
from paidan.engine.messages import say

BODY_MOST = 1 << 20
"""Bytes of a body, but for uploads."""
UPLOADS = frozenset(("/v1/imports", "/replay", "/import"))
"""Where files are uploaded: a body may be as large as the server was told."""
_KEPT_IN = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),  # without one a browser hides whose form it is from us too
)
"""Headers that an answer gets which has none of that name."""


class Static(StaticFiles):
    """Files that may be kept for a day: their address changes with them."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """Give a file."""
        answer = super().file_response(*given, **named)
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer


class Edge:
    """An ASGI layer around an application, which every request passes."""

    def __init__(self, app: ASGIApp, upload_most: int) -> None:
        self._app = app
        self._upload_most = upload_most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted while it is read, and its answer back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        most = self._upload_most if scope["path"] in UPLOADS else BODY_MOST
        read, begun = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:  # as Starlette says it: whatever reads the body lets it through
                raise HTTPException(413, say("http.body_large", language(request), most=most))
            return message

        async def kept_in(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                headers: list[Any] = message["headers"]
                named = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(one for one in _KEPT_IN if one[0] not in named)]
            await send(message)

        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            text = say("http.body_large", language(request), most=most)
            await answer(request, ProblemError("too_large", text))(scope, receive, kept_in)
            return
        try:
            await self._app(scope, counted, kept_in)
        except Exception as error:
            if begun:
                raise
            problem: Response = await scope["app"].state.told(request, error)
            await problem(scope, receive, kept_in)
