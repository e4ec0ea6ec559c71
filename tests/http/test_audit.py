"""What an auditor reaches: the chain, corrections, last minutes, deviations, sights, tokens, the pack."""

import csv
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic, sleep
from typing import Any

import pytest
import typer.main
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from support.serving import served
from support.stores import KINDS, ON_DISK

from paidan.engine import Engine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import UsageError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.fixture(params=KINDS)
def live(request, place_of, clock):
    with Engine.open(place_of(request.param).url, "JY", clock=clock) as engine, served(engine) as made:
        yield made


def told(client, address, name, **asked):
    """Give a list when it has been read, and its page."""
    until = monotonic() + 20
    while (page := client.get(address, params=asked).json())["reading"] and monotonic() < until:
        sleep(0.02)
    assert page["reading"] is None
    return page[name], page


def verified(client):
    assert client.post("/v1/audit/chain").status_code == 202
    until = monotonic() + 20
    while (found := client.get("/v1/audit/chain").json())["state"] == "running" and monotonic() < until:
        sleep(0.02)
    return found


def received(engine, order_id="A", unit="甲科", **said):
    engine.submit(order_id, "receive", **said)
    engine.submit(order_id, "register")
    engine.submit(order_id, "dispatch", unit=unit)


def corrected(engine, clock):
    """Give an order that was back-dated and corrected, with a contact that was late, then in time."""
    received(engine)
    clock.advance_to(NINE + timedelta(days=3))
    engine.submit(
        "A", "accept", at=NINE + timedelta(hours=1), actor="周主任", role="centre_head", backdated="漏登"
    )
    engine.submit(
        "A", "correct", actor="周主任", role="centre_head", entry=3, field="unit", before="甲科",
        after="乙科", reason="派错",
    )  # fmt: skip


def test_the_chain_is_verified_in_the_background_and_what_was_found_is_kept(live):
    received(live.engine)
    with live.client("auditor", name="李审") as auditor, live.client("dispatcher") as other:
        assert auditor.get("/v1/audit/chain").json()["state"] == "never"
        found = verified(auditor)
        assert (found["state"], found["by"], found["orders"], found["entries"]) == ("holds", "李审", 1, 3)
        assert (found["position"], found["first"], found["faults"]) == (3, None, [])
        assert other.post("/v1/audit/chain").status_code == 403


@pytest.mark.parametrize("kind", ON_DISK)
def test_when_by_whom_and_with_what_result_it_was_last_verified_outlives_the_server(place_of, clock, kind):
    place = place_of(kind)
    with Engine.open(place.url, "JY", clock=clock) as engine, served(engine) as live:
        received(engine)
        verified(live.client("auditor", name="李审"))
    clock.advance_to(NINE + timedelta(days=2))
    with Engine.open(place.url, "JY", clock=clock) as engine, served(engine) as live:
        received(engine, "B")
        auditor = live.client("auditor", name="周审")
        found = auditor.get("/v1/audit/chain").json()
        assert (found["state"], found["by"], found["ended_at"]) == ("holds", "李审", NINE.isoformat())
        assert (found["started_at"], found["position"], found["entries"]) == (None, 3, 3)
        signed_in(live, auditor, "auditor")
        page = auditor.get("/audit").text
        assert "2026-03-02 09:00:00 核对完毕（李审）" in page
        assert "当时 3 条，到位置 3" in page
        tampered(place)
        assert verified(auditor)["state"] == "broken"
    with Engine.open(place.url, "JY", clock=clock) as engine, served(engine) as live:
        found = live.client("auditor").get("/v1/audit/chain").json()
        assert (found["state"], found["by"], found["entries"]) == ("broken", "周审", 6)


