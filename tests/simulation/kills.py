"""
`python -m tests.simulation.kills --kills 1000 --store sqlite`: callers, importers, sweepers killed at random.

Four processes work on one real store, one of them with several callers; again and again one gets SIGKILL,
and another takes over its work, beginning with the commands that were under way, under the same keys, or
with the file half brought.
After each kill what it was answered must be in the log; after each shift everything must be whole.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from support.stores import Place

from paidan.engine import Engine
from paidan.engine.clock import Clock
from paidan.engine.errors import NotFoundError
from paidan.storage import open_store
from paidan.storage.errors import ConflictError
from paidan.workflows.attributes import IMPORTED
from paidan.workflows.records import BEIJING, Entry
from simulation.beside import follows
from simulation.commands import event_for, said_with
from simulation.crew import Child, FastClock, Say, fork
from simulation.imports import FILES, bring, faults_of, order_in, written
from simulation.places import places

SHIFT = 50
"""Kills on one store before everything is looked through, and a new store is made."""
_ORDERS, _COMMANDS = 6, 40
"""Orders a caller has at work at a time, and commands it sends before it takes others."""
_HOURS_A_SECOND = 48
_LONGEST_WAIT = 0.12


@dataclass
class Job:
    """
    What one process does until it is killed, and whoever takes over from it.

    `sent` and `pending` say of each caller in it how many commands it sent, and which one is unanswered;
    `brought` says which of the `files` are in.
    """

    name: str
    work: Callable[["Job", str, FastClock, Say], None]
    callers: tuple[str, ...] = ()
    sent: dict[str, int] = field(default_factory=dict)
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: list[dict[str, Any]] = field(default_factory=list)
    files: tuple[Path, ...] = ()
    brought: list[int] = field(default_factory=list)
    sweeps: bool = False

    def hear(self, lines: list[dict[str, Any]]) -> None:
        """Take in what the process said: a command before it is sent, its answer after."""
        for line in lines:
            if "failed" in line:
                raise AssertionError(f"{self.name}: {line['failed']}")
            self.sweeps = "sweeps" in line
            if "brought" in line:
                self.brought.append(line["brought"])
            if "send" in line:
                caller = line["send"]["caller"]
                self.pending[caller] = line["send"]
                self.sent[caller] = max(self.sent.get(caller, 0), line["send"]["number"])
            elif "answer" in line:
                self.answered.append(line["answer"])
                del self.pending[line["caller"]]


def call(job: Job, url: str, clock: FastClock, say: Say) -> None:
    """Have callers, each in a thread, submit one command after the other on one engine."""
    with Engine.open(url, "JY", clock=clock) as engine:
        threads = [Thread(target=_calling, args=(one, job, engine, say)) for one in job.callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _calling(caller: str, job: Job, engine: Engine, say: Say) -> None:
    """Submit, each command with its key; the first is the one that nobody was answered before."""
    try:
        number, first = job.sent.get(caller, 0), job.pending.get(caller)
        rng, states = Random(f"{caller} {number}"), dict[str, str]()
        if first is not None:
            _submit(first, engine, states, say)
        while True:
            number += 1
            _submit(_command(caller, number, rng, engine, states), engine, states, say)
    except BaseException as error:  # noqa: BLE001 - a thread that dies must end the process
        say(failed=repr(error))
        os._exit(1)


def _command(caller: str, number: int, rng: Random, engine: Engine, states: dict[str, str]) -> dict[str, Any]:
    late = number // _COMMANDS  # what is left lying is for the sweeper
    shared = rng.random() < 0.2  # with the other callers
    order_id = f"all-{late}" if shared else f"{caller}-{late}-{rng.randrange(_ORDERS)}"
    old = order_in(rng)  # with the importer, once it has begun the order
    for one in (old, order_id) if rng.random() < 0.2 else (order_id,):
        if one not in states:
            with suppress(NotFoundError):
                states[one] = engine.order(one).state
    order_id = old if old in states and rng.random() < 0.3 else order_id
    event = event_for(rng, states.get(order_id, ""))
    said = said_with(rng, event, engine.now())
    plain = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in said.items()}
    return {"caller": caller, "number": number, "order": order_id, "event": event, "said": plain}


def _submit(sent: dict[str, Any], engine: Engine, states: dict[str, str], say: Say) -> None:
    key = key_of(sent)
    say(send=sent)
    seq: list[int] = []
    with suppress(ConflictError, NotFoundError):
        done = engine.submit(sent["order"], sent["event"], key=key, actor=key, **sent["said"])
        states[sent["order"]] = done.order.state
        seq = [one.seq for one in done.entries]
    say(answer={"key": key, "order": sent["order"], "seq": seq}, caller=sent["caller"])


def key_of(sent: dict[str, Any]) -> str:
    """Give the key of a command, which is its actor too."""
    return f"{sent['caller']}.{sent['number']}"


def sweep(job: Job, url: str, clock: FastClock, say: Say) -> None:
    """Raise what is overdue, again and again."""
    del job
    with Engine.open(url, "JY", clock=clock) as engine:
        while True:
            if engine._store.due(clock.now(), 1):
                say(sweeps=True)
            say(raised=engine.sweep())


def import_all(job: Job, url: str, clock: FastClock, say: Say) -> None:
    """Bring the files in, one after the other and all of them again, beginning with the one under way."""
    with Engine.open(url, "JY", clock=clock) as engine:
        for number in bring(engine, job.files, job.brought[-1] + 1 if job.brought else 0):
            say(brought=number)


CREW = (
    ("office", call, ("a", "b", "c", "d")),
    ("desk", call, ("e",)),
    ("sweeper", sweep, ()),
    ("archive", import_all, ()),
)
"""Who works on a store; whoever joins says what it was answered as `call` does."""


@dataclass
class Tally:
    """What a campaign counted; everything under `faults` should be nothing."""

    kills: int = 0
    answered: int = 0
    commanding: int = 0
    sweeping: int = 0
    importing: int = 0
    entries: int = 0
    time_outs: int = 0
    faults: list[str] = field(default_factory=list)


def shift(place: Place, files: tuple[Path, ...], kills: int, rng: Random, tally: Tally) -> None:
    """Kill so many on a store that is empty at first, then look everything through."""
    Engine.open(place.url, "JY").close()
    clock = FastClock(datetime(2026, 3, 2, 9, tzinfo=BEIJING), _HOURS_A_SECOND * 3600)
    jobs = [Job(name, work, callers, files=files) for name, work, callers in CREW]
    children = [_start(job, place.url, clock) for job in jobs]
    try:
        for _ in range(kills):
            time.sleep(rng.uniform(0.005, _LONGEST_WAIT))
            which = rng.randrange(len(jobs))
            _end(jobs[which], children[which], tally)
            tally.kills += 1
            tally.commanding += bool(jobs[which].pending)
            tally.sweeping += jobs[which].sweeps
            _nothing_lost(place, jobs[which], tally)
            children[which] = _start(jobs[which], place.url, clock)
    finally:
        for job, child in zip(jobs, children, strict=True):
            _end(job, child, tally)
    _all_whole(place, jobs, clock, tally)


def _start(job: Job, url: str, clock: FastClock) -> Child:
    return fork(lambda say: job.work(job, url, clock, say))


def _end(job: Job, child: Child, tally: Tally) -> None:
    before = len(job.answered)
    child.kill()
    job.hear(child.lines)
    tally.answered += len(job.answered) - before


def _nothing_lost(place: Place, job: Job, tally: Tally) -> None:
    """What the killed one was answered is in the log, each order of it without a gap."""
    mine = job.answered[-200:]
    store = open_store(place.url, "JY", create=False)
    try:
        logs = {order: list(store.entries(order)) for order in {one["order"] for one in mine}}
        if job.work is import_all:
            logs = {order: list(log) for order, log in groupby(store.entries(), attrgetter("order_id"))}
    finally:
        store.close()
    tally.faults += _lost(mine, logs) + faults_of(_brought(job)[-1:], logs)
    if job.work is import_all:
        under_way = job.files[len(job.brought) % FILES]
        there = any(one.actor.startswith(f"{under_way.stem}.") for log in logs.values() for one in log)
        tally.importing += there and bool(faults_of([under_way], logs))


def _brought(job: Job) -> list[Path]:
    return [job.files[number % FILES] for number in job.brought]


def _lost(answered: list[dict[str, Any]], logs: dict[str, list[Entry]]) -> list[str]:
    faults = [
        f"{order}: seq {[one.seq for one in log]}"
        for order, log in logs.items()
        if [one.seq for one in log] != list(range(1, len(log) + 1))
    ]
    for one in answered:
        log = logs.get(one["order"], [])
        for place, seq in enumerate(one["seq"]):
            entry = log[seq - 1] if seq <= len(log) else None
            if entry is None or (place == 0 and entry.actor != one["key"]):
                faults.append(f"{one['key']} was answered entry {seq}, there is {entry}")
    return faults


def _all_whole(place: Place, jobs: list[Job], clock: Clock, tally: Tally) -> None:
    """Nothing lost, doubled or half there; what is kept is the fold of the log; work goes on."""
    with Engine.open(place.url, "JY", clock=clock) as engine:
        log = list(engine._store.entries())
        logs: dict[str, list[Entry]] = {}
        for entry in log:
            logs.setdefault(entry.order_id, []).append(entry)
        for job in jobs:
            tally.faults += _lost(job.answered, logs) + faults_of(set(_brought(job)), logs)
        tally.faults += halves(place, log)
        if [kept.order.order_id for kept in engine._store.orders()] != sorted(logs):
            tally.faults.append("orders and logs are not the same")
        tally.faults += [f"the chain does not hold: {one}" for one in engine.verify().faults]
        if engine.rebuild():
            tally.faults.append("rebuild found something that was not the fold of its log")
        _work_goes_on(engine, place, jobs, tally)
    if place.kind == "sqlite" and place.run("PRAGMA integrity_check") != [("ok",)]:
        tally.faults.append("the file is damaged")
    tally.entries += len(log)
    tally.time_outs += sum(one.event == "time_out" for one in log)


def halves(place: Place, log: list[Entry]) -> list[str]:
    """Find what is twice there, or only half: an answer without its entry, an entry without its answer."""
    log = [one for one in log if not follows(one)]  # a case says again what its order's entry says
    own = Counter(one.actor for one in log if one.actor)
    faults = [f"{key} stands {times} times in the log" for key, times in own.items() if times > 1]
    said = [one for one in log if one.actor and IMPORTED not in one.attributes]
    first = {(one.actor, one.order_id, one.seq) for one in said}
    answers = place.run("SELECT key, order_id, seq - written + 1 FROM paidan_answer WHERE written > 0")
    return faults + [f"half there: {one}" for one in sorted(first ^ set(answers))]


def _work_goes_on(engine: Engine, place: Place, jobs: list[Job], tally: Tally) -> None:
    answered = {key for (key,) in place.run("SELECT key FROM paidan_answer")}
    for sent in [one for job in jobs for one in job.pending.values()]:
        key = key_of(sent)
        with suppress(ConflictError, NotFoundError):
            done = engine.submit(sent["order"], sent["event"], key=key, actor=key, **sent["said"])
            if done.again != (key in answered):
                tally.faults.append(f"{key} was answered before: {key in answered}, it says {done.again}")
    for job in [one for one in jobs if one.work is import_all]:
        files = job.files[: len(job.brought) + 1]
        bringing = bring(engine, files, 0)
        for _ in range(2 * len(files)):  # whatever was half brought is whole then, and comes no second time
            next(bringing)
        logs = {order: list(log) for order, log in groupby(engine._store.entries(), attrgetter("order_id"))}
        tally.faults += faults_of(files, logs)
    for kept in list(engine._store.orders()):
        if not engine.submit(kept.order.order_id, "note").accepted:
            tally.faults.append(f"{kept.order.order_id} takes no note any more")
    engine.sweep()


def main(words: list[str]) -> int:
    """Kill as often as asked; 1 where anything was lost, doubled or half there."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.kills")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", default="1", help="of the moments; what runs at them is the machine's")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--server", default="", help="a PostgreSQL server to use; else one is started")
    asked = parser.parse_args(words)
    tally, began = Tally(), time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="paidan-kills-")))
        place_of = stack.enter_context(places(asked.store, folder, asked.server))
        rng, files = Random(asked.seed), written(folder)
        while tally.kills < asked.kills and not tally.faults:
            with place_of() as place:
                shift(place, files, min(SHIFT, asked.kills - tally.kills), rng, tally)
    sys.stdout.write(
        f"{asked.store}: {tally.kills} kills in {time.monotonic() - began:.1f} s, {tally.commanding} of them "
        f"within a command, {tally.sweeping} within a sweep, {tally.importing} with a file half brought; "
        f"{tally.answered} answered, "
        f"{tally.entries} entries, {tally.time_outs} time-outs; faults: {len(tally.faults)}\n"
    )
    for fault in tally.faults[:20]:
        sys.stdout.write(f"{fault}\n")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
