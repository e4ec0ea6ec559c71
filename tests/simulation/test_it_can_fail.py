"""The engine broken on purpose, one way after another: the simulation must notice, by the right invariant."""

import re
from datetime import timedelta
from typing import Any

import pytest
from support.notices import written

from paidan.engine import governing, service
from paidan.engine.app import Engine
from paidan.engine.decide import decide, raise_overdue
from simulation.simulator import BrokenError, Simulation

HOUR = timedelta(hours=1)


class Broken:
    """A store that does one thing wrong, now and then, and hands on everything else."""

    def __init__(self, inner, every):
        self.inner = inner
        self.every = every
        self.calls = 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def now_and_then(self):
        self.calls += 1
        return self.calls % self.every == 0


class Forgetting(Broken):
    """Says that a commit was done that was not."""

    def write(self, work):
        if not self.now_and_then():
            return self.inner.write(work)
        done = []

        def undone(transaction):
            done.append(work(transaction))
            raise LookupError

        with pytest.raises(LookupError):
            self.inner.write(undone)
        return done[0]


class Deaf(Broken):
    """Keeps no answer, so that a command that is repeated is done twice."""

    def write(self, work):
        return self.inner.write(lambda transaction: work(Keyless(transaction)))


class Keyless:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def keep_answer(self, answer):
        pass


class Spoiling(Broken):
    """Keeps another state than the log says."""

    def write(self, work):
        return self.inner.write(lambda transaction: work(Spoiler(transaction, self.now_and_then())))


class Spoiler(Keyless):
    def __init__(self, inner, spoils):
        super().__init__(inner)
        self.spoils = spoils

    def keep_answer(self, answer):
        self.inner.keep_answer(answer)

    def keep(self, after, entries, before):
        if self.spoils:
            after = after._replace(order=after.order._replace(state="closed"))
        self.inner.keep(after, entries, before)


def rewritten(inner):
    """Change an entry behind everybody's back: the first of the longest log."""
    log: list[Any] = max(inner._kept.logs.values(), key=len, default=[])
    if len(log) > 4:
        log[0] = (*log[0][:7], "somebody", *log[0][8:])


class Rewriting(Broken):
    def write(self, work):
        result = self.inner.write(work)
        rewritten(self.inner)
        return result


class Dropping(Broken):
    """Loses an entry of a log once it has seven."""

    def write(self, work):
        result = self.inner.write(work)
        for log in self.inner._kept.logs.values():
            if len(log) > 6:
                del log[-3]
        return result


def fails(tmp_path, place_of, **more):
    """Run until an invariant is broken; gives what was told."""
    written(tmp_path)
    one = Simulation(
        "broken", lambda _: place_of("memory").url, tmp_path, policies=("JY", "YY"), ladder=True, **more
    )
    with pytest.raises(BrokenError) as found:
        one.run(3_000)
    return str(found.value)


@pytest.mark.parametrize(
    ("broken", "every", "told"),
    [
        (Forgetting, 40, "acknowledged, but not in the log|the log holds"),
        (Deaf, 1, "wrote [12] entries|was taken from|answered .* where it was|stands 2 times"),
        (Spoiling, 60, "kept is"),
        (Rewriting, 1, "the log holds"),
        (Dropping, 1, "seq has a gap"),
    ],
)
def test_a_store_that_breaks_its_promise_is_noticed(broken, every, told, tmp_path, place_of):
    text = fails(tmp_path, place_of, beneath=lambda store: broken(store, every))
    assert re.search(told, text.split("the last steps")[0]), text


def early(order, now, rules, *, real=raise_overdue):
    """Raise what is due an hour from now already, and say that it is an hour later."""
    return real(order, now + HOUR, rules)


def early_and_lying(order, now, rules, *, real=raise_overdue):
    """Raise what is due an hour from now already, as of now."""
    decision = real(order, now + HOUR, rules)
    return decision._replace(entries=tuple(one._replace(recorded_at=now) for one in decision.entries))


def twice(order, now, rules, *, real=raise_overdue):
    decision = real(order, now, rules)
    again = tuple(one._replace(seq=one.seq + len(decision.entries)) for one in decision.entries)
    order = decision.order._replace(seq=decision.order.seq + len(again))
    return decision._replace(order=order, entries=decision.entries + again)


def shy(order, now, rules, *, real=raise_overdue):
    """Take what was to be warned of as told, and write nothing of it."""
    decision = real(order, now, rules)
    told = [one for one in decision.entries if one.event != "warn"]
    entries = tuple(one._replace(seq=order.seq + place) for place, one in enumerate(told, 1))
    return decision._replace(order=decision.order._replace(seq=order.seq + len(entries)), entries=entries)


def repeating(order, now, rules, *, real=raise_overdue):
    """Tell what was told, whenever more is."""
    decision = real(order, now, rules)
    again = [one for one in decision.entries if one.event == "escalate"]
    again = [
        one._replace(seq=decision.order.seq + place, recorded_at=now) for place, one in enumerate(again, 1)
    ]
    order = decision.order._replace(seq=decision.order.seq + len(again))
    return decision._replace(order=order, entries=decision.entries + tuple(again))


def never(order, now, rules, *, real=raise_overdue):
    """Take some as raised, and write nothing."""
    decision = real(order, now, rules)
    return decision._replace(order=decision.order._replace(seq=order.seq), entries=())


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (early, "was raised early|in the future"),
        (early_and_lying, "was raised early"),
        (twice, "time-outs raised JY-|time-outs raised YY-"),
        (never, "not raised (JY|YY)-|kept is"),
        (shy, "told twice or early .*, not told|kept is"),
        (repeating, "told twice or early"),
    ],
)
def test_a_time_out_too_early_twice_or_never_is_noticed(broken, told, tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(service, "raise_overdue", broken)
    text = fails(tmp_path, place_of)
    assert re.search(told, text.split("the last steps")[0]), text


def test_a_sweep_that_forgets_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(Engine, "sweep", lambda self: 0)  # noqa: ARG005
    assert "has no time-out after a sweep" in fails(tmp_path, place_of)


def test_time_that_runs_back_within_an_order_is_noticed(tmp_path, place_of, monkeypatch):
    def naive(self, books, kept=None):  # noqa: ARG001
        return max([self._clock.now(), *(one.at for one in books.loaded)])

    monkeypatch.setattr(governing.Governing, "now", naive)
    assert "before the entry ahead of it" in fails(tmp_path, place_of)


def test_an_expectation_that_nobody_checks_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(service, "check_expected", lambda *_: None)
    assert re.search(r"expected \d+, but wrote from", fails(tmp_path, place_of))


def test_a_key_that_stands_for_anything_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(service, "check_same", lambda *_: None)
    assert "was taken from" in fails(tmp_path, place_of)


def test_a_life_that_is_not_the_contracts_is_noticed(tmp_path, place_of, monkeypatch):
    real = decide

    def wrong(order, command, rules, **more):
        decision = real(order, command, rules, **more)
        if command.event == "revisit" and decision.entries:
            entry = decision.entries[0]._replace(to_state="closed")
            order = decision.order._replace(state="closed")
            return decision._replace(order=order, entries=(entry, *decision.entries[1:]))
        return decision

    monkeypatch.setattr(service, "decide", wrong)
    assert "by the contract" in fails(tmp_path, place_of)