def tampered(place):
    if place.kind == "postgresql":
        place.run("ALTER TABLE paidan_entry DISABLE TRIGGER USER")
    else:
        for (name,) in place.run("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            place.run(f"DROP TRIGGER {name}")
    place.run("UPDATE paidan_entry SET actor = 'x' WHERE order_id = 'B' AND seq = 2")


@pytest.mark.parametrize("kind", ON_DISK)
def test_an_entry_that_was_changed_is_named_by_order_and_number(place_of, clock, kind):
    place = place_of(kind)
    with Engine.open(place.url, "JY", clock=clock) as engine, served(engine) as live:
        received(engine, "A")
        received(engine, "B")
        tampered(place)
        with live.client("auditor") as auditor:
            found = verified(auditor)
            assert found["state"] == "broken"
            first = found["first"]
            assert (first["order_id"], first["seq"], first["what"]) == ("B", 2, "hash")
            assert first["text"]


def test_what_was_back_dated_and_corrected_is_listed_with_who_when_from_to_and_why(live, clock):
    with live.client("auditor") as auditor:
        assert told(auditor, "/v1/audit/corrections", "marks")[0] == []
        corrected(live.engine, clock)  # after the first reading: what is new is caught up with
        correction, backdated = told(auditor, "/v1/audit/corrections", "marks")[0]
        assert (backdated["kind"], backdated["actor"], backdated["why"]) == ("backdated", "周主任", "漏登")
        assert backdated["before"] == (NINE + timedelta(days=3)).isoformat()
        assert backdated["after"] == (NINE + timedelta(hours=1)).isoformat()
        assert (correction["kind"], correction["of"], correction["field"]) == ("correct", 3, "unit")
        assert (correction["before"], correction["after"], correction["why"]) == ("甲科", "乙科", "派错")
        for asked, there in (
            ({"person": "周主任"}, 2), ({"person": "某人"}, 0), ({"month": "2026-03"}, 2),
            ({"month": "2026-04"}, 0), ({"unit": "甲科"}, 2), ({"unit": "丙科"}, 0),
        ):  # fmt: skip
            assert len(told(auditor, "/v1/audit/corrections", "marks", **asked)[0]) == there, asked
        first, page = told(auditor, "/v1/audit/corrections", "marks", limit=1)
        rest = auditor.get(page["next"]).json()
        assert (first, rest["marks"], rest["next"]) == ([correction], [backdated], None)
        wrong = auditor.get("/v1/audit/corrections?after=x")
        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid")


def test_the_page_shows_both_verdicts_of_what_was_learned_late(live, clock):
    corrected(live.engine, clock)
    with live.client() as browser:
        signed_in(live, browser, "auditor")
        text = browser.get("/audit?show=corrections").text
        assert all(word in text for word in ("漏登", "派错", "JY-T03", "按记录时", "按实际时间"))


def test_identities_shown_and_erased_are_listed_with_their_reasons(place_of, clock):
    place = place_of("sqlite")
    with Engine.open(place.url, "JY", clock=clock, key=b"k" * 32) as engine, served(engine) as live:
        received(engine, phone="13812345678")
        engine.unmask("A", reason="回访", actor="王二", role="dispatcher")
        engine.erase("A", reason="到期", actor="赵六", role="hotline_office")
        with live.client("auditor") as auditor:
            erased, unmasked = told(auditor, "/v1/audit/identities", "marks")[0]
        assert (erased["kind"], erased["actor"], erased["why"]) == ("erase", "赵六", "到期")
        assert (unmasked["kind"], unmasked["actor"], unmasked["why"]) == ("unmask", "王二", "回访")


def test_what_is_done_minutes_before_its_limit_is_counted_by_unit_of_what_was_met(live, clock):
    engine = live.engine
    for order_id, unit in (("A", "甲科"), ("B", "甲科"), ("C", "乙科")):
        received(engine, order_id, unit)
    due = next(one.due_at for one in engine.deadlines("A") if one.rule == "JY-T03")
    clock.advance_to(due - timedelta(hours=2))
    engine.submit("B", "accept")
    clock.advance_to(due - timedelta(minutes=7))
    engine.submit("A", "accept")
    clock.advance_to(due - timedelta(minutes=3))
    engine.submit("C", "accept")
    with live.client("auditor") as auditor:
        found, page = told(auditor, "/v1/audit/last-minute", "endings")
        assert [(one["order_id"], one["rule"], one["seconds_left"]) for one in found] == [
            ("C", "JY-T03", 180), ("A", "JY-T03", 420),
        ]  # fmt: skip
        assert {one["unit"]: (one["last_minute"], one["met"]) for one in page["units"]} == {
            "甲科": (1, 2), "乙科": (1, 1),
        }  # fmt: skip
        (only,), _ = told(auditor, "/v1/audit/last-minute", "endings", minutes=5)
        assert only["order_id"] == "C"
        (only,), _ = told(auditor, "/v1/audit/last-minute", "endings", unit="甲科")
        assert only["order_id"] == "A"


def test_deviations_name_the_rule_that_an_imported_entry_breaks(live, clock, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(
        "order_id,event,at,unit,reason\nA,receive,2026-01-05 09:00:00,,\nA,register,2026-01-05 09:10:00,,\n"
        "A,dispatch,2026-01-05 09:20:00,甲科,\nA,request_return,2026-02-05 09:20:00,甲科,不属于\n",
        encoding="utf-8",
    )
    live.engine.import_logs([log])
    with live.client("auditor") as auditor:
        found, _ = told(auditor, "/v1/audit/deviations", "deviations")
        assert ("A", 6, "JY-T06", "甲科") in {
            (one["order_id"], one["seq"], one["rule"], one["unit"]) for one in found
        }
        assert all(one["reason"] for one in found)
        assert told(auditor, "/v1/audit/deviations", "deviations", rule="JY-T06")[0]
        clock.advance_to(clock.now() + timedelta(hours=1))
        live.engine.submit("A", "note")
        assert told(auditor, "/v1/audit/deviations", "deviations")[0] == found


def signed_in(live, browser, role, name="李审", lang="zh"):
    token = live.engine.accounts.issue(name, role, by="测试").text
    browser.cookies.update(live.signed_in(token))
    browser.cookies.set("lang", lang)


def test_every_list_is_a_page_in_both_languages_and_goes_on_from_its_last_line(live, clock):
    corrected(live.engine, clock)
    with live.client("dispatcher") as dispatcher, live.client() as browser:
        for _ in range(50):
            dispatcher.get("/v1/orders/A")
        for lang in ("zh", "en"):
            signed_in(live, browser, "auditor", lang=lang)
            for show in ("", "corrections", "identities", "last_minute", "deviations", "sights"):
                answer = browser.get(f"/audit?show={show}")
                assert answer.status_code == 200, show
        first = browser.get("/audit?show=sights&order=A").text
        assert first.count('<td class="nowrap">2026-03') == 40
        following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        rest = browser.get(following).text
        assert rest.count('<td class="nowrap">2026-03') == 10
        assert browser.get("/audit?show=sights&order=A&day=2026-03-04").text.count("no-such") == 0
        assert browser.get("/audit?show=sights&after=x").status_code == 400
        assert browser.get("/audit?show=sights&day=2026-99-99").status_code == 200


def test_sights_are_found_by_person_and_by_day(live, clock):
    received(live.engine)
    with live.client("dispatcher", name="王二") as one, live.client("centre_head", name="张三") as two:
        one.get("/v1/orders/A")
        clock.advance_to(NINE + timedelta(days=1))
        two.get("/v1/orders/A")
    accounts = live.engine.accounts
    assert [one.name for one in accounts.sights("A")] == ["张三", "王二"]
    assert [one.name for one in accounts.sights("A", day=NINE.date())] == ["王二"]
    assert [one.name for one in accounts.sights(day=(NINE + timedelta(days=1)).date())] == ["张三"]
    (last,) = accounts.sights(name="王二", most=1)
    assert accounts.sights(before=last.place) == ()


def test_the_security_administrator_issues_and_ends_tokens_on_a_page(live):
    with live.client() as browser:
        signed_in(live, browser, "security_administrator", "赵安")
        headers = {"Sec-Fetch-Site": "same-origin"}
        wrong = browser.post("/tokens", data={"name": "孙", "role": "handling_unit"}, headers=headers)
        assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)
        made = browser.post("/tokens", data={"name": "孙科", "role": "dispatcher"}, headers=headers).text
        text = made.split('<code id="token">')[1].split("<")[0]
        account = live.engine.accounts.whose(text)
        assert (account.name, account.role) == ("孙科", "dispatcher")
        assert text not in browser.get("/tokens").text
        ended = browser.post(f"/tokens/{account.token}/end", headers=headers)
        assert ended.status_code == 303
        assert live.engine.accounts.whose(text) is None
        assert account.token not in browser.get("/tokens").text
        assert "赵安" in browser.get("/tokens?every=true").text
        other_site = {"Sec-Fetch-Site": "cross-site"}
        assert browser.post("/tokens", data={"name": "x"}, headers=other_site).status_code == 403
        signed_in(live, browser, "auditor")
        assert browser.get("/tokens").status_code == 403


@pytest.fixture
def sealed(place_of, clock, tmp_path):
    """Give an engine with a master key whose log was sealed twice, over three months."""
    seals = tmp_path / "seals"
    with Engine.open(place_of("sqlite").url, "JY", clock=clock, key=b"k" * 32) as engine:
        received(engine, "early")
        engine.seal(seals)
        clock.advance_to(NINE + timedelta(days=31))
        for number in range(6):
            received(engine, f"A{number}", phone="13812345678")
            engine.submit(f"A{number}", "accept")
        engine.submit("early", "note")
        engine.seal(seals)
        received(engine, "late")
        clock.advance_to(NINE + timedelta(days=90))
        received(engine, "after")
        engine.auditing.seals = seals
        yield engine


def packed(engine, month="2026-04", **said):
    return b"".join(engine.auditing.pack(month, **said))


def unpacked(pack, folder):
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        opened.extractall(folder)
    return folder


def check(verifier, *words):
    """Run the verifier as an auditor would: Python alone, nothing of ours in reach."""
    done = subprocess.run(
        [sys.executable, "-I", "-B", verifier, *words], capture_output=True, check=False, encoding="utf-8"
    )
    return done.returncode, done.stdout + done.stderr


def test_a_pack_is_the_same_bytes_each_time_and_holds_by_python_alone(sealed, tmp_path):
    pack = packed(sealed)
    assert pack == packed(sealed)
    folder = unpacked(pack, tmp_path / "pack")
    code, said = check(folder / "verify.py")
    assert code == 0, said
    assert "8 张工单，33 条" in said
    assert "8 orders, 33 entries" in said
    assert "2 份封存" in said
    assert "没有核对" in said
    (tmp_path / "pack.zip").write_bytes(pack)
    assert check(folder / "verify.py", tmp_path / "pack.zip") == (code, said.replace(str(folder), ""))
    assert not any(b"13812345678" in one.read_bytes() for one in folder.rglob("*.*") if one.is_file())
    assert "paidan" not in {line.split()[1].split(".")[0] for line in imports(folder / "verify.py")}


def imports(file):
    return [
        one for one in file.read_text(encoding="utf-8").splitlines() if one.startswith(("import ", "from "))
    ]


def recounted(folder, *names):
    """Count the manifest anew over files that were changed, as somebody would who knows how."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["digest"]
    for name in names:
        raw = (folder / name).read_bytes()
        manifest["files"][name] = {"bytes": len(raw), "sha256": sha256(raw).hexdigest()}
    manifest["digest"] = sha256(canonical(manifest)).hexdigest()
    (folder / "manifest.json").write_bytes(canonical(manifest) + b"\n")


def test_a_pack_has_the_scores_that_the_interface_tells_with_the_orders_and_entries_behind_them(
    sealed, tmp_path
):
    folder = unpacked(packed(sealed), tmp_path / "pack")
    said = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    with served(sealed) as live, live.client("auditor") as auditor:
        told = auditor.get("/v1/scores?month=2026-04").json()
    assert [(one["unit"], one["total"], one["rank"]) for one in said["units"]] == [
        (one["unit"], one["total"], one["rank"]) for one in told["units"]
    ]
    with (folder / "score_lines.csv").open(encoding="utf-8", newline="") as file:
        lines = [one for one in csv.DictReader(file) if one["item"] == "volume"]
    assert {one["order_id"] for one in lines} == {f"A{number}" for number in range(6)}
    assert all(one["entries"].startswith("4 accept ") for one in lines)
    _, text = check(folder / "verify.py")
    assert "所引日志 6 条在本包内" in text
    assert "没有核对：工单为何计入" in text


@pytest.mark.parametrize(
    ("was", "is_now", "told"),
    [
        ("4 accept ", "4 close ", "第 4 条不是日志里的那一条"),
        (",1,当月受理", ",2,当月受理", "逐单相加是 7"),
    ],
)
def test_scores_that_do_not_rest_on_the_log_are_found_though_the_manifest_was_counted_anew(
    sealed, tmp_path, was, is_now, told
):
    folder = unpacked(packed(sealed), tmp_path / "pack")
    file = folder / "score_lines.csv"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, is_now, 1), encoding="utf-8")
    recounted(folder, "score_lines.csv")
    code, said = check(folder / "verify.py")
    assert (code, told in said) == (4, True), said


def test_what_scores_rest_on_after_the_month_is_told_and_not_taken_for_checked(live, clock, tmp_path):
    engine, of_unit = live.engine, {"role": "handling_unit", "unit": "甲科"}
    received(engine)
    for event, said in (
        ("accept", of_unit), ("contact", of_unit | {"evidence": "录音1"}),
        ("resolve", of_unit | {"outcome": "resolved"}),
        ("revisit", {"source": "centre", "result": "connected", "contacted": True}), ("close", {}),
    ):  # fmt: skip
        told = engine.submit("A", event, **said)
        assert told.accepted, told.findings
    clock.advance_to(NINE + timedelta(days=31))
    engine.submit("A", "revisit", source="district", result="effective", satisfaction="satisfied")
    folder = unpacked(packed(live.engine, "2026-03"), tmp_path / "pack")
    code, said = check(folder / "verify.py")
    assert code == 0, said
    assert "另引 1 条月末之后的日志" in said


def test_a_month_that_cannot_be_scored_has_a_pack_without_scores(live, tmp_path):
    received(live.engine)
    folder = unpacked(packed(live.engine, "2026-01"), tmp_path / "pack")
    code, said = check(folder / "verify.py")
    assert code == 0, said
    assert "没有成绩" in said
    assert not (folder / "scores.json").exists()


def test_a_pack_counts_as_looked_at_and_a_month_to_come_has_none(live):
    received(live.engine)
    with live.client("auditor", name="李审") as auditor, live.client("dispatcher") as other:
        answer = auditor.get("/v1/audit/pack?month=2026-03")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
        assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
        (sight,) = live.engine.accounts.sights("A")
        assert (sight.name, sight.what) == ("李审", "pack")
        assert auditor.get("/v1/audit/pack?month=2026-04").status_code == 400
        assert auditor.get("/v1/audit/pack?month=2026-13").status_code == 400
        assert other.get("/v1/audit/pack?month=2026-03").status_code == 403
    with live.client() as browser:
        signed_in(live, browser, "auditor")
        assert browser.get("/audit/pack?month=2026-03").content == answer.content


def altered(folder, chance):
    """Alter a pack in one way, drawn by chance, and say which."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    file = chance.choice(files)
    raw = file.read_bytes()
    lines = raw.splitlines(keepends=True)
    ways = ["byte", "gone", "more", "cut"] + (["drop", "swap", "double"] if len(lines) > 1 else [])
    way = chance.choice(ways)
    at = chance.randrange(len(raw))
    if way == "byte":
        raw = raw[:at] + bytes([raw[at] ^ chance.randrange(1, 256)]) + raw[at + 1 :]
    elif way == "cut":
        raw = raw[:at]
    elif way == "more":
        raw += chance.choice((b" ", b"\n", lines[-1]))
    elif way == "drop":
        raw = b"".join(lines[: (line := chance.randrange(len(lines)))] + lines[line + 1 :])
    elif way == "double":
        line = chance.randrange(len(lines))
        raw = b"".join(lines[: line + 1] + lines[line:])
    elif way == "swap":
        one, other = chance.sample(range(len(lines)), 2)
        if lines[one] == lines[other]:
            raw += b"\n"
        lines[one], lines[other] = lines[other], lines[one]
        raw = b"".join(lines) if raw == file.read_bytes() else raw
    if way == "gone":
        file.unlink()
    else:
        file.write_bytes(raw)
    return f"{way} {file.relative_to(folder)}"


@pytest.mark.parametrize("times", [40, pytest.param(1000, marks=pytest.mark.long)])
def test_whatever_is_altered_in_a_pack_is_found(sealed, tmp_path, times):
    good = unpacked(packed(sealed), tmp_path / "good")
    verifier = shutil.copy(good / "verify.py", tmp_path / "verify.py")
    chance = random.Random(times)
    ways = {}
    for number in range(times):
        folder = tmp_path / f"pack{number}"
        shutil.copytree(good, folder)
        ways[folder] = altered(folder, chance)
    with ThreadPoolExecutor(2) as pool:
        codes = dict(zip(ways, pool.map(lambda one: check(verifier, one), ways), strict=True))
    assert [(ways[one], said) for one, (code, said) in codes.items() if code != 4] == []


def forged(folder, change):
    """Change the log, and count the index and the manifest anew, as somebody would who knows how."""
    lines = [json.loads(one) for one in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = list(csv.reader((folder / "entries.csv").read_text(encoding="utf-8").splitlines()))
    lines, kept = change(lines, rows[1:])
    heads: dict[str, str] = {}
    for said, row in zip(lines, kept, strict=True):
        said["previous"] = heads.get(said["order_id"], "0" * 64)
        row[3] = heads[said["order_id"]] = sha256(canonical(said)).hexdigest()
    (folder / "log.jsonl").write_bytes(b"".join(canonical(one) + b"\n" for one in lines))
    index = "".join(",".join(row) + "\n" for row in [rows[0], *kept])
    (folder / "entries.csv").write_text(index, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest |= {"orders": len(heads), "entries": len(lines)}
    del manifest["digest"]
    for name in ("log.jsonl", "entries.csv"):
        raw = (folder / name).read_bytes()
        manifest["files"][name] = {"bytes": len(raw), "sha256": sha256(raw).hexdigest()}
    manifest["digest"] = sha256(canonical(manifest)).hexdigest()
    (folder / "manifest.json").write_bytes(canonical(manifest) + b"\n")


def canonical(said):
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def rewritten(lines, rows):
    lines[2]["unit"] = "丙科"
    return lines, rows


def dropped(lines, rows):
    return lines[:1] + lines[2:], rows[:1] + rows[2:]


@pytest.mark.parametrize("change", [rewritten, dropped])
def test_a_pack_whose_hashes_were_all_counted_anew_is_not_what_was_sealed(sealed, tmp_path, change):
    folder = unpacked(packed(sealed), tmp_path / "pack")
    forged(folder, change)
    code, said = check(folder / "verify.py")
    assert code == 4, said


def test_what_is_signed_is_written_out_for_openssl_and_a_forged_manifest_is_not_what_was_signed(
    sealed, tmp_path
):
    folder = unpacked(packed(sealed), tmp_path / "pack")
    verifier = shutil.copy(folder / "verify.py", tmp_path / "verify.py")
    key: Any = load_pem_public_key((folder / "public.pem").read_bytes())

    def signed(name, where):
        code, said = check(verifier, folder, "--signed", tmp_path / where)
        assert "openssl pkeyutl -verify" in said
        text, signature = ((tmp_path / where / f"{name}.{end}").read_bytes() for end in ("txt", "sig"))
        key.verify(signature, text)
        return code

    assert (signed("manifest", "one"), signed("seal-000002", "one")) == (0, 0)
    forged(folder, lambda lines, rows: (lines[:-1], rows[:-1]))  # the tail, which no seal is over
    with pytest.raises(InvalidSignature):
        signed("manifest", "two")


def test_the_command_line_writes_the_same_log_whole_or_not_at_all(place_of, tmp_path, capsys):
    place, out = place_of("sqlite"), tmp_path / "out.zip"
    with Engine.open(place.url, "JY", clock=SimulatedClock(NINE)) as engine:
        received(engine)
        pack = packed(engine, "2026-03")
    command = typer.main.get_command(app)
    asked = ["audit", "pack", "--db", place.url, "--out", str(out), "--month"]
    command.main([*asked, "2026-03"], standalone_mode=False)
    assert "verify.py" in capsys.readouterr().err
    with zipfile.ZipFile(io.BytesIO(pack)) as one, zipfile.ZipFile(out) as other:
        assert [info.CRC for info in one.infolist()[:2]] == [info.CRC for info in other.infolist()[:2]]
    out.unlink()
    with pytest.raises(UsageError):
        command.main([*asked, "March"], standalone_mode=False)
    assert list(tmp_path.glob("*out*")) == []
