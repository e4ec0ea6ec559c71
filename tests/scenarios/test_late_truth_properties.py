"""Whatever is learned late or corrected: the log folds to what is kept, and replayed it is the same log."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from support.late_lives import Lived, steps

from paidan.engine.corrections import corrected, restored
from paidan.engine.decide import raise_overdue
from paidan.engine.differences import Relived, commands_of, of_commands, of_entries
from paidan.engine.intake.events import read_logs
from paidan.engine.replay_order import replay_order
from paidan.policies.clocks import missed, verdict
from paidan.policies.registry import names


def written(entry):
    """An entry but for when the engine wrote it: a sweep comes when it comes."""
    by_engine = entry.event in ("warn", "time_out", "time_out_withdrawn", "escalate", "recompute")
    return entry._replace(recorded_at=None) if by_engine else entry


def standing(log):
    """The time-outs of a log that were not withdrawn."""
    withdrawn = {one.attributes["time_out"] for one in log if one.event == "time_out_withdrawn"}
    return [one for one in log if one.event == "time_out" and one.seq not in withdrawn]


def check_recorded(policy, told):
    """What is kept is the fold after every step, and the log replayed as recorded is the same log."""
    with TemporaryDirectory() as folder:
        lived = Lived("memory://", policy, Path(folder))
        engine = lived.engine
        for step in told:
            lived.take(step)
            assert engine.rebuild() is False
        rules, log, order = engine.rules("A"), engine.history("A"), engine.order("A")
        marked = {clock.raised_by for clock in order.clocks if clock.raised_at}
        assert {one.seq for one in standing(log)} == marked
        now = lived.now(rules)
        late = Counter((one.rule, one.due_at) for one in order.clocks if missed(one, rules, now))
        order = raise_overdue(order, now, rules).order
        engine.sweep()
        log = engine.history("A")
        assert engine.order("A") == order
        assert Counter((one.rule, one.at) for one in standing(log)) == late, "one each, none for others"
        target = Path(folder) / "log.csv"
        engine.export(target)
        read = read_logs([target])
        done = replay_order("A", read.of("A", as_recorded=True), rules, now, enforce=True, as_recorded=True)
        assert (read.rejected, done.refused) == ([], 0)
        assert [*map(written, done.entries)] == [*map(written, log)]
        assert done.order == order


def check_by_time(policy, told):
    """By time nothing is lost, and the two sides of the differences are what the replays say."""
    with TemporaryDirectory() as folder:
        lived = Lived("memory://", policy, Path(folder))
        engine = lived.engine
        for step in told:
            lived.take(step)
        rules, log = engine.rules("A"), engine.history("A")
        now = lived.now(rules)
        target = Path(folder) / "log.csv"
        told_rows = engine.export(target)
        read = read_logs([target])
        done = replay_order("A", read.of("A"), rules, now)
        assert (read.read, done.applied, done.refused, done.after_as_of) == (told_rows, told_rows, 0, 0)
        assert read.rejected == []
        assert [one.at for one in done.entries] == sorted(one.at for one in done.entries)
        assert list(corrected(done.entries)) == done.entries, "what is in its place already stays"
        found = of_entries("A", log, rules, now)
        assert all(one.causes for one in found)
        relived = Relived("A", restored(commands_of(log)), rules, now)
        by_time = relived.without(frozenset())
        assert rows(done.order, rules, now) == Counter(
            (*key[:2], clock.rule, clock.due_at, came_to) for key, (clock, came_to) in by_time.items()
        )
        of_file = of_commands("A", list(read_logs([target]).of("A", as_recorded=True)), rules, now)
        assert [one[:6] for one in of_file] == [one[:6] for one in found]


def rows(order, rules, now):
    return Counter(
        (rules.clocks[one.rule].replaces or one.rule, one.dispatch, one.rule, one.due_at,
         verdict(one, rules, now))
        for one in order.clocks
    )  # fmt: skip


@pytest.mark.parametrize("check", [check_recorded, check_by_time])
@pytest.mark.parametrize("policy", names())
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(told=steps())
def test_whatever_is_learned_late_or_corrected_the_log_tells_it(check, policy, told):
    check(policy, told)


@pytest.mark.long
@pytest.mark.parametrize("check", [check_recorded, check_by_time])
@pytest.mark.parametrize("policy", names())
@settings(max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(told=steps())
def test_in_a_campaign_of_thousands_of_lives_too(check, policy, told):
    check(policy, told)
