"""Whatever was read before it, a row says what it would say alone."""

import csv
import tempfile
from functools import partial
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from paidan.engine.intake.events import Ids, read_share
from paidan.engine.intake.forms import open_logs
from paidan.engine.intake.private import PrivateReader
from paidan.engine.intake.reader import LogReader

CELLS = {
    "order_id": ("GD1", "GD1 ", "GD2", "GD1~supervision~1", "13812345678", "", " "),
    "event": (
        "receive", "receive ", "接收", "dispatch", "contact", "resolve", "revisit", "correct", "note",
        "time_out", "open_supervision", "nothing", "",
    ),
    "at": ("2026-03-02 09:00:00", "2026/3/2 9:00", "2026-03-02T09:00:00.5+09:00", "2026-03-02", "soon", ""),
    "actor": ("", "张三", " 张三 ", "李四 13812345678", "小王"),
    "role": ("", "dispatcher", "热线办", "张三", "handling_unit "),
    "unit": ("", "甲科", "甲科 ", "张三", "乙科13812345678"),
    "recorded_at": ("", "2026-03-02 09:00:01.7", "2026-03-03", " ", "later"),
    "seq": ("", "1", " 2", "x", "12345678901"),
    "caller": ("", "", "张三", "  "),
    "phone": ("", "", "13812345678"),
    "urgent": ("", "是", "false", "maybe"),
    "category": ("", "direct", "派单处置", " direct", "else"),
    "outcome": ("", "resolved", "实际解决", "neither"),
    "satisfaction": ("", "满意", "neutral"),
    "evidence": ("", "无", "rec-1", "张三说13812345678", "北京时间", " rec-1"),
    "reason": ("", "张三", "不属于本单位", "见 11010519491231002X"),
    "channel": ("", "12345", "张三"),
    "repeat_of": ("", "GD2", "13812345678", "110105194912310021"),
    "order_due": ("", "2026-03-20", "2026-03-20 18:00", "soon"),
    "signed_at": ("", "2026-03-05", "never"),
    "entry": ("", "1", "none"),
    "field": ("", "unit", "at", "actor"),
    "before": ("", "甲科", "张三"),
    "after": ("", "乙科", "13812345678"),
    "hash": ("", "ff"),
    "备注": ("", "x"),
}  # fmt: skip
SOUND = ("receive", "request_return", "resolve", "correct", "close")
NOON = "2026-03-02 12:00:00"
NEEDED = ("order_id", "event", "at")


class Forgetful(LogReader):
    """Reads every row as if it were the first."""

    spoken_most = 0


class Oblivious(LogReader):
    """Forgets again and again."""

    spoken_most = 2


class ForgetfulOfVault(PrivateReader):
    """Reads for a vault, every row as if it were the first."""

    spoken_most = 0


@st.composite
def tables(draw):
    """A header in any order, and rows that often say again what others said, some too short or too long."""
    more = draw(st.lists(st.sampled_from([name for name in CELLS if name not in NEEDED]), unique=True))
    header = draw(st.permutations([*NEEDED, *more]))
    sound = {"order_id": "GD1", "event": draw(st.sampled_from(SOUND)), "at": NOON}
    row = st.tuples(*(st.sampled_from(CELLS[name]) | st.just(CELLS[name][0]) for name in header)).map(list)
    known = [[sound.get(name, "") for name in header], *draw(st.lists(row, max_size=3))]
    again = st.sampled_from(known).flatmap(partial(_altered, header))
    rows = draw(st.lists(again, max_size=12))
    ends = st.sampled_from([None, None, None, -1, [""], ["", " x"]])
    return header, [_ended(row, draw(ends)) for row in [*known, *rows]]


def _altered(header, row):
    """A row with some cells changed, or none."""
    places = st.lists(st.integers(0, len(header) - 1), max_size=4, unique=True)
    return places.flatmap(
        lambda changed: st.tuples(
            *(
                st.sampled_from(CELLS[name]) if at in changed else st.just(row[at])
                for at, name in enumerate(header)
            )
        ).map(list)
    )


def _ended(row, end):
    return row if end is None else row[:end] if end == -1 else [*row, *end]


def told(log, *, private=True):
    """All that was read, with the order in which a command says its attributes."""
    rows = [
        (row.at, row.place, row.raw, command, list(command.attributes), command.private if private else None)
        for rows in log.orders.values()
        for row in rows
        for command in (row.command if private else row.command._replace(private=None),)
    ]
    return rows, log.rejected, log.read, log.identity, log.inputs, log.last_at, log.last_learned_at


@given(tables())
@example(([*NEEDED, "signed_at"], [["GD1", "receive", NOON, ""], ["GD1", "receive", "", "never"]]))
@example(
    ([*NEEDED, "actor", "caller"], [["1", "note", NOON, "张三", ""], ["1", "note", NOON, "张三", "张三"]])
)
@example(
    (
        [*NEEDED, "evidence", "outcome"],
        [["1", "resolve", NOON, "", "resolved"], ["1", "resolve", NOON, "录音", "resolved"]],
    )
)
@example((
    [*NEEDED, "entry", "field", "after"],
    [["1", "correct", NOON, "1", "unit", "甲科"], ["1", "correct", NOON, "1", "unit", "乙科"]],
))  # fmt: skip
def test_a_row_says_what_it_would_say_if_no_other_had_been_read(drawn):
    header, rows = drawn
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.csv"
        with log.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        opened = open_logs([log])
        plain = told(read_share(opened, Ids(), reader=Forgetful))
        assert told(read_share(opened, Ids())) == plain
        assert told(read_share(opened, Ids(), reader=Oblivious)) == plain
        of_vault = read_share(opened, Ids(), reader=PrivateReader)
        assert told(of_vault) == told(read_share(opened, Ids(), reader=ForgetfulOfVault))
        assert told(of_vault, private=False) == told(read_share(opened, Ids()), private=False)
