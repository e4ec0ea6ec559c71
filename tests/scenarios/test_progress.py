"""Long work shows itself on a terminal, on one line that is wiped, and nowhere else."""

import json
import os
import pty
import re
import select
import subprocess
import sys
from datetime import datetime
from io import StringIO
from pathlib import Path
from time import monotonic
from unicodedata import east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.logs import life, write_log

from paidan.engine import Engine
from paidan.engine.cli.progress import Line, fitted
from paidan.engine.clock import SimulatedClock
from paidan.engine.messages.progress import lasting
from paidan.engine.progress import counted, tell, watched
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document
from paidan.workflows.records import BEIJING

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
WIPE = "\r\x1b[K"
EAGER = """
import json, os, runpy, sys
_, program, told = sys.argv
runpy.run_path(program, run_name="bound")
from paidan.engine import crew, progress
from paidan.engine.cli import progress as line
from paidan.engine.cli.main import run
from paidan.engine.intake import passing
line._PAUSE = crew._PAUSE = 0.0
progress._STEP, passing._STEP = 1, 0
for words, columns, crew._LARGE in json.loads(told):
    sys.argv = ["paidan", *words]
    os.environ["COLUMNS"] = str(columns)
    code = 0
    try:
        run()
    except SystemExit as left:
        code = left.code or 0
    for stream in (sys.stdout, sys.stderr):
        print(f"##{code}##", end="", file=stream, flush=True)
"""
"""Runs commands one after the other, telling all that can be told, and writes how each left."""


def width(text):
    return sum(2 if east_asian_width(one) in "WFA" else 1 for one in text)


def command(told):
    return [sys.executable, "-c", EAGER, str(ROOT / "run_engine.py"), json.dumps(told)]


def left(text):
    """Give what each command wrote, and how it left."""
    parts = re.split(r"##(\d+)##", text)
    return [(int(code), wrote) for wrote, code in zip(parts[::2], parts[1::2], strict=False)]


def on_terminal(folder, told):
    """Run commands whose standard error alone is a terminal; give how each left and what it wrote there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(told), stdout=subprocess.DEVNULL, stderr=theirs, stdin=subprocess.DEVNULL, cwd=folder
    ):
        os.close(theirs)
        seen = b""
        until = monotonic() + 100
        while monotonic() < until:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    seen += os.read(ours, 65536)
                except OSError:  # how Linux says that nobody has the other end any more
                    break
    os.close(ours)
    return left(seen.decode())


def shown(text):
    """Give the lines of progress, and what else was written."""
    parts = text.split(WIPE)
    return [one for one in parts[1:] if one and "\n" not in one], "".join(one for one in parts if "\n" in one)


def log(tmp_path, orders=40):
    rows = [row for number in range(orders) for row in life(f"GD{number:04}")]
    return write_log(tmp_path / "log.csv", rows)


FAR = 1 << 40
COMMANDS = {
    "replay": (("replay", "log.csv", "--policy", "JY", "--out", "again"), ("读入数据行", "回放工单")),
    "import": (
        ("import", "log.csv", "--db", "sqlite:///NAME.db", "--policy", "JY"), ("读入数据行", "导入事件"),
    ),
    "preview": (("import", "log.csv", "--preview"), ("读入数据行",)),
    "export": (("export", "--db", "sqlite:///live.db", "--out", "out.csv"), ("导出记录",)),
    "verify": (("verify", "--db", "sqlite:///live.db"), ("核对记录",)),
    "score": (("score", "run", "--month", "2026-03"), ("读取工单",)),
    "score live": (("score", "--db", "sqlite:///live.db", "--month", "2026-03"), ("读取记录",)),
    "report": (("report", "run", "--month", "2026-03", "--out", "page.html"), ("读取工单", "读取时限")),
    "whatif": (("whatif", "run", "--policy", "YY"), ("回放工单", "读取工单")),
    "pingpong": (("pingpong", "--run", "run"), ("读取记录",)),
}  # fmt: skip
"""Commands, and the stages that they show."""
MORE = {
    "narrow": (("verify", "--db", "sqlite:///live.db"), 20, FAR),
    "shared": (("replay", "log.csv", "--policy", "JY", "--out", "many", "--lang", "en"), 100, 64),
    "rejected": (("import", "bad.csv", "--db", "sqlite:///bad.db", "--policy", "JY"), 100, FAR),
}


def named(words, name):
    return [word.replace("NAME", name) for word in words]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A log, one with a bad row, a replay, and a database that holds it."""
    folder = tmp_path_factory.mktemp("work")
    path = log(folder)
    (folder / "bad.csv").write_text(path.read_text("utf-8").replace("GD0001,close", "GD0001,ends"), "utf-8")
    replay(Request(logs=(path,), document=document("JY"), out=folder / "run"))
    with Engine.open(f"sqlite:///{folder}/live.db", "JY", clock=SimulatedClock(NOW)) as engine:
        engine.import_logs([path])
    return folder


