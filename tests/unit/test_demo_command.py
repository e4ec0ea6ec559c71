"""`demo` ends well without a terminal, says who was late, and every command it proposes works."""

import csv
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from paidan.engine.demo import MONTH

CHECKOUT = Path(__file__).resolve().parents[2]


def paidan(*arguments, folder):
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "run_engine.py"), *arguments],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("somewhere else")


@pytest.fixture(scope="module")
def shown(folder):
    done = paidan("demo", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def proposed(text):
    return [shlex.split(line)[2:] for line in text.splitlines() if line.startswith("  python run_engine.py ")]


def test_it_says_what_it_read_and_what_it_dropped(shown):
    assert re.search(r"事件 \d+ 行：适用 \d+，拒绝 0，退回 0", shown)
    assert all(column in shown for column in ("caller", "phone", "address", "content"))


def test_it_names_every_limit_with_its_clause_and_a_unit(shown):
    lines = [line for line in shown.splitlines() if re.match(r"\s+JY-T0\d ", line)]
    assert len(lines) == 9
    assert all("附件" in line and "/" in line for line in lines)


def test_the_whole_table_stands_in_a_file(shown, folder):
    file = folder / "paidan-demo" / f"score-{MONTH}.csv"
    assert file.name in shown
    with file.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert {row["状态"] for row in rows} == {"纳入考核", "无工单", "不纳入考核"}
    assert len(rows) == 58


def test_nobody_who_called_is_in_what_the_replay_wrote(shown, folder):
    assert shown
    for file in (folder / "paidan-demo" / "run").iterdir():
        assert "虚构路".encode() not in file.read_bytes()


def test_it_writes_the_months_report_and_says_what_follows(shown, folder):
    page = (folder / "paidan-demo" / f"report-{MONTH}.html").read_text(encoding="utf-8")
    assert "城运中心负责人约谈 3 次" in shown
    assert page.startswith(("<!doctype html>", "<!DOCTYPE html>"))


def test_every_command_it_proposes_works(shown, folder):
    commands = proposed(shown)
    assert {one[0] for one in commands} == {
        "score", "explain", "history", "whatif", "due", "replay", "policies", "diagram",
    }  # fmt: skip
    for command in commands:
        done = paidan(*command, folder=folder)
        assert done.returncode == 0, (command, done.stderr)
        assert (done.stdout + done.stderr).strip()
        assert "Traceback" not in done.stderr


def test_in_english(shown, folder):
    done = paidan("demo", "--lang", "en", "--out", "other", folder=folder)
    assert done.returncode == 0
    assert "What to try next" in done.stdout
    assert len(proposed(done.stdout)) == len(proposed(shown))
    same = ("run/transitions.csv", "run/deadlines.csv", "run/summary.json")
    for name in same:
        assert (folder / "other" / name).read_bytes() == (folder / "paidan-demo" / name).read_bytes()
