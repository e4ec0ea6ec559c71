"""Whatever is put in, a sentence comes out: what, where, what is allowed; and the right exit code."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.logs import life, table, write_log

from paidan.policies import registry

ROOT = Path(__file__).resolve().parents[2]


def paidan(*arguments, cwd=None):
    done = subprocess.run(
        [sys.executable, ROOT / "run_engine.py", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def replayed(tmp_path, content, *more):
    log = tmp_path / "log.csv"
    if isinstance(content, bytes):
        log.write_bytes(content)
    else:
        write_log(log, content)
    return paidan("replay", log, "--policy", "JY", "--out", tmp_path / "out", *more)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"\n\n", "空"),
        (b"PK\x03\x04\xff\xfe\x80\x80 not text \xff", "工作簿"),
        (b"\x80\xff\xfe\x80\x80 not text \xff", "UTF-8"),
        (b"order_id,event\n1,receive\n", "at"),
        (b"order_id,event,at,at\n1,receive,2026-03-02,2026-03-02\n", "at"),
    ],
)
def test_a_file_that_cannot_be_a_log_is_refused_in_a_sentence(tmp_path, content, said):
    done = replayed(tmp_path, content)
    assert done.returncode == 3
    assert said in done.stderr
    assert not (tmp_path / "out" / "summary.json").exists()


def test_a_file_that_is_not_there(tmp_path):
    done = paidan("replay", tmp_path / "no.csv", "--policy", "JY", "--out", tmp_path / "out")
    assert done.returncode == 5
    assert "no.csv" in done.stderr


def test_a_folder_given_as_a_log(tmp_path):
    done = paidan("replay", tmp_path, "--policy", "JY", "--out", tmp_path / "out")
    assert done.returncode == 3


def test_rejected_rows_end_with_exit_3_and_everything_else_is_done(tmp_path):
    done = replayed(tmp_path, [*life(), ("GD1", "fly", "2026-03-07", {})])
    assert done.returncode == 3
    assert "rejected.csv" in done.stderr
    assert len(table(tmp_path / "out", "transitions")) == 8


def test_deviations_alone_end_with_exit_0(tmp_path):
    assert replayed(tmp_path, [*life(), (*life()[7][:2], "2026-03-09", {})]).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--policy", "QQ"), 2, "QQ"),
        (("--policy", "JY", "--set", "jy.extension_onse=counts_requests"), 2, "jy.extension_once"),
        (("--policy", "JY", "--set", "jy.extension_once=sometimes"), 2, "counts_approvals"),
        (("--policy", "JY", "--set", "jy.extension_once"), 2, "jy.extension_once"),
        (("--policy", "JY", "--set", "wd.day_end=25:00"), 2, "HH:MM:SS"),
        (("--policy", "JY", "--set", "clock.pause=while_pending"), 2, "尚未承载"),
        (("--policy", "JY", "--as-of", "yesterday"), 2, "yesterday"),
    ],
)
def test_a_wrong_option_names_itself_and_what_is_allowed(tmp_path, arguments, code, said):
    log = write_log(tmp_path / "log.csv", life())
    done = paidan("replay", log, "--out", tmp_path / "out", *arguments)
    assert done.returncode == code
    assert said in done.stderr


def test_a_unit_that_is_not_in_the_roster_and_points_out_of_range_are_rejected_rows(tmp_path):
    (tmp_path / "units.csv").write_text("unit,pool\nA,department\nB,moon\n", "utf-8")
    (tmp_path / "adj.csv").write_text(
        "unit,at,code,points,confirmed_by\nA,2026-03-10,praise,5,centre_head\nZ,2026-03-10,praise,2,centre_head\n"
        "A,2026-03-40,absent,,\nA,2026-03-10,medal,1,\nA,2026-03-10,praise,2,centre_head\n",
        "utf-8",
    )
    done = replayed(
        tmp_path, life(), "--units", tmp_path / "units.csv", "--adjustments", tmp_path / "adj.csv"
    )
    assert done.returncode == 3
    rejected = table(tmp_path / "out", "rejected")
    assert [(row["source"], row["row"], row["column"]) for row in rejected] == [
        ("adj.csv", "1", "points"),
        ("adj.csv", "2", "unit"),
        ("adj.csv", "3", "at"),
        ("adj.csv", "4", "code"),
        ("units.csv", "2", "pool"),
    ]
    assert all(row["reason"] for row in rejected)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["events"] == {"read": 8, "applied": 8, "refused": 0, "rejected": 0, "after_as_of": 0}


BROKEN = {
    "a doubled key": ('rule = "JY-T01"\n', 'rule = "JY-T01"\nrule = "JY-T01"\n', "rules.toml"),
    "an unknown fact": ("when = { site_visit = true }", "when = { sight_visit = true }", "site_visit"),
    "a rule without clause": ('clause = "附件3 第三条(一)1"\n', "", "clause"),
    "an unknown event": ('starts = "receive"', 'starts = "recieve"', "receive"),
    "two kinds of limit": ("limit = { minutes = 30 }", "limit = { minutes = 30, hours = 1 }", "limit"),
    "a limit of half a minute": ("limit = { minutes = 30 }", "limit = { minutes = 0.5 }", "0.5"),
    "an unknown key": ('kind = "duty"', 'kind = "duty"\ncolour = "red"', "colour"),
    "an unknown kind": ('kind = "duty"', 'kind = "dooty"', "duty"),
    "an unknown table": ("[[clock]]", "[[klock]]", "clock"),
    "an unknown setting": ('by = "jy.t03_scope"', 'by = "jy.t3_scope"', "jy.t03_scope"),
    "a missing branch": (
        'registered_at = "register", received_at = "receive" }',
        'registered_at = "register" }',
        "received_at",
    ),
    "a window that is none": ('within = ["JY-T08"]', 'within = ["JY-T09"]', "JY-T06"),
    "a missing label": ('en = "Centre registers"\n', "", "en"),
    "an unknown attribute": ('needs = ["protection"]', 'needs = ["protektion"]', "protection"),
    "a float for points": ('points = "10"', "points = 10.5", "10.5"),
    "an unknown measure": ('counts = ["closed_late"]', 'counts = ["closed_lately"]', "closed_late"),
    "a measure that is no list": ('counts = ["closed_late"]', 'counts = "closed_late"', "closed_late"),
    "points that do not come to the full score": ('points = "35"', 'points = "36"', "100"),
    "a total without its full score": ('full = "100"\n', "", "full"),
    "an unknown kind of consequence": ('kind = "branch"', 'kind = "branches"', "centre_head"),
    "a consequence of nothing": ("bottom = 3\n", "", "bottom"),
    "an unknown role": ('roles = ["dispatcher"]', 'roles = ["despatcher"]', "dispatcher"),
    "the same rule twice": ('rule = "JY-T02"', 'rule = "JY-T01"', "JY-T01"),
    "no end": ('ends = ["accept"]', "ends = []", "ends"),
    "a guard that says nothing": ('needs = ["protection"]\n', "", "JY-G03"),
}


@pytest.mark.parametrize(("found", "put", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_policy_says_file_rule_key_and_what_is_allowed(tmp_path, found, put, said):
    folder = tmp_path / "JY"
    shutil.copytree(registry.DOCUMENTS / "JY", folder)
    rules = folder / "rules.toml"
    text = rules.read_text("utf-8")
    assert found in text
    rules.write_text(text.replace(found, put, 1), "utf-8")
    done = paidan("policies", "check", folder)
    assert done.returncode == 4
    assert "rules.toml" in done.stderr
    assert said in done.stderr


def test_a_policy_in_a_folder_of_its_own_replays_like_the_one_that_ships(tmp_path):
    shutil.copytree(registry.DOCUMENTS / "JY", tmp_path / "JY")
    log = write_log(tmp_path / "log.csv", life())
    assert paidan("policies", "check", tmp_path / "JY").returncode == 0
    assert paidan("replay", log, "--policy", tmp_path / "JY", "--out", tmp_path / "mine").returncode == 0
    assert paidan("replay", log, "--policy", "JY", "--out", tmp_path / "ours").returncode == 0
    for name in ("transitions.csv", "deadlines.csv"):
        assert (tmp_path / "mine" / name).read_bytes() == (tmp_path / "ours" / name).read_bytes()


def test_an_unknown_order_and_an_unknown_rule(tmp_path):
    replayed(tmp_path, life())
    run = ("--run", tmp_path / "out")
    assert paidan("explain", "GD9", *run).returncode == 5
    done = paidan("explain", "GD1", "JY-T33", *run)
    assert done.returncode == 2
    assert "JY-T03" in done.stderr
    assert paidan("history", "GD1").returncode == 2
    assert paidan("explain", "GD1", "--run", tmp_path).returncode == 5


def test_a_batch_answers_each_line_in_order_and_says_which_line_was_at_fault(tmp_path):
    batch = tmp_path / "q.jsonl"
    batch.write_text(
        '{"rule":"JY-T03","facts":{"unit_received_at":"2026-05-08 16:00"}}\n'
        '{"rule":"JY-T09","facts":{"unit_received_at":"2026-05-08 16:00"}}\n'
        '{"rule":"JY-T08","facts":{"unit_received_at":"2026-12-31 16:00"}}\n',
        "utf-8",
    )
    done = paidan("due", "--batch", batch)
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"rule": "JY-T03", "due_at": "2026-05-09T23:59:59+08:00", "provisional": False},
        {"rule": "JY-T09", "due_at": None, "provisional": False},
        {"rule": "JY-T08", "due_at": "2027-01-08T23:59:59+08:00", "provisional": True},
    ]
    batch.write_text('{"rule":"JY-T03"}\nnonsense\n{"rule":"QQ-T01","facts":{}}\n', "utf-8")
    done = paidan("due", "--batch", batch)
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 3
    assert "2" in done.stderr
    assert "QQ-T01" in done.stderr


def test_messages_come_in_english_when_asked(tmp_path):
    done = paidan("explain", "GD1", "--run", tmp_path, "--lang", "en")
    assert "no replay folder" in done.stderr


def test_settings_may_stand_in_a_site_file_and_a_pair_overrides_it(tmp_path):
    site = '[settings]\n"jy.contact_start" = "registered_at"\n"wd.day_end" = 17:00:00\n'
    (tmp_path / "site.toml").write_text(site, "utf-8")
    log = write_log(tmp_path / "log.csv", life())
    more = ("--set", f"@{tmp_path / 'site.toml'}", "--set", "wd.day_end=18:00:00")
    done = paidan("replay", log, "--policy", "JY", "--out", tmp_path / "out", *more)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["settings"] == {"jy.contact_start": "registered_at", "wd.day_end": "18:00:00"}
    done = paidan("replay", log, "--policy", "JY", "--out", tmp_path / "o", "--set", "@no.toml")
    assert done.returncode == 2