@pytest.fixture(scope="module")
def watched_work(work):
    """What each command wrote to a terminal, and how it left."""
    told = [(named(words, "seen"), 100, FAR) for words, _ in COMMANDS.values()]
    done = on_terminal(work, [*told, *MORE.values()])
    return dict(zip([*COMMANDS, *MORE], done, strict=True))


@pytest.fixture(scope="module")
def unwatched_work(work):
    """What each command wrote where nobody watches, with how it left."""
    told = [(named(words, "unseen"), 100, FAR) for words, _ in COMMANDS.values()]
    done = subprocess.run(
        command(told), cwd=work, capture_output=True, encoding="utf-8", check=False, timeout=100
    )
    wrote = zip(left(done.stderr), left(done.stdout), strict=True)
    return dict(zip(COMMANDS, wrote, strict=True))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_long_command_shows_its_stages_on_a_terminal_and_wipes_them(watched_work, name):
    code, text = watched_work[name]
    stages = COMMANDS[name][1]
    lines, rest = shown(text)
    assert code == 0, text
    for stage in stages:
        assert any(line.startswith(stage) for line in lines), (stage, lines[:5], rest)
    assert not any(stage in text[text.rindex(WIPE) :] for stage in stages), "wiped in the end"
    assert not any(stage in rest for stage in stages), "no message stands behind what is left of a line"
    assert max(width(line) for line in lines) < 100


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_shown_where_standard_error_is_no_terminal(unwatched_work, name):
    (code, errors), (_, out) = unwatched_work[name]
    assert code == 0, errors
    assert "\r" not in errors + out
    assert "\x1b" not in errors + out
    assert not any(stage in errors for stage in COMMANDS[name][1])


def test_the_processes_of_a_replay_are_counted_together(work, watched_work):
    code, text = watched_work["shared"]
    lines, rest = shown(text)
    assert code == 0, rest
    counts = [int(found[1]) for line in lines if (found := re.match(r"replaying orders \d+% \((\d+)", line))]
    assert counts, lines[:5]
    assert max(counts) > 20, "more than one of two processes has"
    alone, together = (work / name / "transitions.csv" for name in ("run", "many"))
    assert alone.read_bytes() == together.read_bytes()


def test_a_narrow_terminal_is_never_overrun(watched_work):
    code, text = watched_work["narrow"]
    lines, _ = shown(text)
    assert code == 0
    assert max(width(line) for line in lines) < 20


def test_a_rejected_row_is_told_on_a_line_of_its_own(watched_work):
    code, text = watched_work["rejected"]
    _, rest = shown(text)
    assert code == 3
    assert any(line.startswith("bad.csv") for line in rest.replace("\r\n", "\n").split("\n")), rest


class Watch:
    """A clock that stands where it is put."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_line_says_how_much_how_fast_and_how_much_longer():
    for lang, said in (
        ("zh", "回放工单 25%（2,500／10,000，每秒 500，还需 15 秒）"),
        ("en", "replaying orders 25% (2,500 of 10,000, 500/s, 15 s left)"),
    ):
        watch, stream = Watch(), StringIO()
        line = Line(stream, lang, watch)
        line("replaying", 0, 10_000)
        watch.now = 5.0
        line("replaying", 2500, 10_000)
        assert stream.getvalue() == WIPE + said
        line("replaying", 10_000, 10_000)
        assert stream.getvalue() == WIPE + said + WIPE


def test_a_line_is_written_a_few_times_a_second_at_most_and_not_for_short_work():
    watch, stream = Watch(), StringIO()
    line = Line(stream, "zh", watch)
    for number in range(10_000):
        watch.now = number / 5000
        line("reading", number, 20_000)
        if number == 1000:
            assert stream.getvalue() == "", "a fifth of a second shows nothing"
    assert 4 <= stream.getvalue().count(WIPE) <= 8


def test_time_left_is_written_in_two_units():
    assert [lasting(one, "en") for one in (0.4, 59.2, 61, 3725)] == ["0 s", "59 s", "1 min 1 s", "1 h 2 min"]
    assert lasting(3725, "zh") == "1 小时 2 分"


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.integers(0, 60))
def test_a_cut_line_begins_the_whole_one_and_fits(text, columns):
    cut = fitted(text, columns)
    assert text.startswith(cut)
    assert cut == text or width(cut) <= columns


@given(st.lists(st.integers()), st.booleans())
def test_what_is_counted_is_given_as_it_is(things, known):
    told: list[tuple[str, int, int]] = []
    with watched(lambda *one: told.append(one)):
        assert list(counted(iter(things), "entries", len(things) if known else 0)) == things
    assert bool(told) == bool(things)
    assert not told or told[-1][1] == told[-1][2] == len(things), "the end is told"


def test_where_nobody_watches_things_are_not_even_wrapped():
    things = iter("abc")
    assert counted(things, "entries", lambda: 1 // 0) is things
    tell("entries", 1, 2)
