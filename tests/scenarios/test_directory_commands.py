"""`directory load`, `check`, `show`, and what `history`, `available`, `unmask` make of posts and keeping."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from support.logs import write_log
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.directory import orders_a_month
from paidan.engine.errors import UsageError
from paidan.engine.faults import exit_code, sentences
from paidan.engine.intake.directories import read_directory
from paidan.engine.intake.tables import RejectedRowsError
from paidan.policies.scoring.records import Mark, OrderRecord
from paidan.workflows.records import BEIJING

KEY = bytes(range(32))
PHONE = "13812345678"
HEAD = "单位,岗位,姓名,职务,联系方式,起,止,备注\n"
ROWS = f"""\
城运中心,城运中心负责人,赵一,主任,,,,
城运中心,城运中心信息员,钱二,科员,,,,
甲科,第一责任人,孙三,科长,,,,
甲科,A角,李四,科员,{PHONE},,2026-03-31,
甲科,A角,周五,科员,{PHONE},2026-04-01,,接李四 {PHONE}
甲科,B角,吴六,副科长,{PHONE},,,
"""


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


class Told:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


def paidan(*words: object) -> Told:
    """Run a command; what it raises is told as the command line tells it."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    error = done.exception
    if error is None or isinstance(error, SystemExit):
        return Told(done.exit_code, done.stdout, done.stderr)
    return Told(exit_code(error), done.stdout, "\n".join(sentences(error, "zh")))


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(
        rows: str = ROWS, head: str = HEAD, name: str = "directory.csv", encoding: str = "utf-8"
    ) -> Path:
        path = tmp_path / name
        path.write_text(head + rows, encoding=encoding)
        return path

    return write


@pytest.fixture
def live(tmp_path: Path, file):
    """An order that was sent to 甲科 in March, with who did what, and a directory filed in April."""
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    clock = SimulatedClock(beijing("2026-03-30 09:00"))
    with Engine.open(url, "JY", clock=clock) as engine:
        engine.submit("K", "receive", order_due="2026-04-20")
        engine.submit("K", "register", role="dispatcher")
        engine.submit("K", "dispatch", role="dispatcher", unit="甲科", category="designated")
        engine.submit("K", "accept", role="informant_a")
        clock.advance_to(beijing("2026-04-02 09:00"))
        engine.submit("K", "contact", role="handling_unit", unit="甲科", evidence="录音 1")
        engine.load_directory(file(), actor="赵一", from_on=date(2026, 4, 2))
    return url


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_directory_is_read_in_chinese_and_in_english(file, encoding):
    chinese, rejected = read_directory(file(encoding=encoding))
    assert rejected == []
    roles = {"城运中心负责人": "centre_head", "城运中心信息员": "dispatcher",
             "第一责任人": "first_responsible", "A角": "informant_a", "B角": "informant_b"}  # fmt: skip
    rows = ROWS
    for zh, name in roles.items():
        rows = rows.replace(f",{zh},", f",{name},")
    english = read_directory(file(rows, "unit,Role,person,title,contact,from,to,note\n"))[0]
    assert english.holdings == chinese.holdings
    fifth = chinese.holdings[4]
    assert (fifth.role, fifth.person, fifth.from_on, fifth.contact) == (
        "informant_a", "周五", date(2026, 4, 1), PHONE,
    )  # fmt: skip
    assert fifth.note == "接李四 〔电话〕", "a number stands where contacts stand, or is masked"


def test_each_wrong_row_is_told_and_nothing_is_kept(file, live):
    wrong = file(
        "甲科,C角,王,,,,,\n,A角,王,,,,,\n甲科,A角,,,,,,\n甲科,A角,王,,,昨天,,\n甲科,A角,王,,,2026-04-02,2026-04-01,\n"
        "甲科,A角,李,,,,,\n甲科,A角,李,,,2026-04-01,,\n甲科,A角,王,,,,2026-03-31,,多\n甲科,B角,王,,,,,\n"
    )
    told = paidan("directory", "load", wrong, "--db", live, "--actor", "赵一")
    assert told.code == 3
    lines = told.err.splitlines()
    assert [line.split("：")[0].removeprefix("directory.csv ") for line in lines] == [
        f"第 {row} 行" for row in (1, 2, 3, 4, 5, 7, 8)
    ]
    for line, says in zip(
        lines, ("没有岗位“C角”", "要写单位", "没有写姓名", "不是日期", "早于", "两次列为"), strict=False
    ):
        assert says in line
    with Engine.open(live, None, log_only=True) as engine:
        (kept,) = engine._store.filings()
    assert (kept.loaded_by, kept.from_on) == ("赵一", date(2026, 4, 2))


