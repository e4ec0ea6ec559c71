"""The engine's measures: what is counted, who gets to see it, and what happens without the library."""

import math
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import prometheus_client
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import UsageError
from paidan.engine.messages import texts
from paidan.engine.metrics import MEASURES, serving
from paidan.storage.errors import StoreUnavailableError
from paidan.workflows.records import BEIJING

CHECKOUT = Path(__file__).resolve().parents[2]
NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


@pytest.mark.parametrize("kind", KINDS)
def test_commands_time_outs_sweeps_and_lag_are_counted(kind, place_of):
    registry, clock = CollectorRegistry(), SimulatedClock(NINE)
    asked = {"warn.before": "10m", "escalate.after": "5m"}
    with Engine.open(place_of(kind).url, settings=asked, clock=clock, metrics=registry) as engine:

        def value(name, **labels):
            return registry.get_sample_value(f"paidan_{name}", labels)

        for order in ("A", "B"):
            engine.submit(order, "receive", key=order)
        engine.submit("A", "receive", key="A")
        engine.submit("A", "close")
        assert value("lag_seconds") == 0
        clock.advance_to(NINE + timedelta(minutes=40))
        assert value("lag_seconds") == 1200, "the warning waits since twenty past"
        engine.submit("A", "register")
        engine.sweep()
        assert value("commands_total", event="receive", outcome="accepted") == 2
        assert value("commands_total", event="receive", outcome="repeated") == 1
        assert value("commands_total", event="close", outcome="refused") == 1
        assert value("commands_total", event="register", outcome="accepted") == 1
        assert value("command_seconds_count") == 5
        assert 0 < value("command_seconds_sum") < 60
        for told in ("time_outs", "warnings", "escalations"):
            assert value(f"{told}_total", rule="JY-T01") == 2
        assert value("sweep_seconds_count") == 1
        assert value("sweeps_failed_total") == 0
        assert value("lag_seconds") == 0
        engine._store.close()
        with pytest.raises(StoreUnavailableError):
            engine.sweep()
        assert value("store_errors_total", doing="sweep", code="db_away") == 1
        assert math.isnan(value("lag_seconds"))
    assert list(registry.collect()) == [], "taken out when the engine is closed"


def test_a_sweep_that_fails_in_the_background_is_counted():
    registry = CollectorRegistry()
    with Engine.open("memory://", metrics=registry) as engine:
        engine._store.close()
        engine.start(every_seconds=0.05)
        limit = time.monotonic() + 20
        while not registry.get_sample_value("paidan_sweeps_failed_total") and time.monotonic() < limit:
            time.sleep(0.01)
        assert registry.get_sample_value("paidan_sweeps_failed_total")


def test_nothing_is_registered_anywhere_without_being_asked():
    before = {one.name for one in prometheus_client.REGISTRY.collect()}
    with Engine.open("memory://") as engine:
        engine.submit("A", "receive")
    assert {one.name for one in prometheus_client.REGISTRY.collect()} == before


def test_a_registry_holds_one_engine_at_a_time():
    registry = CollectorRegistry()
    with Engine.open("memory://", metrics=registry) as engine:
        with pytest.raises(UsageError) as told:
            Engine.open("memory://", metrics=registry)
        assert told.value.code == "metrics_taken"
        engine.submit("A", "receive")
        assert registry.get_sample_value("paidan_command_seconds_count") == 1
    Engine.open("memory://", metrics=registry).close()


def test_the_table_names_what_is_scraped_and_explains_each_in_both_languages():
    registry = CollectorRegistry()
    with Engine.open("memory://", metrics=registry):
        found = {(one.name, one.type) for one in registry.collect()}
    assert found == {(f"paidan_{one.name}", one.kind) for one in MEASURES}
    assert {name for name in texts() if name.startswith("measure.")} == {
        f"measure.{one.name}" for one in MEASURES
    }


def test_measures_are_served_over_http_and_the_port_is_free_again():
    with serving("0") as registry:
        assert list(registry.collect()) == []
    with serving("127.0.0.1:0"), pytest.raises(UsageError) as told, serving("nowhere.invalid:0"):
        pass
    assert told.value.code == "metrics_address"
    for wrong in ("", "x", "70000", "127.0.0.1:"):
        with pytest.raises(UsageError), serving(wrong):
            pass


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_run_serves_them_until_it_is_stopped(tmp_path):
    port, url = free_port(), f"sqlite:///{tmp_path / 'a.db'}"
    command = [sys.executable, str(CHECKOUT / "run_engine.py"), "run", "--db", url, "--metrics", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        try:
            while b"sqlite" not in child.stderr.readline():
                assert child.poll() is None
            with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                told = answer.read().decode()
        finally:
            child.terminate()
            child.stderr.read()
    assert child.returncode == 0
    names = {one.name for one in text_string_to_metric_families(told)}
    assert names >= {f"paidan_{one.name}" for one in MEASURES}


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [
            sys.executable,
            str(CHECKOUT / "run_engine.py"),
            "run",
            "--db",
            f"sqlite:///{tmp_path / 'a.db'}",
        ]
        done = subprocess.run(
            [*command, "--metrics", str(port), "--lang", "en"], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"cannot serve metrics at {port} (")
    assert not (tmp_path / "a.db").exists()


def test_without_the_library_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(UsageError) as told:
        Engine.open("memory://", metrics=CollectorRegistry())
    assert told.value.code == "metrics_missing"
    assert "paidan[metrics]" in texts()["metrics_missing"][1].format(**told.value.details)
