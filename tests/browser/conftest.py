"""What every test of a page needs: the demo month, served, and people who look at it through Chromium."""

import os
import shutil
from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from support.browsing import ARGUMENTS, Person, chromium
from support.serving import served

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.demo.files import write_demo
from paidan.workflows.records import BEIJING

TEN = datetime(2026, 10, 21, 10, 5, tzinfo=BEIJING)
"""Where the clock of the demo month stands: some orders are closed, some run, some are late."""


@pytest.fixture(scope="session")
def month(tmp_path_factory):
    """Give a folder with the demo month: its files, and `orders.db` with its orders as live ones."""
    base = tmp_path_factory.getbasetemp()
    beside = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base  # workers share one
    folder = beside / "demo-month"
    with Path(beside / "demo-month.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "whole").exists():
            files = write_demo(folder)
            url = f"sqlite:///{folder / 'orders.db'}"
            with Engine.open(url, "JY", units=files.units, clock=SimulatedClock(TEN)) as engine:
                engine.import_logs([files.orders])
                engine.sweep()
            (folder / "whole").touch()
    return folder


@pytest.fixture(scope="module")
def clock():
    return SimulatedClock(TEN)


@pytest.fixture(scope="module")
def demo(month, tmp_path_factory, clock):
    """Serve a copy of the demo month, which the tests of a module may write into."""
    file = tmp_path_factory.mktemp("demo") / "orders.db"
    shutil.copy(month / "orders.db", file)
    with (
        Engine.open(
            f"sqlite:///{file}", "JY", units=month / "units.csv", clock=clock, key=b"k" * 32
        ) as engine,
        served(engine, rate=0) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def browser():
    """Start Chromium; one for a module, since its loop must not outlive it: others' tests have their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def person(browser, demo):
    """Sign somebody in: `person("dispatcher")`, with `unit`, `lang`, `scheme`, `size`, `script`."""
    there = []

    def signed_in(role="", unit="", **how):
        there.append(Person(browser, demo, role, unit, **how))
        return there[-1]

    yield signed_in
    for one in there:
        one.close()
