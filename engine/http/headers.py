"""Headers that keep answers where they belong: in no cache, in no frame, read as nothing else."""

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEPT_IN = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)


class Static(StaticFiles):
    """Files that may be kept for a day: their address changes with them."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """Give a file."""
        answer = super().file_response(*given, **named)
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer


class KeptIn:
    """An ASGI layer that gives every answer the headers it does not have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and its answer back."""

        async def kept_in(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Any] = message["headers"]
                named = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(one for one in _KEPT_IN if one[0] not in named)]
            await send(message)

        await self._app(scope, receive, kept_in)
