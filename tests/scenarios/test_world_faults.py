"""Disk full, a file or folder nobody may write, a server away: told clearly, and well again by itself."""

import ctypes
import logging
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread

import pytest
from simulation.world import WorldClock

from paidan.engine import Engine
from paidan.engine.audit.verify import verify
from paidan.engine.cli.main import run
from paidan.storage.errors import StoreUnavailableError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)  # a Monday
LONG = "很长的说明" * 400
ROOT = os.geteuid() == 0


class SmallDisk:
    """A file system of a megabyte and a half, of which a filler takes a part until it is dropped."""

    def __init__(self, folder):
        self.folder = folder
        self.filler = folder / "filler"

    def fill(self):
        self.filler.write_bytes(b"\0" * (1 << 19))

    def free(self):
        self.filler.unlink()


class SmallFiles:
    """No file may grow beyond a megabyte."""

    def __init__(self, folder):
        self.folder = folder
        self.limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, self.limits[1]))

    def free(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.limits)


@contextmanager
def mounted(folder):
    """Mount a small file system; None where this machine lets nobody."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)]
    if not ROOT or subprocess.run(command, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(params=["disk", "files"])
def full(request, tmp_path):
    """Give a folder whose files are about to reach a limit, and what lifts it."""
    if request.param == "files":
        one = SmallFiles(tmp_path)
        one.fill()
        yield one
        one.free()
        return
    with mounted(tmp_path) as disk:
        if disk is None:
            pytest.skip("no file system may be mounted here; the limit of a file's size is tested")
        disk.fill()
        yield disk


@pytest.fixture
def clock():
    return WorldClock(NINE)


def log_of(engine):
    return [(one.order_id, one.seq, one.event) for one in engine._store.entries()]


def receive_until_full(engine, name="W"):
    """Receive orders until the store takes no more; give those acknowledged and what was told then."""
    acknowledged: list[str] = []
    while True:
        order = f"{name}{len(acknowledged):04}"
        try:
            engine.submit(order, "receive", key=order, area=LONG)
        except StoreUnavailableError as error:
            return acknowledged, error
        acknowledged.append(order)
        assert len(acknowledged) < 2_000, "it never gets full"


def test_a_full_disk_is_told_loses_nothing_and_is_well_when_there_is_room(full, clock):
    file = full.folder / "orders.db"
    with Engine.open(f"sqlite:///{file}", clock=clock) as engine:
        acknowledged, told = receive_until_full(engine)
        assert told.code == "db_away"
        assert str(file) in told.details["why"]
        assert "full" in told.details["why"] or "I/O" in told.details["why"]
        assert log_of(engine) == [(order, 1, "receive") for order in acknowledged], "reading goes on"
        fitted, _ = receive_until_full(engine, "X")  # one more may fit, and then is there
        full.free()
        lost = f"W{len(acknowledged):04}"
        again = engine.submit(lost, "receive", key=lost, area=LONG)
        assert not again.again, "nothing of it had been kept"
        assert engine.rebuild() is False
        assert log_of(engine) == [(order, 1, "receive") for order in (*acknowledged, lost, *fitted)]
        clock.time += timedelta(hours=1)
        assert engine.sweep() == len(acknowledged) + 1 + len(fitted)


def test_of_many_callers_on_a_full_disk_each_is_told_what_is_true(full, clock):
    with Engine.open(f"sqlite:///{full.folder / 'orders.db'}", clock=clock) as engine:
        acknowledged: dict[str, list[str]] = {}

        def call(name):
            acknowledged[name], _ = receive_until_full(engine, name)

        threads = [Thread(target=call, args=(f"C{number}-",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        full.free()
        known = sorted(order for orders in acknowledged.values() for order in orders)
        assert [order for order, _, _ in log_of(engine)] == known
        assert engine.rebuild() is False


def test_a_sweep_on_a_full_disk_is_told_and_the_scheduler_goes_on(full, clock, caplog):
    with Engine.open(f"sqlite:///{full.folder / 'orders.db'}", clock=clock) as engine:
        acknowledged, _ = receive_until_full(engine)
        small = 0
        while True:  # what is left takes no long text, but perhaps a short one
            try:
                engine.submit(f"Z{small:04}", "receive")
            except StoreUnavailableError:
                break
            small += 1
        clock.time += timedelta(hours=1)
        with caplog.at_level(logging.ERROR, logger="paidan"):
            engine.start(every_seconds=0.05)
            wait_until(lambda: "sweep_failed" in caplog.text)
            assert "Traceback" in caplog.text
            full.free()
            wait_until(lambda: len(log_of(engine)) == 2 * (len(acknowledged) + small))
            engine.stop()
        assert engine.sweep() == 0
        assert engine.rebuild() is False


def wait_until(so, seconds=30):
    limit = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.02)


@pytest.fixture
def says(monkeypatch, capsys):
    """Give what runs a command and tells exit code, output and messages."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["paidan", *words])
        with pytest.raises(SystemExit) as ended:
            run()
        return ended.value.code or 0, *capsys.readouterr()

    return call


