"""A log shared out among processes: the same bytes, the same errors, nothing left behind."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from support.logs import life, write_log

from paidan.engine import crew, share
from paidan.engine.demo.files import write_demo
from paidan.engine.errors import InputError, WorkerLostError
from paidan.engine.intake.events import Ids
from paidan.engine.intake.forms import open_logs
from paidan.engine.replay import Request, replay, replay_together
from paidan.policies.errors import CalendarHorizonError
from paidan.policies.registry import document, names
from paidan.policies.scoring.records import record_of
from paidan.workflows.records import BEIJING

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"))


def replayed(out, *logs, **options):
    summary = replay(Request(logs=logs, document=document("JY"), out=out, **options))
    return summary, contents(out)


def contents(folder):
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.iterdir()}


def two_hundred(path, *more):
    return write_log(path, [*(row for number in range(200) for row in life(f"GD{number:03d}")), *more])


@pytest.mark.parametrize(
    "options",
    [{}, {"as_recorded": True, "enforce": True}, {"as_of": datetime(2026, 3, 20, 12, tzinfo=BEIJING)}],
)
def test_the_demo_month_gives_the_same_bytes_from_one_process_and_from_three(tmp_path, demo, options):
    alone, one = replayed(tmp_path / "one", demo.orders, workers=1, **options)
    together, three = replayed(tmp_path / "three", demo.orders, workers=3, **options)
    assert alone == together
    assert one == three
    assert not multiprocessing.active_children()


def test_rows_without_an_id_doubled_or_unreadable_are_rejected_once_whoever_reads_them(tmp_path):
    faults = [
        ("", "note", "2026-03-07", {}),
        *life("GD150")[6:],
        ("GD199", "fly", "2026-03-07", {"phone": "1390000"}),
        ("GD000", "note", "2026-02-30", {"phone": "1390001"}),
        ("", "note", "2026-03-08", {}),
        ("ZZ", "note", "2026-03-08", {}),
    ]
    log = two_hundred(tmp_path / "log.csv", *faults)
    other = two_hundred(tmp_path / "other.csv", *faults[2:])
    alone, one = replayed(tmp_path / "one", log, other, workers=1)
    together, four = replayed(tmp_path / "four", log, other, workers=4)
    assert alone == together
    assert one == four
    assert alone["identity_cells_dropped"] == {"phone": 4}


def test_the_shares_leave_out_no_order_and_hold_none_twice(tmp_path):
    tables = open_logs([two_hundred(tmp_path / "log.csv")])
    shares = crew.parted(tables, 4)
    assert len(shares) == 4
    assert (shares[0].first, shares[-1].end) == ("", "")
    assert [one.end for one in shares[:-1]] == [one.first for one in shares[1:]]


def test_a_log_of_one_order_is_not_parted(tmp_path):
    assert crew.parted(open_logs([write_log(tmp_path / "log.csv", life())]), 4) == [Ids()]
    assert crew.parted(open_logs([write_log(tmp_path / "none.csv", [])]), 4) == [Ids()]


def test_a_fault_in_one_process_is_raised_as_it_was_and_leaves_the_earlier_run_whole(tmp_path, monkeypatch):
    log = two_hundred(tmp_path / "log.csv")
    _, before = replayed(tmp_path / "out", log, workers=3)

    def full(order, *rest):
        if order.order_id == "GD190":
            raise OSError(28, "No space left on device", "transitions.csv")
        return record_of(order, *rest)

    monkeypatch.setattr(share, "record_of", full)
    with pytest.raises(OSError, match="No space left") as caught:
        replayed(tmp_path / "out", log, workers=3)
    assert (caught.value.errno, caught.value.filename) == (28, "transitions.csv")
    assert contents(tmp_path / "out") == before
    assert not multiprocessing.active_children()


def test_an_error_of_the_rules_is_the_one_that_a_single_process_raises(tmp_path):
    log = two_hundred(tmp_path / "log.csv", ("GD180", "dispatch", "2026-12-31 09:20:00", {"unit": "A"}))
    errors = []
    for workers in (1, 3):
        out = tmp_path / str(workers)
        with pytest.raises(CalendarHorizonError) as caught:
            replayed(out, log, workers=workers, settings={"cal.unknown_year": "refuse"})
        assert contents(out) == {}
        errors.append((str(caught.value), vars(caught.value)))
    assert errors[0] == errors[1]


def test_an_error_comes_out_of_a_pipe_with_all_it_said():
    error = InputError("file_missing", exit_code=5, file="a.csv")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - its own
    assert (str(copy), vars(copy)) == (str(error), vars(error))


def test_a_process_that_is_killed_is_told_and_leaves_the_earlier_run_whole(tmp_path, monkeypatch):
    log = two_hundred(tmp_path / "log.csv")
    _, before = replayed(tmp_path / "out", log, workers=2)
    monkeypatch.setattr(share.Share, "write", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(WorkerLostError):
        replayed(tmp_path / "out", log, workers=2)
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize("step", ["last_at", "write"])
def test_an_interrupt_ends_every_process_and_leaves_the_earlier_run_whole(tmp_path, monkeypatch, step):
    log = two_hundred(tmp_path / "log.csv")
    _, before = replayed(tmp_path / "out", log, workers=2)
    heard = []

    def interrupted(pipe):
        heard.append(pipe)
        if len(heard) > (0 if step == "last_at" else 2):
            raise KeyboardInterrupt
        return answer(pipe)

    answer = crew._told
    monkeypatch.setattr(crew, "_told", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replayed(tmp_path / "out", log, workers=2)
    assert contents(tmp_path / "out") == before
    assert not multiprocessing.active_children()


def test_only_a_large_log_is_shared_out_and_only_where_a_fork_is_safe(tmp_path, monkeypatch):
    log = two_hundred(tmp_path / "log.csv")
    monkeypatch.setattr(crew, "_cores", lambda: 2)
    task = share.Task(
        tables=open_logs([log]), enforce=False, as_recorded=False,
        under=(share.Under(document=document("JY"), settings={}, roster=None),),
    )  # fmt: skip
    assert not isinstance(crew.crew(task, None), crew.Crew)
    monkeypatch.setattr(crew, "_LARGE", log.stat().st_size)
    assert isinstance(crew.crew(task, None), crew.Crew)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not isinstance(crew.crew(task, None), crew.Crew)
    finally:
        done.set()
        thread.join()


SCRIPT = """
import sys, threading
sys.path.insert(0, {root!r})
import run_engine
from pathlib import Path
from paidan.engine.replay import Request, replay, replay_together
from paidan.policies.registry import document, names

