"""The application: its routes, who may call them, how it fails, and OpenAPI 3.1 of it all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from paidan.engine.access.sessions import IDLE
from paidan.engine.app import Engine
from paidan.engine.console import audit as audit_page
from paidan.engine.console import find, month, now, other, room, session, sheet
from paidan.engine.console import order as one_order
from paidan.engine.console import tokens as tokens_page
from paidan.engine.console.pages import STATIC, failed, is_page
from paidan.engine.http import (
    access,
    audit,
    cases,
    exports,
    feed,
    filed,
    health,
    identities,
    imports,
    inbox,
    jobs,
    orders,
    rules,
    running,
    scores,
)
from paidan.engine.http.callers import rights
from paidan.engine.http.edge import Edge, Static
from paidan.engine.http.pace import Pace, Tries
from paidan.engine.http.problems import answer, tell_problems
from paidan.engine.jobs.keeper import Jobs

_API = (
    orders, identities, running, cases, feed, inbox, rules, scores, filed, jobs, imports, exports, access,
    audit, health,
)  # fmt: skip
_PAGES = (session, now, find, one_order, month, other, sheet, room, audit_page, tokens_page)
RATE = 200.0
"""Requests a second that one token may make, over time."""
UPLOAD_MOST = 64 << 20
"""Bytes of an upload."""


def application(
    engine: Engine, *, rate: float = RATE, upload_most: int = UPLOAD_MOST, idle: timedelta = IDLE
) -> FastAPI:
    """
    Give the ASGI application of an engine, which stays the caller's to start and to close.

    `rate` is how many requests a second one token may make, 0 for any number; `upload_most` how many bytes
    an upload may have; `idle` how long somebody signed in to the console may do nothing. Raises
    `LookupError` where a route says no right.
    """
    journal = engine.journal
    kept = Jobs(engine.now, journal)

    @asynccontextmanager
    async def lived(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(kept.close)

    app = FastAPI(
        title="paidan 派单",
        version="1",
        summary="12345 热线工单：运行、回放、考核 · work orders of a 12345 hotline",
        docs_url=None,
        redoc_url=None,
        lifespan=lived,
    )
    app.state.engine = engine
    app.state.jobs = kept
    app.state.upload_most = upload_most
    app.state.pace = Pace(rate, 2 * rate)
    app.state.tries = Tries(journal)
    app.state.idle = idle
    tell_problems(app, journal, lambda *what: failed(*what) if is_page(what[0]) else answer(*what))
    app.add_middleware(Edge, upload_most=upload_most)
    app.mount("/static", Static(directory=STATIC))
    for one in (*_API, *_PAGES):
        app.router.routes.extend(one.router.routes)  # as they are: `rights` looks at each
    rights(app)
    return app
