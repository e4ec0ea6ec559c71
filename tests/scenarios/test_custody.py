"""Who held an order when, whose late return made it overdue in other hands, and the ruling that moves it."""

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.lives import Life, beijing, commands, ev
from support.logs import write_log
from support.months import life
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.blame import blame_of
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.custody import custody_of, held_now
from paidan.engine.faults import exit_code, sentences
from paidan.engine.replay_order import replay_order
from paidan.policies import registry
from paidan.policies.errors import PolicyError
from paidan.workflows.errors import PaidanError

ROOT = Path(__file__).resolve().parents[2]
ZZ = registry.Books(registry.document("ZZ"), {}, None).latest
DUE = "2026-03-10 18:00:00"


def going_on(asked="2026-03-06 09:00", sent_on="2026-03-06 15:00", answered="2026-03-11 10:00", **said):
    """An order due on Tuesday the 10th: A had until the 3rd to return it, B answers it."""
    events = [
        ev("receive", "2026-03-02 09:00", order_due=beijing(DUE).isoformat()[:19]),
        ev("register", "2026-03-02 09:30"),
        ev("dispatch", "2026-03-02 10:00", unit="A"),
    ]
    if asked:
        events += [ev("request_return", asked, unit="A"), ev("approve_return", asked)]
    events += [ev("dispatch", sent_on, unit="B", **said), ev("accept", sent_on, unit="B")]
    return [*events, *([ev("resolve", answered, unit="B")] if answered else [])]


def log_of(events, rules=ZZ, as_of="2026-03-20 12:00"):
    return replay_order("O", commands(Life("", tuple(events))), rules, beijing(as_of)).entries


def blamed(events, rules=ZZ, as_of="2026-03-20 12:00"):
    return blame_of("O", log_of(events, rules, as_of), rules, beijing(as_of))


def held(events, rules=ZZ, as_of="2026-03-20 12:00"):
    found = custody_of("O", log_of(events, rules, as_of), rules, beijing(as_of))
    return [(one.hands, one.unit, one.stage, f"{one.began_at:%d %H:%M}") for one in found.stretches]


def paidan(*words):
    """Run a command here: its exit code, what it printed, and what it said beside that or went wrong with."""
    done = CliRunner().invoke(app, list(map(str, words)))
    fault = done.exception
    if isinstance(fault, PaidanError):
        return exit_code(fault), done.stdout, "".join(sentences(fault, "zh"))
    assert fault is None or isinstance(fault, SystemExit), done.exc_info
    return done.exit_code, done.stdout, done.stderr


# Who held it


def test_an_order_is_with_the_office_until_dispatched_and_again_once_returned_or_answered():
    events = [*going_on(), ev("close", "2026-03-12 10:00"), ev("note", "2026-03-13 10:00")]
    assert held(events) == [
        ("office", "", "to_register", "02 09:00"),
        ("office", "", "to_dispatch", "02 09:30"),
        ("unit", "A", "to_accept", "02 10:00"),
        ("office", "", "to_redispatch", "06 09:00"),
        ("unit", "B", "handling", "06 15:00"),
        ("office", "", "to_check", "11 10:00"),
        ("nobody", "", "closed", "12 10:00"),
    ]


def test_a_unit_that_waits_for_an_answer_to_its_request_holds_the_order_still():
    events = [
        *going_on(asked="")[:3],
        ev("accept", "2026-03-02 11:00"),
        ev("request_return", "2026-03-03 09:00"),
        ev("refuse_return", "2026-03-05 09:00"),
    ]
    assert [one[2:] for one in held(events)[2:]] == [
        ("to_accept", "02 10:00"), ("handling", "02 11:00"), ("return_asked", "03 09:00"),
        ("handling", "05 09:00"),
    ]  # fmt: skip


def test_who_has_it_now_has_it_whatever_the_stage_since_it_came_to_him():
    events = [*going_on(answered=""), ev("request_return", "2026-03-09 09:00")]
    now = held_now("O", log_of(events), ZZ, beijing("2026-03-10 09:00"))
    assert now[:4] == ("unit", "B", "return_asked", beijing("2026-03-06 15:00"))
    assert now.natural == timedelta(days=3, hours=18)