@contextmanager
def as_anybody():
    """Have files' modes count for root too: without its power to write whatever it likes."""
    if not ROOT:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, now = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, now)
    less = (ctypes.c_uint32 * 6)(*now)
    less[0] &= ~0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, of what is in effect
    assert libc.capset(header, less) == 0
    try:
        yield
    finally:
        libc.capset(header, now)


@pytest.mark.parametrize("what", ["file", "folder", "new"])
def test_what_nobody_may_write_is_told_with_exit_code_seven_and_opens_when_it_may(what, tmp_path, says):
    file = tmp_path / "orders.db"
    url = f"sqlite:///{file}"
    with as_anybody():
        if what != "new":
            Engine.open(url).close()
        target = file if what == "file" else tmp_path
        before = target.stat().st_mode
        target.chmod(0o444 if what == "file" else 0o555)
        code, out, told = says("submit", "A", "receive", "--db", url)
        assert (code, out) == (7, ""), told
        assert str(file) in told
        assert "数据库暂不可用" in told
        assert "权限" in told
        assert "Traceback" not in told
        target.chmod(before)
        assert says("submit", "A", "receive", "--db", url)[0] == 0
        with Engine.open(url) as engine:
            assert engine.order("A").seq == 1


def test_a_full_disk_ends_a_command_with_exit_code_seven(full, clock, says):
    url = f"sqlite:///{full.folder / 'orders.db'}"
    with Engine.open(url, clock=clock) as engine:
        receive_until_full(engine)
        code, told, number = 0, "", 0
        while not code:  # a few more may fit
            number += 1
            code, _, told = says("submit", f"Z{number}", "receive", f"area={LONG}", "--db", url)
        full.free()
        assert (code, "orders.db" in told, "磁盘空间" in told) == (7, True, True), told
        assert "Traceback" not in told
        assert says("submit", f"Z{number}", "receive", f"area={LONG}", "--db", url)[0] == 0


def test_a_connection_lost_while_verifying_is_no_fault_of_the_log(clock):
    def lost():
        raise StoreUnavailableError("db_away", why="connection lost")

    with Engine.open("memory://", clock=clock) as engine:
        engine.submit("A", "receive")
        assert engine.verify().holds
        with pytest.raises(StoreUnavailableError):
            verify(engine._store, lost)


def test_while_the_server_is_away_all_is_told_and_afterwards_all_goes_on(place_of, server, caplog, says):
    place, running, clock = place_of("postgresql"), server(), WorldClock(NINE)
    with Engine.open(place.url, clock=clock) as engine:
        for number in range(5):
            engine.submit(f"W{number}", "receive", key=f"K{number}")
        clock.time += timedelta(hours=1)
        with caplog.at_level(logging.ERROR, logger="paidan"):
            running.stop()
            try:
                engine.start(every_seconds=0.05)
                for ask in (
                    lambda: engine.submit("W0", "register", key="R0"),
                    lambda: engine.order("W0"),
                    lambda: engine.deadlines("W0"),
                ):
                    with pytest.raises(StoreUnavailableError) as told:
                        ask()
                    assert told.value.code == "db_away"
                wait_until(lambda: "sweep_failed" in caplog.text)
                said = ("submit", "W0", "register", "--key", "R0", "--db", place.url)
                code, out, text = says(*said)
                assert (code, out, "数据库暂不可用" in text) == (7, "", True), text
            finally:
                running.ensure_postgres_running()
            wait_until(lambda: len(log_of(engine)) == 10)
            engine.stop()
        assert engine.submit("W0", "register", key="R0").accepted
        assert engine.submit("W0", "register", key="R0").again
        assert [event for order, _, event in log_of(engine) if order == "W0"] == [
            "receive", "time_out", "register",
        ]  # fmt: skip
        assert engine.rebuild() is False
