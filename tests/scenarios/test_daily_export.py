"""The platform's export, day after day into live orders: only what it says otherwise comes in."""

import csv
import json
import random
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.importing import kill_at_random
from support.logs import write_log
from support.stores import KINDS, ON_DISK
from typer.testing import CliRunner

from paidan.engine import Engine, import_log
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.corrections import corrected
from paidan.engine.errors import InputError
from paidan.engine.intake.events import read_logs
from paidan.engine.replay_order import replay_order
from paidan.engine.service import Service
from paidan.workflows.attributes import IMPORTED
from paidan.workflows.records import BEIJING

MONDAY = datetime(2026, 3, 9, 18, tzinfo=BEIJING)
KEY = bytes(range(32))
TIMES = ("受理时间", "接单时间", "派单时间", "承办接单时间", "先行联系时间", "退单时间", "延期申请时间",
         "办结时间", "结案时间", "回访时间")  # fmt: skip
HEADERS = ("任务号", "工单来源", "工单类型", "主责部门", *TIMES, "解决情况", "综合满意度", "结案评判")


def row(order="GD1", **said):
    return {"任务号": order, "工单来源": "12345", "主责部门": "甲所", **said}


BEGUN = {"受理时间": "2026/3/2 9:00", "接单时间": "2026/3/2 9:10", "派单时间": "2026/3/2 9:20"}
ACCEPTED = {**BEGUN, "承办接单时间": "2026/3/2 10:00", "先行联系时间": "2026/3/2 11:00"}
DONE = {**ACCEPTED, "办结时间": "2026/3/4 16:00", "结案时间": "2026/3/5 9:00", "回访时间": "2026/3/5 8:00"}


class Desk:
    """An engine on one store, and a day for each export."""

    def __init__(self, engine, clock, folder):
        self.engine, self.clock, self.folder = engine, clock, folder
        self.rejected = []
        self.days = 0

    def file(self, rows, name, headers=HEADERS):
        path = self.folder / name
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, headers)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def bring(self, *rows, name=None, headers=HEADERS, **said):
        """Import an export of the next day."""
        self.days += 1
        self.clock.advance_to(MONDAY + timedelta(days=self.days))
        return self.take(self.file(rows, name or f"导出{self.days}.csv", headers), **said)

    def take(self, *files, **said):
        self.rejected = []
        done = self.engine.import_logs(files, on_rejected=self.rejected.append, **said)
        assert done.read == done.applied + done.refused + done.rejected + done.already_there
        assert done.rejected == len(self.rejected)
        assert self.engine.rebuild() is False
        return done

    def told(self, order="GD1"):
        """The events that happened as they stand now, without what the engine and corrections say."""
        return [
            (one.event, one.at.strftime("%m-%d %H:%M"))
            for one in corrected(self.engine.history(order))
            if IMPORTED in one.attributes and one.event not in ("correct", "note")
        ]

    def events(self, order="GD1"):
        return [event for event, _ in self.told(order)]

    def corrections(self, order="GD1"):
        return [
            (said["entry"], said["field"], short(said.get("before")), short(said.get("after")))
            for said in (one.attributes for one in self.engine.history(order) if one.event == "correct")
        ]

    def check_one_truth(self):
        """The export of the log, replayed as recorded, is the live log."""
        target = self.folder / "own.csv"
        self.engine.export(target)
        log = read_logs([target])
        for order_id in sorted(log.orders):
            rules = self.engine.rules(order_id)
            done = replay_order(
                order_id, log.of(order_id, as_recorded=True), rules, self.clock.now(), as_recorded=True
            )
            assert list(map(plain, done.entries)) == list(map(plain, self.engine.history(order_id)))
            assert done.order == self.engine.order(order_id)
        assert log.rejected == []


def short(value):
    return value.strftime("%m-%d %H:%M") if isinstance(value, datetime) else value


def plain(entry):
    """An entry without when it was written: what the engine raises, a replay raises as soon as it can."""
    return entry._replace(recorded_at=None)


@contextmanager
def opened(url, folder, key=None):
    clock = SimulatedClock(MONDAY)
    with Engine.open(url, "JY", clock=clock, key=key) as engine:
        yield Desk(engine, clock, folder)