if __name__ == "__main__":
    if {threads}:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    log, out = map(Path, sys.argv[1:])
    replay(Request(logs=(log,), document=document("JY"), out=out, workers=2))
"""


@pytest.mark.parametrize("threads", [False, True], ids=["forked", "started"])
def test_without_standard_input_or_terminal_and_beside_threads_it_is_the_same(tmp_path, threads):
    log = two_hundred(tmp_path / "log.csv")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(root=str(ROOT), threads=threads), "utf-8")
    out = tmp_path / "closed"
    subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-W", "error", script, log, out],
        check=True, capture_output=True, start_new_session=True,
    )  # fmt: skip
    _, alone = replayed(tmp_path / "alone", log, workers=1)
    assert contents(out) == alone


@pytest.mark.parametrize("workers", [1, 3])
def test_five_documents_in_one_reading_give_what_each_gives_alone(tmp_path, demo, workers):
    requests = [
        Request(logs=(demo.orders,), document=document(name), out=tmp_path / name, workers=workers)
        for name in names()
    ]
    summaries = replay_together(requests)
    for name, summary in zip(names(), summaries, strict=True):
        alone = replay(Request(logs=(demo.orders,), document=document(name), out=tmp_path / "alone"))
        assert alone == summary
        assert contents(tmp_path / "alone") == contents(tmp_path / name)


ABANDONED = """
import os, sys, time
sys.path.insert(0, {root!r})
import run_engine
from pathlib import Path
from paidan.engine import share
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document

def write(*_):
    os.write(1, b"at work\\n")  # at once, where two print beside each other
    time.sleep(600)

share.Share.write = write
log, out = map(Path, sys.argv[1:])
replay(Request(logs=(log,), document=document("JY"), out=out, workers=2))
"""


def test_no_process_outlives_the_one_that_asked_for_it(tmp_path):
    log = two_hundred(tmp_path / "log.csv")
    script = tmp_path / "script.py"
    script.write_text(ABANDONED.format(root=str(ROOT)), "utf-8")
    with subprocess.Popen([sys.executable, script, log, tmp_path / "out"], stdout=subprocess.PIPE) as caller:
        assert caller.stdout is not None
        assert [caller.stdout.readline(), caller.stdout.readline()] == [b"at work\n"] * 2
        caller.kill()
        # The output ends when the last process that could write to it is gone.
        assert caller.communicate(timeout=30)[0] == b""