@pytest.mark.parametrize(
    ("head", "says"),
    [("单位,岗位,姓名,截至\n", "不认识的列“截至”"), ("单位,姓名\n", "缺少必需的列：role"),
     ("岗位,姓名,角色\n", "role")],
)  # fmt: skip
def test_a_file_whose_columns_say_something_else_is_not_taken(file, head, says):
    told = paidan("directory", "show", "--directory", file("", head), "--policy", "JY")
    assert (told.code, says in told.err) == (3, True)


def test_what_is_missing_is_named_with_its_clause_and_leaves_with_4(file, tmp_path):
    units = tmp_path / "units.csv"
    units.write_text(
        "unit,pool,from\n甲科,department,\n一居,居民区,\n二居,居民区,2027-01-01\n", encoding="utf-8"
    )
    asked = ("directory", "check", "--directory", file(), "--policy", "JY", "--units", units)
    told = paidan(*asked, "--at", "2026-03-02", "--format", "json")
    assert told.code == 4
    assert [(one["unit"], one["role"], one["rule"], one["clause"], one["code"]) for one in told.json] == [
        ("一居", role, "JY-R02", "正文 八(一)", "unfilled")
        for role in ("first_responsible", "informant_a", "informant_b")
    ]
    assert "2026-03-02：2 个单位，缺 3 处" in told.err
    table = paidan(*asked, "--at", "2026-03-02")
    assert "信息员A角" in table.out
    assert "无人" in table.out
    assert "JY-R02" in table.out
    english = paidan(*asked, "--at", "2026-03-02", "--lang", "en")
    assert "informant_a" in english.out
    assert "nobody" in english.out


def test_a_directory_that_lacks_nothing_leaves_with_0_and_says_what_was_not_asked(file):
    told = paidan("directory", "check", "--directory", file(), "--policy", "JY", "--at", "2026-03-02")
    assert (told.code, told.out) == (0, "")
    assert "没有单位名册" in told.err
    assert "岗位齐全" in told.err
    named = paidan("directory", "check", "--directory", file(), "--policy", "ZZ", "--at", "2026-03-02")
    assert named.code == 4
    assert "ZZ-R01（四(一)）须知每月件数" in named.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check", "--policy", "JY"), "--directory 或 --db"),
        (("check", "--directory", "{file}"), "--policy"),
        (("show", "--directory", "{file}"), "--policy"),
        (("show", "--directory", "{file}", "--policy", "JY", "--role", "厂长"), "没有角色“厂长”"),
        (("show", "--directory", "{file}", "--policy", "JY", "--at", "昨天"), "--at"),
    ],
)
def test_a_question_that_makes_no_sense_says_what_to_give(file, words, says):
    path = str(file())
    told = paidan("directory", *(word.replace("{file}", path) for word in words))
    assert (told.code, says in told.err) == (2, True)


def test_a_run_tells_how_many_orders_a_unit_takes_in_a_month(file, tmp_path):
    events = (("receive", ""), ("register", ""), ("dispatch", "甲科"), ("accept", "甲科"))
    rows = [
        (f"{number:03}", event, "2026-03-02 09:00:00", {"unit": unit} if unit else {})
        for number in range(101)
        for event, unit in events
    ]
    log = write_log(tmp_path / "log.csv", rows)
    assert paidan("replay", log, "--policy", "ZZ", "--out", tmp_path / "run").code == 0
    posts = "局,hotline_centre,赵,,,,,\n" + "".join(
        f"甲科,{role},孙,,,,,\n" for role in ("分管领导", "责任科室", "热线专员")
    )
    asked = ("directory", "check", "--run", tmp_path / "run", "--format", "json")
    told = paidan(*asked, "--directory", file(posts))
    assert [(one["unit"], one["rule"], one["code"]) for one in told.json] == [("甲科", "ZZ-R01", "too_few")]
    assert told.json[0]["missing"] == "1 人，应至少 2 人"
    two = file(posts + "甲科,热线专员,兼职,,,,,\n")
    assert paidan(*asked, "--directory", two).code == 0
    shown = paidan("history", "000", "--run", tmp_path / "run", "--directory", two, "--format", "json")
    assert [one["held_by"] for one in shown.json] == [[]] * 4, "the log names no role"