def test_a_document_names_as_its_office_a_role_there_is(tmp_path):
    source = ROOT / "policies" / "documents" / "ZZ"
    folder = tmp_path / "ZZ"
    folder.mkdir()
    (folder / "rules.toml").write_bytes((source / "rules.toml").read_bytes())
    text = (source / "document.toml").read_text("utf-8")
    (folder / "document.toml").write_text(text.replace('"hotline_centre"', '"hotline_center"'), "utf-8")
    with pytest.raises(PolicyError) as found:
        registry.document(str(folder))
    assert [(one.key, one.nearest) for one in found.value.mistakes] == [("office", "hotline_centre")]
    unsaid = text.replace('office = "hotline_centre"', "")
    (folder / "document.toml").write_text(unsaid, "utf-8")
    assert registry.Books(registry.document(str(folder)), {}, None).latest.policy.office == ""


def test_a_redo_gives_the_order_back_to_its_unit_and_a_handed_back_one_to_the_superior():
    events = [*going_on(), ev("close", "2026-03-12 10:00"), ev("redo", "2026-03-13 10:00")]
    assert held(events)[-1] == ("unit", "B", "to_accept", "13 10:00")
    back = [*going_on()[:2], ev("hand_back", "2026-03-02 16:00")]
    assert held(back)[-1] == ("superior", "", "handed_back", "02 16:00")


def test_an_order_that_begins_in_the_middle_is_held_by_whoever_acts():
    events = [ev("accept", "2026-03-02 11:00", unit="C"), ev("contact", "2026-03-02 12:00")]
    assert held(events) == [("unit", "C", "handling", "02 11:00")]


def test_an_order_in_somebodys_hands_is_counted_to_the_present_a_closed_one_to_its_last_entry():
    still = custody_of("O", log_of(going_on(answered="")), ZZ, beijing("2026-03-20 12:00"))
    assert still.stretches[-1].ended_at == beijing("2026-03-20 12:00")
    gone = custody_of(
        "O", log_of([*going_on(), ev("close", "2026-03-12 10:00")]), ZZ, beijing("2026-03-20 12:00")
    )
    assert gone.stretches[-1].ended_at == beijing("2026-03-12 10:00")


def test_working_time_is_that_of_office_hours_on_working_days():
    """Friday 16:30 to Monday 09:30: an hour of each; the calendar's make-up day counts as any other."""
    reckoner = ZZ.reckoner
    assert reckoner.office_time(beijing("2026-03-06 16:30"), beijing("2026-03-09 09:30")) == timedelta(
        hours=2
    )
    assert reckoner.office_time(beijing("2026-05-09 00:00"), beijing("2026-05-11 00:00")) == timedelta(
        hours=9
    )


@pytest.mark.parametrize(
    ("policy", "rule", "from_dispatch", "from_sign_in"),
    [
        ("ZZ", "ZZ-T01", ("2026-03-03 23:59:59", "late"), ("2026-03-06 23:59:59", "met")),
        ("JY", "JY-T06", ("2026-03-03 23:59:59", "late"), ("2026-03-06 23:59:59", "met")),
        ("YY", "YY-T03", ("2026-03-09 23:59:59", "void"), ("2026-03-12 23:59:59", "void")),
        ("SW", "SW-T01", ("2026-03-03 23:59:59", "overdue"), ("2026-03-06 23:59:59", "open")),
    ],
)
def test_a_clock_from_dispatch_stands_beside_the_same_one_from_sign_in(
    policy, rule, from_dispatch, from_sign_in
):
    rules = registry.Books(registry.document(policy), {}, None).latest
    events = [
        ev("receive", "2026-03-02 09:00", order_due=DUE),
        ev("dispatch", "2026-03-02 10:00", unit="A", handling_class="ordinary"),
        ev("accept", "2026-03-05 10:00", unit="A"),
        ev("request_return", "2026-03-06 09:00", unit="A"),
        *([ev("approve_return", "2026-03-06 10:00")] if policy == "YY" else []),
    ]
    found = custody_of("O", log_of(events, rules, "2026-03-06 12:00"), rules, beijing("2026-03-06 12:00"))
    one = next(one for one in found.clocks if one.clock.rule == rule)
    assert one.accepted_at == beijing("2026-03-05 10:00")
    assert (f"{one.clock.due_at:%Y-%m-%d %H:%M:%S}", one.came_to) == from_dispatch
    assert (f"{one.due_at:%Y-%m-%d %H:%M:%S}", one.verdict) == from_sign_in


