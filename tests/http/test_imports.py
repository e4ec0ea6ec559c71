"""Logs uploaded over HTTP: looked at, taken in as a job, refused in good order whatever they are."""

import gzip
import os
from datetime import datetime
from itertools import chain
from time import monotonic, sleep

import httpx
import pytest
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.jobs import apart, keeper
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 9, 9, tzinfo=BEIJING)
HEAD = "order_id,event,at,unit,phone\n"
LOG = HEAD + (
    "A,receive,2026-03-02 09:00:00,,13812345678\nA,register,2026-03-02 09:05:00,,\n"
    "A,dispatch,2026-03-02 09:10:00,甲科,\nB,receive,2026-03-02 10:00:00,,\nB,fly,2026-03-02 10:05:00,,\n"
)


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.fixture(params=KINDS)
def live(request, place_of, clock):
    with Engine.open(place_of(request.param).url, "JY", clock=clock) as engine, served(engine) as made:
        yield made


@pytest.fixture
def small(clock):
    """A server that takes uploads of two MiB."""
    with (
        Engine.open("memory://", "JY", clock=clock) as engine,
        served(engine, rate=0, upload_most=2 << 20) as made,
    ):
        yield made


def upload(client, content, name="log.csv", /, query="", **others):
    files = [("files", (name, content)), *((field, (f"{field}.x", one)) for field, one in others.items())]
    return client.post(f"/v1/imports{query}", files=files, timeout=60)


def ended(client, answer):
    assert answer.status_code == 202, answer.text
    where = answer.headers["location"]
    until = monotonic() + 60
    while (told := client.get(where).json())["state"] == "running":
        assert monotonic() < until, told
        sleep(0.05)
    return told


def many(count, event="receive"):
    rows = (f"X{number},{event},2026-03-02 09:00:00,,\n" for number in range(count))
    return "".join(chain([HEAD], rows))


def test_a_log_is_taken_in_as_a_job_and_its_bad_rows_come_back_as_a_file(live):
    with live.client("dispatcher") as client:
        told = ended(client, upload(client, LOG))
        result = told["result"]
        assert (told["state"], told["kind"], told["step"]) == ("done", "import", "import")
        assert (result["read"], result["applied"], result["rejected"], result["orders"]) == (5, 4, 1, 2)
        assert live.engine.order("A").state == "dispatched"
        file = client.get(told["rejected"])
        assert file.status_code == 200
        assert file.headers["content-type"].endswith("spreadsheetml.sheet")
        assert file.content[:2] == b"PK"
        assert "13812345678" not in client.get(told["rejected"].rpartition("/")[0]).text
        again = ended(client, upload(client, LOG, query="?feed=daily"))["result"]
        assert (again["applied"], again["already_there"]) == (0, 4)


def test_a_preview_says_what_would_be_read_and_writes_nothing(small):
    with small.client("dispatcher") as client:
        told = ended(client, upload(client, LOG, query="?preview=true"))
        found = told["result"]["found"]["zh"]
        assert (found["read"], found["rejected"], found["orders"]) == (5, 1, 2)
        assert [one["header"] for one in found["files"][0]["columns"]][:3] == ["order_id", "event", "at"]
        assert "13812345678" not in str(told)
        assert client.get("/v1/orders").json()["orders"] == []


def test_a_log_that_is_not_ours_is_read_by_a_mapping_and_one_is_proposed(small):
    theirs = "单号,动作,时刻\nA,受理了,2026-03-02 09:00:00\nB,受理了,2026-03-02 10:00:00\n"
    with small.client("dispatcher") as client:
        told = ended(client, upload(client, theirs, query="?preview=true"))
        assert "order_id" in told["result"]["mapping"]["zh"]
        assert told["result"]["unread"]["zh"]
        assert ended(client, upload(client, theirs))["problem"]["code"] == "unprocessable"
        mapping = '[columns]\n"单号"="order_id"\n"动作"="event"\n"时刻"="at"\n[events]\n"受理了"="receive"\n'
        done = ended(client, upload(client, theirs, mapping=mapping))["result"]
        assert done["applied"] == 2
        wrong = ended(client, upload(client, theirs, mapping="[columns]\n单号=1\n"))
        assert wrong["problem"]["code"] == "unprocessable"