def test_orders_a_month_are_those_accepted_over_the_months_of_the_log():
    def record(order, at, unit, *, accepted=True):
        began = beijing(at)
        return OrderRecord(order, "ZZ", began, unit, 1, accepted=Mark(began, 2) if accepted else None)

    records = [
        record("A", "2025-12-31 09:00", "甲"), record("B", "2026-02-01 09:00", "甲"),
        record("C", "2026-02-01 09:00", "乙", accepted=False), record("D", "2026-02-01 09:00", None),
    ]  # fmt: skip
    found = orders_a_month(records, beijing("2026-02-28 09:00"))
    assert {unit: str(count) for unit, count in found.items()} == {"甲": "2/3"}
    assert orders_a_month([], beijing("2026-02-28 09:00")) == {}


def test_history_says_who_held_a_post_on_the_day_of_the_event(live):
    told = paidan("history", "K", "--db", live, "--format", "json").json
    assert [(one["event"], one["held_by"]) for one in told if one["event"] != "time_out"] == [
        ("receive", []), ("register", ["钱二"]), ("dispatch", ["钱二"]), ("accept", ["李四"]),
        ("contact", ["周五", "吴六"]),
    ]  # fmt: skip
    table = paidan("history", "K", "--db", live).out
    assert "姓名" in table
    assert "李四" in table
    assert PHONE not in table


def test_history_without_a_directory_is_as_it_was(tmp_path):
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    with Engine.open(url, "JY") as engine:
        engine.submit("K", "receive", role="dispatcher")
    assert "姓名" not in paidan("history", "K", "--db", url).out
    assert "held_by" not in paidan("history", "K", "--db", url, "--format", "json").json[0]
    told = paidan("directory", "show", "--db", url)
    assert (told.code, "directory load" in told.err) == (2, True)


def test_available_names_who_may(live):
    told = {
        one["event"]: one["roles"] for one in paidan("available", "K", "--db", live, "--format", "json").json
    }
    assert "城运中心信息员（钱二）" in told["dispatch"]
    assert "热线分管领导" in told["dispatch"]
    assert "热线分管领导（" not in told["dispatch"]


def test_a_new_filing_answers_from_its_day_on_and_the_old_one_before(live, file):
    later = ROWS.replace("城运中心,城运中心信息员,钱二", "城运中心,城运中心信息员,郑七")
    told = paidan(
        "directory",
        "load",
        file(later),
        "--db",
        live,
        "--actor",
        "赵一",
        "--from",
        "2026-05-01",
        "--format",
        "json",
    )
    assert [(one["change"], one["person"]) for one in told.json["changes"]] == [
        ("began", "郑七"),
        ("ended", "钱二"),
    ]
    again = paidan("directory", "load", file(later), "--db", live, "--actor", "别人", "--from", "2026-05-01")
    assert "未作改动" in again.err
    with Engine.open(live, None, log_only=True) as engine:
        filings = engine.directory()
        assert len(engine._store.filings()) == 2
    for on, person in ((date(2020, 1, 1), "钱二"), (date(2026, 4, 30), "钱二"), (date(2026, 5, 1), "郑七")):
        assert [one.person for one in filings.holders("dispatcher", "", on)] == [person]


def test_the_directory_of_a_database_is_checked_under_its_rules(live, tmp_path):
    told = paidan("directory", "check", "--db", live, "--at", "2026-04-02")
    assert (told.code, told.out) == (0, "")
    units = tmp_path / "units.csv"
    units.write_text("unit,pool\n甲科,neighbourhood\n", encoding="utf-8")
    asked = ("directory", "check", "--db", live, "--at", "2026-04-02", "--units", units, "--format", "json")
    assert [(one["role"], one["code"]) for one in paidan(*asked).json] == [("informant_b", "title")]
    units.write_text("unit,pool\n甲科,town\n", encoding="utf-8")
    wrong = paidan(*asked)
    assert (wrong.code, "units.csv 第 1 行" in wrong.err) == (3, True)


def test_nobody_files_a_directory_without_a_name(live, file):
    with Engine.open(live, None) as engine, pytest.raises(UsageError):
        engine.load_directory(file(), actor=" ")


def test_a_wrong_file_is_an_error_with_its_rows(live, file):
    with Engine.open(live, None) as engine, pytest.raises(RejectedRowsError) as told:
        engine.load_directory(file("甲科,C角,王,,,,,\n"), actor="赵一")
    assert [(one.row, one.code) for one in told.value.rows] == [(1, "directory_role")]


