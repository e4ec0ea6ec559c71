"""Chance against the reading of workbooks: rows of odd cells, and sound workbooks that were tampered with."""

import io
import random
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from support.workbooks import HEADER, ROWS, packed, write_workbook

from paidan.engine.errors import InputError
from paidan.engine.intake.events import read_logs
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document

AT = datetime(2026, 3, 2, 9)
WIDE = (
    "任务号", "受理时间", "派单\n时间", "承办接单时间", "先行联系时间", "办结时间", "回访时间", "承办单位",
    "工单类型", "解决情况", "满意度", "是否匿名", "工单时限", "重复工单号", "备注", "备注",
)  # fmt: skip
LONG = (
    "order_id",
    "event",
    "at",
    "unit",
    "actor",
    "area",
    "urgent",
    "order_due",
    "recorded_at",
    "caller",
    "x",
)
ODD = (
    None, "", " ", "　", "\u00a0", "?", "？", "#N/A", "=1+1", "@x", "-", "是", "否", "未评价", "合计",
    "任务号", "2026/4/5", "2026-4-5 9:32", "２０２６／４／５　９：３２", "2026-02-30", "24:00", "昨天",
    "1900-01-00", "𠮷", "a\nb", "\t", '"', "'", ",", ";", "工" * 2000, "e\u0301", "\u202e", "\ufeff",
    0, 1, -1, 1.5, 46_117.4, 1e15, 1e16, 1e300, 5e-324, True, False, date(2026, 3, 2), datetime(2026, 3, 2),
    time(9, 32), timedelta(days=3, seconds=5), "receive", "dispatch", "close", "满意", "解决", "投诉举报",
    "13912345678",
)  # fmt: skip


def nasty(rng, header, number):
    """One row: an order, events at times, and any cell at all where one would not expect it."""
    at = AT + timedelta(minutes=rng.randrange(40_000))
    if header is WIDE:
        row = [
            f"GD{number // 2}",
            at,
            at,
            at,
            None,
            at,
            None,
            "甲",
            "咨询",
            "解决",
            "满意",
            "否",
            at,
            None,
            "x",
            "y",
        ]
    else:
        row = [
            f"GD{number // 4}",
            rng.choice(("receive", "dispatch", "close")),
            at,
            "甲",
            "乙",
            "丙",
            "否",
            at,
        ]
        row += [None, "丁", "戊"]
    for _ in range(rng.choice((0, 0, 1, 2, 9))):
        row[rng.randrange(len(row))] = rng.choice(ODD)
    return row


def account(path, out):
    """Read and replay a log; give how many rows it has, after holding every one of them to account."""
    log = read_logs([path])
    found = {(row.command.source, row.command.row) for rows in log.orders.values() for row in rows}
    found |= {(one.source, one.row) for one in log.rejected}
    assert found == {(told["name"], row) for told in log.inputs for row in range(1, told["rows"] + 1)}
    assert log.read == sum(map(len, log.orders.values())) + len(log.rejected)
    events = replay(Request(logs=(path,), document=document("JY"), out=out))["events"]
    assert events["read"] == log.read
    assert events["read"] == sum(count for name, count in events.items() if name != "read")
    return sum(told["rows"] for told in log.inputs)


def check_rows(tmp_path, seed, count):
    rng = random.Random(seed)
    header = (WIDE, LONG)[seed % 2]
    rows = [nasty(rng, header, number) for number in range(count)]
    book = write_workbook(tmp_path / "log.xlsx", {"s": [("标题",), header, *rows]}, since_1904=seed % 3 == 0)
    said = sum(any(str(cell).strip() for cell in row if cell is not None) for row in rows)
    assert account(book, tmp_path / "out") == said


@pytest.mark.parametrize("seed", [0, 1])
def test_no_row_of_odd_cells_is_dropped_in_silence(tmp_path, seed):
    check_rows(tmp_path, seed, 500)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_no_row_of_a_hundred_thousand_is_dropped_in_silence(tmp_path, seed):
    check_rows(tmp_path, seed, 10_000)


def tampered(rng, content):
    """Change a few bytes of the archive, or of one of its parts before it is packed again."""
    if rng.random() < 0.3:
        return _changed(rng, content, b"PK")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {one.filename: archive.read(one) for one in archive.infolist()}
    name = rng.choice([one for one in entries if one.startswith("xl/") and "theme" not in one])
    words = (
        b"<",
        b">",
        b"/",
        b'"',
        b"-1",
        b"99999999999",
        b"</c>",
        b"<row>",
        b'r="A1"',
        b"&lt;",
        b"\xff",
        b"1e9",
    )
    entries[name] = _changed(rng, entries[name], rng.choice(words))
    if rng.random() < 0.1:
        del entries[rng.choice([*entries])]
    return packed(entries)


def _changed(rng, content, word):
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 2, 8, 64))
        how = rng.randrange(4)
        if how == 0:
            changed[at : at + length] = rng.randbytes(length)
        elif how == 1:
            del changed[at : at + length]
        elif how == 2:
            changed[at:at] = word
        else:
            changed[at:at] = changed[at : at + length]
    return bytes(changed)


def check_tampered(tmp_path, seed):
    rng = random.Random(seed)
    rows = [("标题",), HEADER, *ROWS, ("GD3", AT, 46_117.4, True)]
    book = write_workbook(tmp_path / "good.xlsx", {"s": rows, "t": [("a", "b")]}, merged={"s": ["A1:D1"]})
    path = tmp_path / "log.xlsx"
    path.write_bytes(tampered(rng, book.read_bytes()))
    with suppress(InputError):
        account(path, tmp_path / "out")


@pytest.mark.parametrize("seed", range(8))
def test_a_workbook_that_was_tampered_with_is_refused_or_accounted_for(tmp_path, seed):
    check_tampered(tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 600))
def test_five_hundred_workbooks_that_were_tampered_with_are_refused_or_accounted_for(tmp_path, seed):
    check_tampered(tmp_path, seed)