def test_a_job_is_known_to_its_account_alone_and_gone_when_deleted(small):
    with small.client("dispatcher") as client, small.client("dispatcher") as other:
        answer = upload(client, LOG)
        told = ended(client, answer)
        where = answer.headers["location"]
        assert other.get(where).status_code == other.delete(where).status_code == 404
        assert [one["id"] for one in client.get("/v1/jobs").json()] == [told["id"]]
        assert other.get("/v1/jobs").json() == []
        assert client.delete(where).status_code == 204
        gone = client.get(where)
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
        assert "重新启动" in gone.json()["detail"]


def test_an_account_has_one_job_under_way_which_can_be_cancelled_and_done_again(small):
    with small.client("dispatcher") as client, small.client("dispatcher") as other:
        first = upload(client, many(20_000))
        busy = upload(client, LOG)
        assert (busy.status_code, busy.json()["code"]) == (409, "conflict")
        assert ended(other, upload(other, LOG))["state"] == "done"
        where = first.headers["location"]
        until = monotonic() + 60
        while not client.get(where).json()["progress"]:
            assert monotonic() < until
        progress = client.get(where).json()["progress"]
        assert progress is None or progress["label"]
        assert client.delete(where).status_code == 204
        assert ended(client, upload(client, many(50)))["state"] == "done"
        assert client.get("/v1/orders").json()["orders"]


PIECES = 1600


@pytest.mark.parametrize("declared", [True, False])
def test_an_upload_beyond_the_limit_is_refused_while_it_comes(small, declared):
    piece = b"x" * (1 << 16)
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'

    def body():
        yield head
        for _ in range(PIECES):
            yield piece

    with small.client("dispatcher") as client:
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        if declared:
            headers["Content-Length"] = str(len(head) + PIECES * len(piece))
        try:
            answer = client.post("/v1/imports", content=body(), headers=headers, timeout=60)
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        except httpx.WriteError:  # the server hung up on somebody who went on sending
            pass
        assert ended(client, upload(client, LOG))["state"] == "done"


def test_what_is_no_upload_is_refused_in_good_order(small):
    with small.client("dispatcher") as client:

        def sent(content, kind):
            return client.post("/v1/imports", content=content, headers={"Content-Type": kind})

        assert client.post("/v1/imports", json={}).json()["code"] == "media_type"
        for content, kind in (
            (b"", "multipart/form-data"),
            (b"", "multipart/form-data; boundary=b"),
            (b"garbage", "multipart/form-data; boundary=b"),
            (b"--b\r\n\xff\xfe: x\r\n\r\n", "multipart/form-data; boundary=b"),
            (b"--b--\r\n", "multipart/form-data; boundary=b; charset=nowhere"),
        ):
            answer = sent(content, kind)
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), content
        twenty = [("files", (f"{number}.csv", LOG)) for number in range(30)]
        assert client.post("/v1/imports", files=twenty).status_code == 400
        assert client.post("/v1/imports", data={"files": LOG}, files={"x": b""}).status_code == 400


HOSTILE = {
    "empty": b"",
    "binary": os.urandom(4096),
    "nothing but NUL": bytes(4096),
    "a broken archive": b"PK\x03\x04" + os.urandom(200),
    "a broken gzip": gzip.compress(b"<log>" * 100)[:40],
    "entities": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><log>&b;</log>',
    "deep": b"<log>" + b"<trace>" * 20_000,
    "broken Parquet": b"PAR1" + os.urandom(300) + b"PAR1",
    "deep JSON": b'{"order_id":' + b"[" * 100_000,
    "one long line": b"order_id,event,at\n" + b"x" * (1 << 20),
    "many columns": b",".join(b"c%d" % n for n in range(200)) + b"\n",
}


def test_hostile_files_end_in_a_problem_and_never_in_a_fault(small):
    with small.client("dispatcher") as client:
        for what, content in HOSTILE.items():
            told = ended(client, upload(client, content))
            assert told["state"] == ("done" if what == "one long line" else "failed"), what
            assert not told["problem"] or told["problem"]["status"] < 500, (what, told["problem"])
            assert "paidan-jobs" not in str(told), (what, told)
        assert client.get("/v1/orders").json()["orders"] == []


