"""What the engine tells: each event with the level and the fields of its table, and no other."""

import logging
import time
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import structlog
from support.notices import written
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.messages import texts
from paidan.engine.telemetry import EVENTS, fields_of
from paidan.storage.errors import StoreUnavailableError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
ALWAYS = {"event", "logger"}
"""What structlog and the journal add to the fields of any event."""


@contextmanager
def heard():
    """Give what a host that has set up structlog hears, with the level of each."""
    told = []

    def hear(_, level, fields):
        told.append((level, dict(fields)))
        raise structlog.DropEvent

    structlog.configure(processors=[hear])
    try:
        yield told
    finally:
        structlog.reset_defaults()


def everything(url, tmp_path):
    """Run an engine through all that it can tell."""
    clock = SimulatedClock(NINE)
    settings = {"warn.before": "10m", "escalate.after": "1h"}
    engine = Engine.open(url, settings=settings, clock=clock, key=bytes(32))
    engine.submit("A", "receive", key="K", order_due="2027-01-10", phone="13912345678")
    engine.submit("A", "receive", key="K", order_due="2027-01-10", phone="13912345678")
    engine.submit("A", "close", phone="13912345678")
    engine.submit("A", "register")
    engine.submit("A", "dispatch", unit="甲科")
    clock.advance_to(NINE + timedelta(days=3))
    engine.subscribe("broken", lambda _: 1 / 0)
    no_folder = tmp_path / "no_folder"
    no_folder.touch()
    engine.start(every_seconds=0.05, seals=no_folder)
    limit = time.monotonic() + 20
    while engine.longest_due_at() and time.monotonic() < limit:
        time.sleep(0.01)
    while not engine.inbox() and time.monotonic() < limit:
        time.sleep(0.01)
    engine.acknowledge(engine.inbox()[0].number, actor="甲 13912345678", role="dispatcher")
    engine.rebuild()
    engine.seal(tmp_path / "seals")
    log = tmp_path / "log.csv"
    log.write_text("order_id,event,at,phone\nL,receive,2026-03-02 08:00:00,13912345678\n", encoding="utf-8")
    engine.import_logs([log])
    engine.load_calendar(written(tmp_path))
    (tmp_path / "directory.csv").write_text("role,person\ncentre_head,赵一\n", encoding="utf-8")
    engine.load_directory(tmp_path / "directory.csv", actor="赵一")
    engine.unmask("A", reason="回电13912345678", actor="甲")
    engine.rotate_key(bytes(range(32)))
    engine.erase("A", reason="回电13912345678", actor="甲")
    with served(engine) as live, live.client() as anyone, pytest.MonkeyPatch.context() as broken:
        broken.setattr(engine, "orders_after", lambda *_: int("13912345678 no number"))
        assert anyone.get("/readyz").json()["code"] == "fault"
        assert anyone.post("/login", data={"token": "13912345678"}).status_code == 401
        assert live.client("auditor").get("/v1/tokens").status_code == 403
        token = engine.accounts.issue("甲", "auditor", by="乙").text
        assert anyone.post("/login", data={"token": token}).status_code == 303
    engine._store.close()
    with pytest.raises(StoreUnavailableError):
        engine.submit("A", "note")
    return engine


@pytest.mark.parametrize("kind", KINDS)
def test_each_event_has_the_level_and_the_fields_of_the_table_and_all_are_told(kind, place_of, tmp_path):
    with heard() as told:
        engine = everything(place_of(kind).url, tmp_path)
        limit = time.monotonic() + 20
        by_themselves = {"sweep_failed", "seal_failed", "subscriber_failed", "tell_failed"}
        while by_themselves - {one["event"] for _, one in told} and time.monotonic() < limit:
            time.sleep(0.01)
        engine.close()
    for level, one in told:
        name = one["event"]
        assert (name, level) == (name, EVENTS[name][0])
        assert set(one) - ALWAYS == set(fields_of(name)), name
    assert {one["event"] for _, one in told} == set(EVENTS)
    assert "13912345678" not in repr(told)


def test_every_event_is_explained_in_both_languages():
    assert {name for name in texts() if name.startswith("journal.")} == {f"journal.{name}" for name in EVENTS}


def test_a_host_that_asks_for_what_is_worth_noting_hears_no_more_than_that(caplog):
    clock = SimulatedClock(NINE)
    with Engine.open("memory://", clock=clock) as engine, caplog.at_level(logging.INFO, "paidan"):
        engine.submit("A", "receive")
        engine.submit("A", "close")
        clock.advance_to(NINE + timedelta(days=3))
        engine.sweep()
    told = [one.getMessage().split()[0] for one in caplog.records if one.name == "paidan"]
    assert told[0] == "event='command_refused'"
    assert set(told[1:]) == {"event='time_out_raised'"}


def test_below_a_warning_nothing_is_heard_until_the_host_asks(caplog, capsys):
    with (
        Engine.open("memory://", clock=SimulatedClock(NINE)) as engine,
        caplog.at_level(logging.DEBUG, "paidan"),
    ):
        engine.submit("A", "receive")
    assert "event='command_accepted' order='A' command='receive' seq=1 state='received'" in caplog.text
    assert capsys.readouterr().out == ""
    caplog.clear()
    with Engine.open("memory://") as engine:
        engine.submit("A", "receive")
    assert caplog.text == ""
