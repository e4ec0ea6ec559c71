"""The cycle collector of a server: what stays is looked through but once."""

import gc

import pytest

from paidan.engine import collector
from paidan.engine.collector import spare_what_stays


@pytest.fixture
def spared():
    before = list(gc.callbacks)
    spare_what_stays()
    yield
    gc.callbacks[:] = before
    gc.unfreeze()


@pytest.mark.usefixtures("spared")
@pytest.mark.parametrize(("seconds", "frozen"), [(-1.0, True), (1000.0, False)])
def test_what_stays_is_passed_over_once_looking_through_it_took_long(monkeypatch, seconds, frozen):
    monkeypatch.setattr(collector, "_LONG_SECONDS", seconds)
    gc.collect(1)
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert (gc.get_freeze_count() > 0) == frozen
