"""The interface as OpenAPI describes it, tried with whatever fits the description and whatever does not."""

from datetime import datetime

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.serving import served

from paidan.engine import Engine
from paidan.engine.access.roles import KIND_OF
from paidan.engine.clock import SimulatedClock
from paidan.engine.http.application import application
from paidan.engine.http.callers import OPEN_TO_ALL, rights
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip
APP = application(Engine.open("memory://"))
NEEDS = rights(APP)
schema = schemathesis.openapi.from_dict(APP.openapi())


@pytest.fixture(scope="module")
def live():
    clock = SimulatedClock(NINE)
    with Engine.open("memory://", "JY", clock=clock) as engine, served(engine, rate=0) as made:
        for event, unit in (("receive", ""), ("register", ""), ("dispatch", "甲科")):
            engine.submit("RX20260302001", event, unit=unit)
        yield made


@pytest.fixture(scope="module")
def tokens(live):
    roles = (role for role, kind in KIND_OF.items() if not kind.own_unit)
    return {role: live.engine.accounts.issue("测", role, by="测").text for role in roles}


def able(method, path):
    """Name a role that may call a route."""
    right = NEEDS[method, path]
    return next(role for role, kind in KIND_OF.items() if right in kind.rights and not kind.own_unit)


def tried(case, live, tokens):
    path = case.operation.path
    headers = {}
    if path not in OPEN_TO_ALL:
        headers["Authorization"] = f"Bearer {tokens[able(case.operation.method.upper(), path)]}"
    case.call_and_validate(base_url=live.url, headers=headers, checks=CHECKS, timeout=40)


@schema.parametrize()
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_no_request_ends_in_a_fault_and_every_answer_is_as_described(case, live, tokens):
    tried(case, live, tokens)


@pytest.mark.long
@schema.parametrize()
@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
def test_a_thousand_requests_of_a_route_end_in_no_fault(case, live, tokens):
    tried(case, live, tokens)
