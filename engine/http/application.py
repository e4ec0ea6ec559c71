"""The application: its routes, who may call them, how it fails, and OpenAPI 3.1 of it all."""

from fastapi import FastAPI

from paidan.engine.app import Engine
from paidan.engine.console import audit as audit_page
from paidan.engine.console import month, now, session, sheet
from paidan.engine.console import order as one_order
from paidan.engine.console import tokens as tokens_page
from paidan.engine.console.pages import STATIC, failed, is_page
from paidan.engine.http import access, audit, feed, health, identities, inbox, orders, rules, running, scores
from paidan.engine.http.callers import Pace, rights
from paidan.engine.http.edge import Edge, Static
from paidan.engine.http.problems import answer, tell_problems
from paidan.engine.telemetry import Journal

RATE = 200.0
"""Requests a second that one token may make, over time."""


def application(engine: Engine, *, rate: float = RATE) -> FastAPI:
    """
    Give the ASGI application of an engine, which stays the caller's to start and to close.

    `rate` is how many requests a second one token may make, 0 for any number. Raises `LookupError` where
    a route says no right.
    """
    app = FastAPI(
        title="paidan 派单",
        version="1",
        summary="12345 热线工单：运行、回放、考核 · work orders of a 12345 hotline",
        docs_url=None,
        redoc_url=None,
    )
    app.state.engine = engine
    app.state.pace = Pace(rate)
    tell_problems(app, Journal(), lambda *what: failed(*what) if is_page(what[0]) else answer(*what))
    app.add_middleware(Edge)
    app.mount("/static", Static(directory=STATIC))
    api = (orders, identities, running, feed, inbox, rules, scores, access, audit, health)
    pages = (session, now, one_order, month, sheet, audit_page, tokens_page)
    for one in (*api, *pages):
        app.router.routes.extend(one.router.routes)  # as they are: `rights` looks at each
    rights(app)
    return app