@pytest.mark.parametrize(
    ("policy", "role", "seen"),
    [("JY", "", False), ("JY", "城运中心负责人", True), ("JY", "dispatcher", True),
     ("JY", "main_leader", False), ("JY", "informant_a", False), ("ZZ", "hotline_centre", True),
     ("ZZ", "unit_head", False), ("ZZ", "", False)],
)  # fmt: skip
def test_contacts_are_shown_to_who_may_see_them(file, policy, role, seen):
    asked = (
        "directory",
        "show",
        "--directory",
        file(),
        "--policy",
        policy,
        "--at",
        "2026-03-02",
        "--role",
        role,
    )
    assert (PHONE in paidan(*asked).out) is seen
    told = paidan(*asked, "--unit", "甲科", "--format", "json").json
    assert {one["person"]: one["contact"] == PHONE for one in told} == {
        "孙三": False,
        "李四": seen,
        "吴六": seen,
    }


def test_the_directory_is_in_no_log_and_no_export(live, tmp_path):
    assert paidan("export", "--db", live, "--out", tmp_path / "log.csv").code == 0
    log = (tmp_path / "log.csv").read_text(encoding="utf-8")
    told = paidan("history", "K", "--db", live, "--format", "json").out
    assert not {"李四", "吴六", PHONE} & {word for word in ("李四", "吴六", PHONE) if word in log}
    assert PHONE not in told


def unmasked(engine, role, unit=""):
    done = engine.unmask("K", reason="复核", actor="某", role=role, unit=unit)
    return [one.rule for one in done.outcome.findings], [one.value for one in done.identities]


def test_identities_are_shown_to_those_who_need_to_know_and_the_rest_is_refused_with_its_clause():
    clock = SimulatedClock(beijing("2026-03-02 09:00"))
    with Engine.open("memory://need-to-know", "YY", key=KEY, clock=clock) as engine:
        engine.submit("K", "receive", caller="王某某")
        engine.submit("K", "register")
        engine.submit("K", "dispatch", unit="甲科", handling_class="ordinary")
        log = len(engine.history("K"))
        for role, unit in (("", ""), ("supervisor", ""), ("handling_unit", "乙科"), ("handling_unit", "")):
            assert unmasked(engine, role, unit) == (["YY-D01"], [])
        assert len(engine.history("K")) == log, "a refusal writes nothing"
        assert unmasked(engine, "handling_unit", "甲科") == ([], ["王某某"])
        assert unmasked(engine, "热线办") == ([], ["王某某"])
        assert [one.unit for one in engine.history("K")[log:]] == ["甲科", ""]
        refused = engine.unmask("K", reason="复核", actor="某", role="handling_unit", unit="乙科").outcome
        assert refused.reasons()[0].text.endswith("须是该单位的承办单位并写明单位，不是“乙科”")


def test_who_called_about_a_disputed_order_is_for_those_on_its_route():
    clock = SimulatedClock(beijing("2026-03-02 09:00"))
    with Engine.open("memory://disputed", "BS", key=KEY, clock=clock) as engine:
        engine.submit("K", "receive", caller="王某某")
        engine.submit("K", "register")
        engine.submit("K", "dispatch", unit="甲所")
        assert unmasked(engine, "hotline_specialist") == ([], ["王某某"])
        form: dict[str, Any] = {
            "number": "1",
            "earlier_handling": "无",
            "difficulty": "权属不明",
            "proposal": "乙所",
        }
        assert engine.submit("K", "file_dispute", unit="甲所", **form).accepted
        assert unmasked(engine, "hotline_specialist", "甲所") == (["BS-D02"], [])
        assert unmasked(engine, "licensing_section") == ([], ["王某某"])


def test_history_says_until_when_a_recording_is_kept_once_the_order_is_closed(tmp_path):
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    clock = SimulatedClock(beijing("2026-03-02 09:00"))
    said: dict[str, Any] = {
        "recording": "R-1",
        "result_text": "已修",
        "policy_basis": "条例",
        "follow_up": "回访",
    }
    with Engine.open(url, "BS", clock=clock) as engine:
        engine.submit("K", "receive")
        engine.submit("K", "register")
        engine.submit("K", "dispatch", unit="甲所")
        engine.submit("K", "accept", unit="甲所")
        assert engine.submit("K", "resolve", unit="甲所", outcome="resolved", **said).accepted
        assert "录音保存至" not in paidan("history", "K", "--db", url).out
        clock.advance_to(beijing("2026-03-03 09:00"))
        assert engine.submit("K", "close").accepted
    told = paidan("history", "K", "--db", url, "--format", "json").json
    assert [(one["event"], one["recording_kept_until"]) for one in told if "recording_kept_until" in one] == [
        ("resolve", {"on": "2028-03-03", "rule": "BS-D01"})
    ]
    table = re.sub(r"\s", "", paidan("history", "K", "--db", url).out)
    for word in ("录音保存至", "2028", "BS-D01"):  # the cell is folded, so that they may stand apart
        assert word in table