def test_the_duty_to_sign_in_is_not_counted_from_itself():
    rules = registry.Books(registry.document("JY"), {}, None).latest
    found = custody_of("O", log_of(going_on(), rules), rules, beijing("2026-03-20 12:00"))
    assert "JY-T03" not in {one.clock.rule for one in found.clocks}
    assert {one.clock.rule for one in found.clocks if one.accepted_at is None} >= {"JY-T06", "JY-T09"}


# Whose late return it was


def test_a_late_return_without_which_the_limit_would_have_been_kept_is_proposed():
    (one,) = blamed(going_on())
    cause = one.causes[0]
    assert (one.unit, one.proposed, one.limit.verdict) == ("B", "A", "late")
    assert (cause.ground, cause.rule, cause.clause) == ("late_return", "ZZ-T01", "四(二)1")
    assert cause.window_due_at == beijing("2026-03-03 23:59:59")
    assert cause.working == timedelta(hours=18, minutes=30)
    assert one.without_at == beijing("2026-03-09 09:30")
    assert (one.rule, one.clause) == ("ZZ-R04", "四(二)3")
    assert one.command == ("O", "rule_overdue", "unit=A", "role=hotline_centre", f"order_due={DUE}")


def test_nothing_is_proposed_where_the_holder_would_have_been_late_all_the_same():
    (one,) = blamed(going_on(answered="2026-03-16 10:00"))
    assert (one.proposed, one.without_at) == ("", beijing("2026-03-12 09:30"))


def test_an_order_still_unanswered_is_proposed_only_as_long_as_the_time_taken_explains_it():
    assert [one.proposed for one in blamed(going_on(answered=""), as_of="2026-03-11 12:00")] == ["A"]
    assert [one.proposed for one in blamed(going_on(answered=""), as_of="2026-03-20 12:00")] == [""]


@pytest.mark.parametrize(
    "events",
    [
        going_on(asked="2026-03-03 23:59:59"),
        going_on(order_due="2026-03-11 09:00:00"),
        going_on(order_due="2026-03-09 09:00:00"),
        [(name, at, {**said, **({"unit": "A"} if "unit" in said else {})}) for name, at, said in going_on()],
        going_on(answered="2026-03-10 18:00:00"),
        going_on(sent_on="2026-03-10 18:00:01"),
    ],
    ids=[
        "returned in time",
        "a limit of its own",
        "a shorter one",
        "the same unit",
        "answered in time",
        "held by nobody",
    ],
)
def test_nobody_is_to_blame_where(events):
    assert blamed(events) == ()


def test_a_unit_that_kept_the_order_until_it_was_taken_away_is_to_blame_too():
    (one,) = blamed(going_on(asked=""))
    assert [(cause.unit, cause.ground) for cause in one.causes] == [("A", "long_custody")]
    assert one.causes[0].given_up_at == beijing("2026-03-06 15:00")
    assert one.proposed == "A"


def test_an_order_that_the_earlier_unit_had_answered_was_not_kept_by_it():
    answered = [*going_on()[:3], ev("resolve", "2026-03-05 09:00"), *going_on()[5:]]
    assert blamed(answered) == ()
    sent_back = [*answered[:4], ev("send_back", "2026-03-05 10:00"), *answered[4:]]
    assert [one.proposed for one in blamed(sent_back)] == ["A"]


def test_of_several_the_one_that_took_most_is_proposed():
    third = [
        ev("dispatch", "2026-03-06 15:00", unit="C"), ev("request_return", "2026-03-10 09:00"),
        ev("approve_return", "2026-03-10 09:00"), ev("dispatch", "2026-03-10 10:00", unit="B"),
        ev("resolve", "2026-03-11 10:00"),
    ]  # fmt: skip
    (one,) = blamed([*going_on()[:5], *third])
    assert [cause.unit for cause in one.causes] == ["A", "C"]
    assert (one.unit, one.proposed) == ("B", "A")


