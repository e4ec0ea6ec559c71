"""The demo month lived command by command, and its log replayed: one truth."""

from collections import Counter

import pytest
from support.logs import table

from paidan.engine.app import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.demo import demo_commands
from paidan.engine.errors import NotFoundError
from paidan.engine.export.run_folder import written
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document

TRANSITION = ("order_id", "event", "from_state", "to_state", "at", "actor", "role", "unit", "rule")


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """The month fed to a live engine under a simulated clock, and everything it then knows."""
    folder = tmp_path_factory.mktemp("live")
    commands = list(demo_commands())
    clock = SimulatedClock(commands[0].at)
    outcomes: Counter[str] = Counter()
    with Engine.open(f"sqlite:///{folder / 'orders.db'}", policy="JY", clock=clock) as engine:
        for command in commands:
            clock.advance_to(command.at)
            try:
                done = engine.submit(
                    command.order_id, command.event, actor=command.actor, role=command.role,
                    unit=command.unit, **command.attributes,
                )  # fmt: skip
            except NotFoundError:
                outcomes["never received"] += 1
            else:
                outcomes["accepted" if done.accepted else "refused"] += 1
        engine.sweep()
        engine.export(folder / "log.csv")
        orders = sorted({command.order_id for command in commands})
        logs = {}
        for order in orders:
            try:
                logs[order] = engine.history(order)
            except NotFoundError:
                continue
        deadlines = [
            (row.order_id, row.rule, row.unit, written(row.started_at), written(row.due_at),
             written(row.done_at) if row.done_at else "", row.verdict)
            for row in engine.deadlines()
        ]  # fmt: skip
        before = engine.deadlines()
        differed = engine.rebuild() or engine.deadlines() != before
    return folder, outcomes, logs, deadlines, differed, clock.now()


def replayed(lived, *, as_recorded):
    folder, now = lived[0], lived[-1]
    out = folder / ("recorded" if as_recorded else "at")
    replay(
        Request(logs=(folder / "log.csv",), document=document("JY"), out=out, enforce=True,
                as_recorded=as_recorded, as_of=now)
    )  # fmt: skip
    return out


def by_cause(rows):
    """Ordered by time, then by what caused it: events before the engine's own, these by rule."""
    return sorted(
        rows,
        key=lambda row: (
            row["order_id"],
            row["at"],
            row["event"].startswith("time_out"),
            row["rule"],
            row["event"],
        ),
    )


def live_rows(lived):
    return [
        {"order_id": e.order_id, "event": e.event, "from_state": e.from_state, "to_state": e.to_state,
         "at": written(e.at), "actor": e.actor, "role": e.role, "unit": e.unit, "rule": e.rule}
        for log in lived[2].values() for e in log
    ]  # fmt: skip


def replay_rows(out):
    return [{name: row[name] for name in TRANSITION} for row in table(out, "transitions")]


def test_the_month_is_lived_with_acceptances_refusals_and_time_outs(lived):
    _, outcomes, logs, *_ = lived
    assert outcomes["accepted"] > 15_000
    assert outcomes["refused"] > 50
    assert sum(entry.event == "time_out" for log in logs.values() for entry in log) > 300


def test_the_exported_log_replayed_as_recorded_is_the_live_log(lived):
    assert by_cause(replay_rows(replayed(lived, as_recorded=True))) == by_cause(live_rows(lived))


def test_replayed_by_time_it_is_the_live_log_less_the_time_outs_it_withdrew(lived):
    withdrawn = Counter(
        (entry.order_id, entry.rule, entry.attributes["due_at"])
        for log in lived[2].values() for entry in log if entry.event == "time_out_withdrawn"
    )  # fmt: skip
    assert withdrawn
    gone = {(order, rule, written(due)) for order, rule, due in withdrawn}
    standing = [
        row for row in live_rows(lived)
        if row["event"] != "time_out_withdrawn"
        and not (row["event"] == "time_out" and (row["order_id"], row["rule"], row["at"]) in gone)
    ]  # fmt: skip
    by_time = [
        row
        for row in replay_rows(replayed(lived, as_recorded=False))
        if not (row["event"] == "time_out" and (row["order_id"], row["rule"], row["at"]) in gone)
    ]
    assert by_cause(by_time) == by_cause(standing)


@pytest.mark.parametrize("as_recorded", [True, False])
def test_the_deadlines_are_the_same(lived, as_recorded):
    rows = [
        tuple(
            row[name] for name in ("order_id", "rule", "unit", "started_at", "due_at", "done_at", "verdict")
        )
        for row in table(replayed(lived, as_recorded=as_recorded), "deadlines")
    ]
    assert sorted(rows) == sorted(lived[3])


def test_dropping_snapshots_and_clocks_and_rebuilding_them_changes_nothing(lived):
    *_, differed, _ = lived
    assert not differed