def test_a_file_is_kept_under_a_name_of_ours_whatever_it_was_called(small, tmp_path):
    names = (
        f"../../../../../../{tmp_path}/evil.csv",
        "mapping.toml",
        "run.zip",
        "rejected.csv",
        "三月 13812345678.csv",
    )
    with small.client("dispatcher") as client:
        for name in names:
            told = ended(client, upload(client, LOG, name))
            assert told["state"] == "done", name
            assert "13812345678" not in str(told)
            assert "/" not in told["result"]["inputs"][0]["name"]
    assert not list(tmp_path.iterdir())


def test_work_that_takes_too_much_memory_ends_itself_and_not_the_server(small, monkeypatch):
    monkeypatch.setattr(apart, "MEMORY", 30 << 20)
    with small.client("dispatcher") as client:
        told = ended(client, upload(client, LOG))
        assert (told["state"], told["problem"]["code"]) == ("failed", "unprocessable")
        assert client.get("/healthz").status_code == 200


def test_files_of_jobs_are_for_their_user_alone_and_gone_at_the_end(clock, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "paidan-jobs-dead").mkdir()
    (tmp_path / "paidan-jobs-dead" / "lock").touch()
    with Engine.open("memory://", "JY", clock=clock) as engine, served(engine) as live:
        with live.client("dispatcher") as client:
            ended(client, upload(client, LOG))
        (folder,) = tmp_path.glob("paidan-jobs-*")
        assert folder.name != "paidan-jobs-dead"
        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(folder.rglob("log.csv"))
    assert not list(tmp_path.iterdir())


def test_a_job_is_let_go_of_after_its_time(clock, monkeypatch):
    monkeypatch.setattr(keeper, "KEPT_SECONDS", 0.2)
    with (
        Engine.open("memory://", "JY", clock=clock) as engine,
        served(engine) as live,
        live.client("dispatcher") as client,
    ):
        where = upload(client, LOG).headers["location"]
        until = monotonic() + 30
        while client.get(where).status_code != 404:
            assert monotonic() < until
            sleep(0.05)


def test_a_holiday_notice_is_loaded_as_a_job_and_one_with_mistakes_is_a_problem(small):
    with small.client("system_administrator") as client:
        wrong = client.post("/v1/calendar/notices", content=b"year = 'x'\n")
        told = ended(client, wrong)
        assert told["problem"]["code"] == "unprocessable"
        assert "paidan-jobs" not in str(told)


def test_the_directory_is_filed_and_read_without_how_to_reach_anybody(small):
    rows = "单位,岗位,姓名,联系方式\n甲科,A角,李一,13812345678\n"
    with small.client("centre_head") as head, small.client("handling_unit") as unit:
        filed = head.post("/v1/directory", content=rows.encode())
        assert (filed.status_code, filed.json()["new"], filed.json()["began"]) == (200, True, 1)
        assert head.post("/v1/directory", content=rows.encode()).json()["new"] is False
        answer = unit.get("/v1/directory")
        (one,) = answer.json()["holdings"]
        assert (one["unit"], one["role"], one["person"]) == ("甲科", "informant_a", "李一")
        assert "13812345678" not in answer.text
        wrong = head.post("/v1/directory", content="单位,岗位,姓名\n甲科,无此岗,李一\n".encode())
        assert (wrong.status_code, wrong.json()["code"]) == (422, "unprocessable")
        assert "paidan-jobs" not in wrong.text


def test_files_of_one_name_are_kept_apart(small):
    other = HEAD + "C,receive,2026-03-02 09:00:00,,\n"
    with small.client("dispatcher") as client:
        files = [
            ("files", (name, text)) for name, text in (("3-a.csv", LOG), ("a.csv", LOG), ("a.csv", other))
        ]
        mapping = [("mapping", ("m.toml", b"")), ("mapping", ("m.toml", b""))]
        told = ended(client, client.post("/v1/imports", files=[*files, *mapping]))
        assert [one["name"] for one in told["result"]["inputs"]] == ["3-a.csv", "a.csv", "3-3-a.csv"]
        assert told["result"]["orders"] == 3
