"""Cases come out the same on every path: live, exported and replayed, imported, judged again, shared out."""

import csv
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.beside import BEGAN, POLICIES, check_cases, kept, lived, plain, replayed
from support.logs import summary_of, table
from support.stores import ON_DISK

from paidan.engine import Engine, crew
from paidan.engine.clock import SimulatedClock
from paidan.engine.rejudge import Variant, rejudge
from paidan.engine.replay import Request, replay
from paidan.engine.runs import Run
from paidan.policies.registry import document
from paidan.workflows.attributes import WRITTEN
from paidan.workflows.cases import case_id

NUMBERS = count(1)
lives = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 1 << 30)


def exported(folder, policy, seed, steps=60):
    """Live by a seed; give the export."""
    clock, file = SimulatedClock(BEGAN), folder / f"lived-{next(NUMBERS)}.csv"
    with Engine.open("memory://", policy, clock=clock) as engine:
        lived(engine, clock, seed, steps)
        engine.export(file)
    return file, clock


def check_paths(url, policy, seed, folder, steps=60):
    """Live by a seed, then hold the export replayed, and imported elsewhere, against what is live."""
    clock, file = SimulatedClock(BEGAN), folder / f"exported-{next(NUMBERS)}.csv"
    with Engine.open(url, policy, clock=clock) as engine, Engine.open(
        "memory://", policy, clock=clock
    ) as other:  # fmt: skip
        lived(engine, clock, seed, steps)
        found = replayed(engine, file)
        live = {one: plain(engine.history(one)) for one in kept(engine)}
        assert {one: plain(done.entries) for one, done in found.items()} == live
        assert {one: done.order for one, done in found.items()} == {one: engine.order(one) for one in live}
        assert (engine.rebuild(), engine.differing(), engine.verify().faults) == (False, (), ())
        cases = check_cases(engine)
        done = other.import_logs([file], enforce=True)
        assert (done.whole, done.orders) == (True, len(live) - cases), "cases are not counted as orders"
        assert {one: plain(other.history(one)) for one in kept(other)} == live
        again = other.import_logs([file], enforce=True)
        assert (again.applied, again.already_there) == (0, done.applied)
        assert other.rebuild() is False
        assert {one: plain(done.entries) for one, done in replayed(other, file).items()} == live
        return cases


@pytest.mark.parametrize("policy", POLICIES)
@lives
@given(seed=SEEDS)
def test_exported_and_replayed_or_imported_live_cases_come_out_as_they_are(policy, seed, tmp_path):
    check_paths("memory://", policy, seed, tmp_path)


@pytest.mark.parametrize("kind", ON_DISK)
def test_they_do_on_every_store(kind, place_of, tmp_path):
    assert check_paths(place_of(kind).url, "YY", 4, tmp_path) > 2


def unsaid(file, folder, *, keep=lambda number: True):  # noqa: ARG005
    """The log as another platform would give it: without what our export says of itself, or in part."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    out = folder / f"foreign-{next(NUMBERS)}.csv"
    names = [name for name in rows[0] if name not in ("seq", "hash", *WRITTEN)]
    with out.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(row for number, row in enumerate(rows) if keep(number) and row["event"] != "correct")
    return out


def cases_of_folder(log, policy, now, out, **said):
    replay(Request(logs=(log,), document=document(policy), out=out, as_of=now, as_recorded=True, **said))
    return Run(out).cases(), table(out, "case_transitions"), table(out, "case_deadlines")


@pytest.mark.parametrize("policy", POLICIES)
@lives
@given(seed=SEEDS, cut=st.integers(2, 4), enforce=st.booleans())
def test_a_foreign_log_is_imported_as_it_is_replayed_and_adds_nothing_the_second_time(
    policy, seed, cut, enforce, tmp_path
):
    file, clock = exported(tmp_path, policy, seed)
    log, now = unsaid(file, tmp_path), clock.now()
    _, lines, _ = cases_of_folder(log, policy, now, tmp_path / f"run-{next(NUMBERS)}", enforce=enforce)
    told = [(*(row[name] for name in list(row)[:9]), row["rule"]) for row in lines]
    with Engine.open("memory://", policy, clock=clock) as engine:
        done = engine.import_logs([log], enforce=enforce)
        assert done.read == done.applied + done.refused + done.rejected
        again = engine.import_logs([log], enforce=enforce)
        assert (again.applied, again.refused, again.already_there) == (0, done.refused, done.applied)
        assert engine.rebuild() is False
        assert [
            (one.order_id, str(one.seq), one.event, one.from_state, one.to_state, one.at.isoformat(),
             one.actor, one.role, one.unit, one.rule)
            for case in engine.cases() for one in engine.history(case.order_id)
        ] == sorted(told, key=lambda one: (one[0], int(one[1])))  # fmt: skip
    with Engine.open("memory://", policy, clock=clock) as engine:
        part = engine.import_logs([unsaid(file, tmp_path, keep=lambda number: number % cut)])
        rest = engine.import_logs([log])
        assert rest.applied + rest.already_there == rest.read - rest.rejected
        assert rest.already_there == part.applied
        assert engine.rebuild() is False
        live = {one: plain(engine.history(one)) for one in kept(engine)}
        found = replayed(engine, tmp_path / f"rest-{next(NUMBERS)}.csv", enforce=False)
        assert {one: plain(done.entries) for one, done in found.items()} == live


def differing(one, other):
    return {path.name for path in one.iterdir() if path.read_bytes() != (other / path.name).read_bytes()}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_folder_with_cases_judged_again_or_shared_out_comes_out_byte_by_byte(policy, tmp_path, monkeypatch):
    files = [exported(tmp_path, policy, seed)[0] for seed in (3, 4)]
    many = tmp_path / "many.csv"
    with many.open("w", encoding="utf-8", newline="") as out:
        for number, file in enumerate(files):
            with file.open(encoding="utf-8", newline="") as opened:
                rows = csv.DictReader(opened)
                writer = csv.DictWriter(out, rows.fieldnames or ())
                if not number:
                    writer.writeheader()
                for row in rows:
                    for name in ("A", "A!", f"B{number}", "C~x"):
                        case = case_id(row["order_id"])
                        of = case.about if case else row["order_id"]
                        as_named = row["order_id"].replace(of, f"{name}{number}{of}", 1)
                        writer.writerow({**row, "order_id": as_named})
    folders = [tmp_path / name for name in ("alone", "shared", "again", "both")]
    for workers, out in zip((1, 3), folders, strict=False):
        replay(Request(logs=(many,), document=document(policy), out=out, workers=workers))
    assert differing(folders[0], folders[1]) == set()
    assert summary_of(folders[0])["cases"]
    assert summary_of(folders[0])["orders"]["total"] == 16
    rejudge(folders[0], [Variant(document=Run(folders[0]).document)], [folders[2]])
    monkeypatch.setattr(crew, "_LARGE", 1 << 10)
    monkeypatch.setattr(crew, "_cores", lambda: 3)
    rejudge(folders[0], [Variant(document=Run(folders[0]).document)], [folders[3]])
    assert differing(folders[0], folders[2]) <= {"summary.json"}
    assert differing(folders[2], folders[3]) == set()