@pytest.fixture(params=KINDS)
def desk(request, place_of, tmp_path):
    with opened(place_of(request.param).url, tmp_path) as one:
        yield one


@pytest.fixture
def alone(tmp_path):
    with opened("memory://", tmp_path) as one:
        yield one


def test_tuesday_brings_what_monday_did_not_say_and_nothing_twice(desk):
    monday = [row("GD1", **BEGUN), row("GD2", **ACCEPTED), row("GD3", **DONE, 解决情况="实际解决")]
    assert desk.bring(*monday).applied == 3 + 5 + 8
    tuesday = [
        row("GD1", **ACCEPTED),
        row("GD2", **{**ACCEPTED, "派单时间": "2026/3/2 9:30"}, 工单类型="求助"),
        row("GD4", **BEGUN),
    ]
    done = desk.bring(*tuesday)
    assert (done.applied, done.already_there, done.corrected, done.orders) == (2 + 3, 3 + 5, 2, 3)
    assert [one.orders for one in done.vanished] == [("GD3",)]
    assert desk.events("GD1") == ["receive", "register", "dispatch", "accept", "contact"]
    assert desk.corrections("GD2") == [
        (1, "case_type", None, "help"),
        (3, "at", "03-02 09:20", "03-02 09:30"),
    ]
    desk.check_one_truth()
    before = [desk.engine.history(order) for order in ("GD1", "GD2", "GD3", "GD4")]
    again = desk.bring(*tuesday, name="导出2.csv")
    assert (again.applied, again.corrected, again.already_there) == (0, 0, again.read)
    assert [one.orders for one in again.vanished] == [("GD3",)], "the same export is told the same of"
    assert [desk.engine.history(order) for order in ("GD1", "GD2", "GD3", "GD4")] == before


def test_a_correction_says_row_reason_and_role_and_shows_both_values(desk):
    desk.bring(row(**DONE, 综合满意度="满意"))
    desk.bring(row(**DONE, 综合满意度="不满意"), name="周二.csv")
    (one,) = [one for one in desk.engine.history("GD1") if one.event == "correct"]
    assert one.attributes == {
        "entry": 7, "field": "satisfaction", "before": "satisfied", "after": "dissatisfied",
        "reason": "周二.csv 第 1 行如此更正", IMPORTED: "周二.csv:1",
    }  # fmt: skip
    assert (one.role, one.at, one.recorded_at) == ("import", desk.clock.now(), desk.clock.now())


def test_a_value_told_later_of_an_event_that_is_there_is_a_correction_of_nothing(alone):
    alone.bring(row(**DONE))
    done = alone.bring(row(**DONE, 综合满意度="满意"))
    assert (done.corrected, done.applied) == (1, 0)
    assert alone.corrections() == [(7, "satisfaction", None, "satisfied")]


def test_what_was_corrected_here_stays_while_the_export_shows_what_it_did(desk):
    desk.bring(row(**DONE, 综合满意度="满意"))
    said = {"entry": 7, "field": "satisfaction", "before": "satisfied", "after": "neutral", "reason": "录音"}
    assert desk.engine.submit("GD1", "correct", role="centre_head", **said).accepted
    assert desk.bring(row(**DONE, 综合满意度="满意", 结案评判="属实")).corrected == 1, "of 结案评判"
    assert desk.bring(row(**DONE, 综合满意度="一般", 结案评判="属实")).corrected == 0, "they agree"
    assert desk.bring(row(**DONE, 综合满意度="不满意", 结案评判="属实")).corrected == 1
    assert [one[1:] for one in desk.corrections()] == [
        ("satisfaction", "satisfied", "neutral"),
        ("finding", None, "founded"),
        ("satisfaction", "neutral", "dissatisfied"),
    ]