def test_a_policy_that_lets_nobody_rule_has_nobody_to_blame():
    rules = registry.Books(registry.document("JY"), {}, None).latest
    assert blamed(going_on(), rules) == ()


def test_the_proposal_rests_on_the_rule_that_says_who_decides(tmp_path):
    """Without the row of ZZ-R04 nothing is proposed; with another role in it, that one is named."""
    source = ROOT / "policies" / "documents" / "ZZ"
    text = (source / "rules.toml").read_text("utf-8")
    start = text.index('[[role]]\nrule = "ZZ-R04"')
    row = text[start : text.index("[[role]]", start + 1)]
    for changed, roles in ((text.replace(row, ""), []), (text.replace(row, row.replace(
        '"hotline_centre"', '"main_leader"')), ["main_leader"])):  # fmt: skip
        folder = tmp_path / f"ZZ{len(roles)}"
        folder.mkdir()
        (folder / "rules.toml").write_text(changed, "utf-8")
        (folder / "document.toml").write_text((source / "document.toml").read_text("utf-8"), "utf-8")
        rules = registry.Books(registry.document(str(folder)), {}, None).latest
        assert [one.role for one in blamed(going_on(), rules)] == roles


# The ruling, and what follows from it


class Told:
    """A live store in which an order was lived as `events` say."""

    def __init__(self, url, events):
        self.clock = SimulatedClock(beijing("2026-03-01 09:00"))
        self.engine = Engine.open(url, "ZZ", clock=self.clock)
        for event, at, said in events:
            self.say(at, "O", event, **said)

    def say(self, now, order, event, **said):
        self.clock.advance_to(beijing(now))
        assert self.engine.submit(order, event, **said).accepted

    def rule(self, now, one):
        order, event, *pairs = one.command
        self.say(now, order, event, **dict(pair.split("=", 1) for pair in pairs))


def points(url):
    code, out, errors = paidan("score", "--db", url, "--month", "2026-03", "--format", "json")
    assert code == 0, errors
    units = {one["unit"]: one["items"]["overdue"]["points"] for one in json.loads(out)["units"]}
    return units["A"], units["B"]


def test_the_scores_follow_the_ruling_that_the_proposal_names(tmp_path):
    url = f"sqlite:///{tmp_path / 'zz.db'}"
    told = Told(url, going_on())
    answered = ["resolved/satisfied/satisfied"]
    rows = [row for unit in "AB" for row in life(f"P{unit}", unit, callbacks=answered)]
    told.engine.import_logs([write_log(tmp_path / "log.csv", rows)])
    (one,) = told.engine.blame()
    assert points(url) == ("20.00", "19.50"), "a proposal moves nothing"
    told.rule("2026-04-02 09:00", one)
    assert points(url) == ("19.50", "20.00")
    (ruled,) = told.engine.blame("O")
    assert ruled.ruling is not None
    assert (ruled.ruling.unit, ruled.unit, ruled.proposed) == ("A", "B", "A")
    told.engine.close()
    code, out, _ = paidan("custody", "O", "--db", url)
    assert code == 0
    assert "已认定：由A承担" in out
    assert "paidan submit" not in out


def test_a_ruling_moves_the_limit_it_names_though_another_has_passed_since():
    """B let the 10th pass because A was late, then C the 20th by itself: the ruling is about the 10th."""
    later = [
        ev("request_return", "2026-03-11 10:00", unit="B"),
        ev("approve_return", "2026-03-11 11:00"),
        ev("dispatch", "2026-03-11 12:00", unit="C", order_due="2026-03-20 18:00:00"),
    ]
    told = Told("memory://", [*going_on(answered=""), *later])
    told.clock.advance_to(beijing("2026-03-23 09:00"))
    first = [one for one in told.engine.blame() if one.unit == "B"]
    assert first[0].command[-1] == f"order_due={DUE}"
    ruling = {"unit": "A", "role": "hotline_centre"}
    told.say("2026-03-23 09:00", "O", "rule_overdue", **ruling, order_due=DUE)
    assert [(one.unit, one.ruling and one.ruling.unit) for one in told.engine.blame()] == [("B", "A")]