def test_an_emptied_cell_is_told_and_changes_nothing(desk):
    desk.bring(row(**DONE, 解决情况="实际解决", 综合满意度="满意"))
    before = desk.engine.history("GD1")
    emptied = desk.bring(row(**{**DONE, "结案时间": ""}, 解决情况="实际解决")).emptied
    assert [(one.row, one.column) for one in emptied] == [(1, "close"), (1, "satisfaction")]
    assert desk.engine.history("GD1") == before
    assert desk.bring(row(**DONE, 解决情况="实际解决", 综合满意度="满意")).corrected == 0
    assert desk.engine.history("GD1") == before


def test_a_value_that_moves_to_the_callback_is_not_emptied(alone):
    alone.bring(row(**{**DONE, "回访时间": ""}, 解决情况="实际解决"))
    done = alone.bring(row(**DONE, 解决情况="实际解决"))
    assert (done.applied, done.emptied, done.corrected) == (1, [], 0)
    assert alone.bring(row(**DONE)).emptied[0].column == "outcome"


def moved(**times):
    """An export in which a time is another."""
    return row(**{**DONE, **times})


@pytest.mark.parametrize(
    ("header", "event"),
    [
        ("受理时间", "receive"), ("接单时间", "register"), ("派单时间", "dispatch"),
        ("承办接单时间", "accept"), ("先行联系时间", "contact"), ("办结时间", "resolve"),
        ("结案时间", "close"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("minutes", [5, -3])
def test_a_changed_time_is_a_correction_where_the_order_has_not_gone_round(alone, header, event, minutes):
    alone.bring(row(**DONE))
    was = datetime.strptime(DONE[header], "%Y/%m/%d %H:%M")  # noqa: DTZ007 - as the file says it
    when = was + timedelta(minutes=minutes)
    before = alone.events()
    done = alone.bring(moved(**{header: when.strftime("%Y/%m/%d %H:%M")}))
    assert (done.applied, done.corrected) == (0, 1)
    assert sorted(alone.events()) == sorted(before)
    assert (event, when.strftime("%m-%d %H:%M")) in alone.told()


def test_after_a_return_a_later_dispatch_begins_a_new_turn(desk):
    desk.bring(row(**ACCEPTED))
    returned = {**ACCEPTED, "退单时间": "2026/3/2 14:00"}
    assert desk.bring(row(**returned)).applied == 2
    turn = {**returned, "派单时间": "2026/3/2 15:00", "主责部门": "乙所"}
    assert desk.bring(row(**turn)).applied == 1
    assert desk.engine.order("GD1").state == "dispatched"
    assert desk.engine.order("GD1").facts["unit"] == "乙所"
    turn |= {"承办接单时间": "2026/3/2 16:00", "先行联系时间": "2026/3/2 17:00"}
    done = desk.bring(row(**turn))
    assert (done.applied, done.corrected, done.emptied) == (2, 0, [])
    turn |= {"办结时间": "2026/3/3 16:00", "结案时间": "2026/3/3 17:00"}
    assert desk.bring(row(**turn)).applied == 2
    assert desk.events() == [
        "receive", "register", "dispatch", "accept", "contact", "request_return", "approve_return",
        "dispatch", "accept", "contact", "resolve", "close",
    ]  # fmt: skip
    units = [one.unit for one in desk.engine.history("GD1") if one.event in ("dispatch", "accept")]
    assert units == ["甲所", "甲所", "乙所", "乙所"], "who had it before is not what the row says now"
    assert desk.corrections() == []
    desk.check_one_truth()


def test_a_return_and_the_next_dispatch_in_one_minute_are_told_in_their_order(alone):
    alone.bring(row(**ACCEPTED))
    at = "2026/3/2 14:00"
    alone.bring(row(**{**ACCEPTED, "退单时间": at, "派单时间": at, "承办接单时间": at, "主责部门": "乙所"}))
    assert alone.events()[5:] == ["request_return", "approve_return", "dispatch", "accept"]
    units = {one.event: one.unit for one in alone.engine.history("GD1") if one.seq > 5}
    assert (units["request_return"], units["dispatch"], units["accept"]) == ("", "乙所", "乙所")
    assert alone.engine.order("GD1").state == "contacted"
    assert alone.engine.order("GD1").facts["unit"] == "乙所"


def test_a_second_return_and_third_dispatch_in_one_day_are_another_turn(alone):
    first = {**BEGUN, "退单时间": "2026/3/2 14:00"}
    alone.bring(row(**first))
    alone.bring(row(**{**first, "派单时间": "2026/3/2 15:00"}))
    alone.bring(row(**{**first, "退单时间": "2026/3/2 16:00", "派单时间": "2026/3/2 17:00"}))
    assert alone.told()[2:] == [
        ("dispatch", "03-02 09:20"),
        ("request_return", "03-02 14:00"),
        ("approve_return", "03-02 14:00"),
        ("dispatch", "03-02 15:00"),
        ("request_return", "03-02 16:00"),
        ("approve_return", "03-02 16:00"),
        ("dispatch", "03-02 17:00"),
    ]
    assert alone.engine.order("GD1").state == "dispatched"


@pytest.mark.parametrize("back", ["redo", "send_back"])
def test_what_was_sent_back_here_is_done_and_told_anew(desk, back):
    ended = {**DONE, "回访时间": "", "结案时间": ""} if back == "send_back" else DONE
    desk.bring(row(**ended))
    assert desk.engine.submit("GD1", back, role="dispatcher", ground="x", reason="x").accepted
    at = desk.clock.now().replace(tzinfo=None)
    anew = {"办结时间": at + timedelta(hours=2), "结案时间": at + timedelta(hours=3)}
    done = desk.bring(
        row(**{**ended, **{name: one.strftime("%Y/%m/%d %H:%M") for name, one in anew.items()}})
    )
    assert (done.applied, done.corrected) == (2, 0)
    assert desk.events().count("resolve") == 2
    assert desk.events()[-2:] == ["resolve", "close"]


def test_a_later_callback_is_another_and_an_earlier_time_is_a_correction(alone):
    alone.bring(row(**DONE, 综合满意度="不满意"))
    done = alone.bring(moved(回访时间="2026/3/6 8:00", 综合满意度="满意"))
    assert (done.applied, done.corrected) == (1, 0)
    done = alone.bring(moved(回访时间="2026/3/6 7:50", 综合满意度="满意"))
    assert (done.applied, done.corrected) == (0, 1)
    revisits = [one for one in corrected(alone.engine.history("GD1")) if one.event == "revisit"]
    assert [(short(one.at), one.attributes["satisfaction"]) for one in revisits] == [
        ("03-05 08:00", "dissatisfied"),
        ("03-06 07:50", "satisfied"),
    ]


def test_an_extension_asked_for_again_after_the_first_was_decided_is_another(alone):
    alone.bring(row(**ACCEPTED, 延期申请时间="2026/3/3 9:00"))
    assert alone.bring(row(**ACCEPTED, 延期申请时间="2026/3/3 9:10")).corrected == 1
    assert alone.engine.submit("GD1", "refuse_extension", role="dispatcher").accepted
    at = (alone.clock.now() + timedelta(hours=1)).strftime("%Y/%m/%d %H:%M")
    assert alone.bring(row(**ACCEPTED, 延期申请时间=at)).applied == 1


def test_a_time_out_that_a_changed_time_disproves_is_withdrawn(desk):
    late = {**DONE, "接单时间": "2026/3/2 9:50"}
    desk.bring(row(**late))
    assert ("time_out", "JY-T01") in [(one.event, one.rule) for one in desk.engine.history("GD1")]
    done = desk.bring(row(**DONE))
    withdrawn = [one.rule for one in desk.engine.history("GD1") if one.event == "time_out_withdrawn"]
    assert (done.corrected, done.withdrawn, "JY-T01" in withdrawn) == (1, len(withdrawn), True)
    desk.check_one_truth()


def test_a_correction_that_may_not_be_is_a_deviation_or_with_enforce_refused(alone):
    alone.bring(row(**DONE))
    wrong = moved(接单时间="2026/3/1 9:00", 主责部门="乙所")
    for _ in range(2):
        done = alone.bring(wrong, enforce=True, name="周二.csv")
        assert (done.refused, done.applied) == (1, 0)
        (refusal,) = done.refusals
        assert (refusal.command.row, [one.code for one in refusal.findings]) == (1, ["at_before_receipt"])
    assert len(alone.corrections()) == 5, "the unit of each step is corrected all the same, once"
    done = alone.bring(wrong)
    assert (done.corrected, done.deviations) == (1, {"at_before_receipt": 1})


def test_callbacks_delivered_apart_are_joined_by_order_number(desk):
    ended = {**DONE, "回访时间": ""}
    sheet = ("任务号", "回访时间", "解决情况", "满意度")
    callback = {"任务号": "GD1", "回访时间": "2026/3/5 8:00", "解决情况": "实际解决", "满意度": "满意"}
    desk.bring(row("GD1", **ended), row("GD2", **ended))
    done = desk.bring(callback, headers=sheet, name="回访.csv")
    assert (done.applied, done.vanished, done.emptied) == (1, [], [])
    revisit = desk.engine.history("GD1")[-1]
    assert (revisit.event, revisit.attributes["satisfaction"]) == ("revisit", "satisfied")
    done = desk.bring(row("GD1", **ended), row("GD2", **ended), name="导出三.csv")
    assert (done.applied, done.corrected, done.vanished, done.emptied) == (0, 0, [], [])
    done = desk.bring(row("GD1", **ended, 工单类型="求助"), row("GD2", **ended), name="导出四.csv")
    assert (done.corrected, done.emptied) == (1, []), "the callbacks are not this sheet's"
    done = desk.bring(
        {**callback, "满意度": "一般"}, {**callback, "任务号": "GD2"}, headers=sheet, name="回访二.csv"
    )
    assert (done.applied, done.corrected, done.vanished) == (1, 1, [])


@pytest.mark.parametrize("first", ["orders", "callbacks"])
def test_two_sheets_of_one_import_tell_an_event_once(desk, first):
    sheet = ("任务号", "回访时间", "满意度")
    orders = desk.file([row(**DONE, 解决情况="实际解决")], "工单.csv")
    callbacks = desk.file(
        [{"任务号": "GD1", "回访时间": "2026/3/5 8:00", "满意度": "满意"}], "回访.csv", sheet
    )
    files = (orders, callbacks) if first == "orders" else (callbacks, orders)
    for applied in (8, 0):
        done = desk.take(*files)
        assert (done.applied, done.already_there, done.corrected) == (applied, 9 - applied, 0)
    revisit = next(one for one in desk.engine.history("GD1") if one.event == "revisit")
    assert {"outcome", "satisfaction"} < revisit.attributes.keys()


def test_a_callback_of_an_order_nobody_knows_begins_it_in_the_middle(desk):
    done = desk.bring(
        {"任务号": "GD9", "回访时间": "2026/3/5 8:00", "满意度": "满意"},
        headers=("任务号", "回访时间", "满意度"),
    )
    assert (done.applied, done.deviations) == (1, {"begins_in_middle": 1})


def test_two_files_of_one_name_that_are_no_one_export_are_not_taken(alone):
    orders = alone.file([row(**BEGUN)], "a.csv")
    for name in "xyz":
        (alone.folder / name).mkdir()
    others = (
        alone.file([{"任务号": "GD1", "回访时间": "2026/3/5 8:00"}], "x/a.csv", ("任务号", "回访时间")),
        write_log(alone.folder / "z" / "a.csv", [("GD1", "urge", "2026-03-02 10:00:00", {})]),
    )
    for other in others:
        with pytest.raises(InputError, match="names_alike"):
            alone.engine.import_logs([orders, other])
    assert alone.engine.deadlines() == ()
    same = alone.file([row("GD2", **BEGUN)], "y/a.csv")
    assert alone.take(orders, same).orders == 2


def test_exports_of_two_districts_do_not_miss_each_others_orders(desk):
    east, west = ([row(f"{side}{number}", **BEGUN) for number in range(9)] for side in "东西")
    desk.bring(*east, name="a.csv")
    assert desk.bring(*west, east[0], name="b.csv").vanished == [], "one of nine went over"
    assert desk.bring(*east[1:8], name="c.csv").vanished[0].orders == ("东8",)
    assert desk.bring(*west[:8], east[0], name="d.csv").vanished[0].orders == ("西8",)
    assert desk.bring(*west[:8], east[0], row("西9", **BEGUN), name="e.csv").vanished == []


def test_a_feed_that_has_a_name_misses_whatever_is_gone(desk):
    east = [row(f"东{number}", **BEGUN) for number in range(9)]
    desk.bring(*east, feed="东区")
    assert desk.bring(row("西1", **BEGUN), feed="西区").vanished == []
    done = desk.bring(row("东9", **BEGUN), feed="东区")
    assert done.vanished[0].orders == tuple(f"东{number}" for number in range(9))
    assert desk.bring(row("东9", **BEGUN), east[0], feed="东区").vanished == []


def many(orders):
    """An export of one day and that of the next, in which all is another way and some orders are gone."""
    first = [row(f"GD{number:04}", **(BEGUN, ACCEPTED, DONE)[number % 3]) for number in range(orders)]
    ways = (
        {**ACCEPTED, "接单时间": "2026/3/2 9:40"},
        {"主责部门": "乙所", "退单时间": "2026/3/2 12:00"},
        {"综合满意度": "满意", "结案时间": "2026/3/5 9:30"},
    )
    return first, [{**one, **ways[place % 3]} for place, one in enumerate(first) if place % 40]


@pytest.mark.parametrize("kind", ON_DISK)
@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.long)])
def test_killed_at_random_moments_of_tuesday_nothing_is_lost_or_doubled(kind, kills, place_of, tmp_path):
    chance, orders = random.Random(kills), 60 * (kills + 2)
    monday, tuesday = many(orders)
    places = place_of(kind), place_of("memory")
    with ExitStack() as both:
        killed, undisturbed = (both.enter_context(opened(one.url, tmp_path)) for one in places)
        for desk in (killed, undisturbed):
            desk.bring(*monday, name="周一.csv")
        expected = undisturbed.bring(*tuesday, name="周二.csv")
        file, now = tmp_path / "周二.csv", undisturbed.clock.now()
        killed.clock.advance_to(now)
        for kill in range(kills):
            kill_at_random(places[0].url, file, now, expected.read * kill // (kills + 1), chance)
        done = killed.take(file)
        assert done.vanished == expected.vanished
        assert 0 < done.applied < expected.applied
        assert 0 < done.corrected < expected.corrected
        assert killed.take(file).applied == 0
        for number in range(orders):
            order = f"GD{number:04}"
            assert killed.engine.history(order) == undisturbed.engine.history(order)


def test_an_import_that_ends_before_it_could_say_what_is_gone_says_it_the_next_time(desk, monkeypatch):
    desk.bring(*(row(f"GD{number}", **BEGUN) for number in range(4)))
    left = [row(f"GD{number}", **ACCEPTED) for number in range(1, 4)]
    with monkeypatch.context() as broken:
        broken.setattr(Service, "vanished", interrupted)
        with pytest.raises(KeyboardInterrupt):
            desk.bring(*left)
    done = desk.bring(*left)
    assert (done.applied, [one.orders for one in done.vanished]) == (0, [("GD0",)])


def interrupted(*_):
    raise KeyboardInterrupt


def test_a_file_that_was_imported_half_is_no_base_and_hides_nothing(desk, monkeypatch):
    desk.bring(*(row(f"GD{number}", **BEGUN) for number in range(8)))
    monkeypatch.setattr(import_log, "_TOGETHER", 1)
    whole, taken = Service.take_in, count()

    def breaks(*said, **more):
        if next(taken) == 3:
            raise KeyboardInterrupt
        return whole(*said, **more)

    with monkeypatch.context() as broken:
        broken.setattr(Service, "take_in", breaks)
        with pytest.raises(KeyboardInterrupt):
            desk.bring(*(row(f"GD{number}", **ACCEPTED) for number in range(8)))
    done = desk.bring(*(row(f"GD{number}", **ACCEPTED) for number in range(1, 7)))
    assert [one.orders for one in done.vanished] == [("GD0", "GD7")]
    assert desk.bring(*(row(f"GD{number}", **ACCEPTED) for number in range(1, 7)), name="z.csv").applied == 0


def test_an_order_whose_row_cannot_be_read_has_not_vanished(alone):
    alone.bring(row("GD1", **BEGUN), row("GD2", **BEGUN))
    done = alone.bring(row("GD1", **BEGUN), row("GD2"))
    assert (done.rejected, done.vanished) == (1, [])
    assert alone.bring(row("GD1", **BEGUN)).vanished[0].orders == ("GD2",)


def test_a_long_form_keeps_its_meaning(alone):
    nothing: dict[str, str] = {}
    began = ("GD1", "receive", "2026-03-02 09:00:00", nothing)
    alone.take(write_log(alone.folder / "log.csv", [began, ("GD1", "register", "2026-03-02 09:10:00", {})]))
    later = [began, ("GD1", "register", "2026-03-02 09:15:00", {})]
    done = alone.take(write_log(alone.folder / "later.csv", later))
    assert (done.applied, done.already_there, done.corrected) == (1, 1, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_telephone_number_goes_to_the_vault_and_nowhere_else(kind, place_of, tmp_path):
    place = place_of(kind)
    with opened(place.url, tmp_path, KEY) as desk:
        check_numbers(desk, place)


def check_numbers(desk, place):
    headers = (*HEADERS, "phone", "caller")
    numbers = ("13912340001", "13912340002")

    def held():
        told = {"actor": "管理员", "reason": "核对", "role": "centre_head"}
        return [(one.seq, one.name, one.value) for one in desk.engine.unmask("GD1", **told).identities]

    desk.bring(row(**BEGUN, phone=numbers[0]), headers=headers)
    assert held() == [(1, "phone", numbers[0])]
    done = desk.bring(row(**BEGUN, phone=numbers[1], caller="王五"), headers=headers)
    assert (done.corrected, done.applied, done.already_there) == (1, 0, 3)
    assert (dict(done.identity_kept), dict(done.identity_dropped)) == ({"phone": 1, "caller": 1}, {})
    noted = desk.engine.history("GD1")[-1]
    assert (noted.event, noted.attributes.keys()) == ("note", {IMPORTED})
    assert held()[1:] == [(noted.seq, "caller", "王五"), (noted.seq, "phone", numbers[1])]
    for _ in range(2):
        done = desk.bring(row(**BEGUN, phone=numbers[1], caller="王五"), headers=headers)
        assert (done.corrected, done.applied) == (0, 0)
    assert not any(number in place.written() for number in numbers)
    assert desk.engine.erase("GD1", actor="管理员", reason="申请").outcome.accepted
    assert desk.bring(row(**BEGUN, phone="13912340003"), headers=headers).corrected == 0
    assert "1391234" not in place.written()


def test_the_command_tells_what_was_corrected_emptied_and_missing(place_of, tmp_path):
    place = place_of("sqlite")
    with opened(place.url, tmp_path) as desk:
        desk.bring(row("GD1", **DONE), row("GD2", **DONE), row("GD3", **DONE))
    file = desk.file([moved(办结时间="2026/3/4 16:10"), row("GD2", **{**DONE, "结案时间": ""})], "周二.csv")
    asked = ["import", str(file), "--db", place.url, "--format", "json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert (summary["corrected"], summary["already_there"], summary["read"]) == (1, 15, 15)
    assert summary["emptied"] == [{"source": "周二.csv", "row": 2, "order_id": "GD2", "column": "close"}]
    assert summary["vanished"] == [{"files": ["周二.csv"], "orders": ["GD3"]}]
    assert "1 格原来有值、现在为空，未作改动：结案 1" in done.stderr
    assert "周二.csv：比上一次少了 1 张工单，未作改动：GD3" in done.stderr
    shown = CliRunner().invoke(app, [*asked[:-2], "--lang", "en"])
    assert "corrections" in shown.stdout


FIRST = {"受理时间": "receive", "接单时间": "register", "派单时间": "dispatch"}
TURN = {"承办接单时间": "accept", "先行联系时间": "contact", "办结时间": "resolve", "回访时间": "revisit",
        "结案时间": "close"}  # fmt: skip
CELLS = {**FIRST, **TURN}


@st.composite
def lives(draw):
    """
    What happens to an order: cells filled one after the other, days after which it is exported.

    It is returned and done again, called back twice. How a turn ended is exported before the next begins,
    since of a whole turn that was overwritten in between nobody knows. The platform may empty what it told.
    """
    cells, turns, told = list(FIRST), [], 0
    for turn in range(draw(st.integers(1, 3))):
        if turn:
            back = draw(st.booleans()) and cells[-1] != "结案时间"
            cells += ["退单时间"] if back else list(TURN)[max(2, told) :]
            turns.append(len(cells))
            cells.append("派单时间")
        told = draw(st.integers(0, len(TURN)))
        cells += list(TURN)[:told]
    cells += ["回访时间"] * ("回访时间" in cells and draw(st.booleans()))
    gaps = draw(st.lists(st.integers(1, 90), min_size=len(cells), max_size=len(cells)))
    days = draw(st.sets(st.integers(1, len(cells)), max_size=5)) | {len(cells)}
    empties = set(turns) if draw(st.booleans()) else set()
    return cells, gaps, days | set(turns), empties


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=lives())
def test_a_life_told_day_by_day_is_all_that_was_ever_shown_each_once(life, tmp_path):
    cells, gaps, days, empties = life
    now: dict[str, str] = {}
    shown, ever, at = row(), set(), datetime(2026, 3, 2, 9)
    with opened("memory://", tmp_path) as desk:
        for number, (header, gap) in enumerate(zip(cells, gaps, strict=True)):
            at += timedelta(minutes=gap)
            if number in empties:
                shown = {name: one for name, one in shown.items() if name not in TURN}
                now = {event: one for event, one in now.items() if event not in TURN.values()}
            shown[header] = at.strftime("%Y/%m/%d %H:%M")
            events = (CELLS[header],) if header in CELLS else ("request_return", "approve_return")
            now |= dict.fromkeys(events, at.strftime("%m-%d %H:%M"))
            if number + 1 in days:
                ever |= set(now.items())
                done = desk.bring(shown)
                assert (done.corrected, done.rejected, done.emptied) == (0, 0, [])
        assert sorted(desk.told()) == sorted(ever)
        before = desk.engine.history("GD1")
        assert desk.bring(shown, {**row("GD2"), **BEGUN}).already_there == len(now)
        assert desk.engine.history("GD1") == before
        desk.check_one_truth()


NUDGED = (
    "受理时间", "接单时间", "派单时间", "承办接单时间", "先行联系时间", "办结时间", "结案时间",
)  # fmt: skip
CHANGED = {
    "综合满意度": "不满意", "解决情况": "解释说明", "工单类型": "投诉", "主责部门": "乙所",
    "结案评判": "属实", "工单来源": "网站",
}  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.permutations([*NUDGED, *CHANGED]).flatmap(
        lambda names: st.integers(1, len(names)).map(lambda count: names[:count])
    ),
    together=st.integers(1, 3),
)
def test_cells_changed_in_any_order_come_to_what_the_last_export_says(changes, together, tmp_path):
    told, facts = {}, {}
    last = row(**DONE, 综合满意度="满意", 解决情况="实际解决")
    exports = [dict(last)]
    for place in range(0, len(changes), together):
        for header in changes[place : place + together]:
            was = last[header] if header in NUDGED else ""
            last[header] = CHANGED.get(header) or f"{was[:-1]}2"
        exports.append(dict(last))
    for name, days in (("daily", exports), ("once", exports[-1:])):
        with opened("memory://", tmp_path) as desk:
            for day in days:
                desk.bring(day)
            told[name] = sorted(
                (one.event, one.at, one.unit, sorted((name, said) for name, said in one.attributes.items()
                                                     if name != IMPORTED))
                for one in corrected(desk.engine.history("GD1"))
                if IMPORTED in one.attributes and one.event != "correct"
            )  # fmt: skip
            facts[name] = dict(desk.engine.order("GD1").facts)
            desk.check_one_truth()
    assert told["daily"] == told["once"]
    assert facts["daily"] == facts["once"]