def test_what_is_learned_late_stands_in_its_place(tmp_path):
    """A's acceptance is told after its return was: the stretches are those of the times it happened."""
    told = Told(f"sqlite:///{tmp_path / 'zz.db'}", going_on()[:4])
    said = {"unit": "A", "role": "hotline_centre", "at": beijing("2026-03-03 10:00"), "backdated": "补录"}
    told.say("2026-03-06 10:00", "O", "accept", **said)
    found = told.engine.custody("O").stretches
    assert [(one.stage, f"{one.began_at:%d %H:%M}") for one in found[2:]] == [
        ("to_accept", "02 10:00"), ("handling", "03 10:00"), ("return_asked", "06 09:00"),
    ]  # fmt: skip
    told.engine.close()


# The commands


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("custody")
    rows = [("O", event, at, said) for event, at, said in going_on()]
    rows += [("P", event, at, said) for event, at, said in going_on(asked="2026-03-03 10:00")]
    log = write_log(place / "log.csv", rows)
    code, _, errors = paidan("replay", log, "--policy", "ZZ", "--out", place / "run")
    assert code == 0, errors
    return place / "run"


def test_custody_prints_stretches_sums_clocks_and_the_command(folder):
    code, out, _ = paidan("custody", "O", "--run", folder)
    assert code == 0
    for words in ("区长热线服务中心", "退回待重派", "工作日 08:30–17:30", "自承办接单起算", "提议：由A承担"):
        assert words in out
    assert f"paidan submit O rule_overdue unit=A role=hotline_centre 'order_due={DUE}' --db URL" in out
    code, out, _ = paidan("custody", "O", "--run", folder, "--lang", "en")
    assert "proposed: A bears it (ZZ-R04, 四(二)3)" in out


def test_custody_as_rows_sums_to_the_whole(folder):
    told = json.loads(paidan("custody", "O", "--run", folder, "--format", "json")[1])
    whole = datetime.fromisoformat("2026-03-11T10:00:00+08:00") - datetime.fromisoformat(
        "2026-03-02T09:00:00+08:00"
    )
    assert sum(one["natural_seconds"] for one in told["stretches"]) == whole.total_seconds()
    assert sum(one["natural_seconds"] for one in told["parts"]) == whole.total_seconds()
    assert (told["office"], told["overdue"][0]["submit"][1]) == ("hotline_centre", "rule_overdue")
    lines = paidan("custody", "O", "--run", folder, "--format", "jsonl")[1].splitlines()
    assert [json.loads(line)["stage"] for line in lines] == [one["stage"] for one in told["stretches"]]
    table = list(csv.reader(io.StringIO(paidan("custody", "O", "--run", folder, "--format", "csv")[1])))
    assert [len(table), table[1][3]] == [len(lines) + 1, "区长热线服务中心"]


def test_without_an_order_every_overdue_that_another_unit_had_a_part_in_is_listed(folder):
    code, out, _ = paidan("custody", "--run", folder, "--format", "jsonl")
    assert code == 0
    assert [(one["order_id"], one["proposed"]) for one in map(json.loads, out.splitlines())] == [("O", "A")]
    assert "其中 1 个提议转移" in paidan("custody", "--run", folder)[2]
    assert paidan("custody", "--run", folder, "--format", "csv")[1].splitlines()[1].startswith("O,ZZ-T03,")


def test_history_says_who_has_the_order_now_and_for_how_long(folder):
    out = paidan("history", "O", "--run", folder)[1]
    assert "现在：区长热线服务中心（核查、回访），自 2026-03-11 10:00:00 起已 00:00:00" in out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("custody", "X"), 5, "没有工单 X"),
        (("custody", "O", "--db", "sqlite:///nowhere.db"), 2, "--run"),
        (("pingpong", "--month", "2026-13"), 2, "2026-13"),
    ],
)
def test_what_cannot_be_answered_is_said(folder, words, code, says):
    done = paidan(*words, "--run", folder)
    assert (done[0], says in done[2]) == (code, True)
