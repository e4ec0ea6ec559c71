"""The engine broken on purpose, one way after another: the simulation must notice, by the right invariant."""

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from support.notices import written

from paidan.engine import app, backdating, correcting, governing, service
from paidan.engine.app import Engine
from paidan.engine.cases import Heard, heard
from paidan.engine.decide import decide, raise_overdue
from paidan.engine.evolve import fold
from paidan.engine.export.long_form import write_long_form
from paidan.engine.intake import commands
from paidan.engine.service import Service
from paidan.storage.memory import _MemoryTransaction
from paidan.storage.port import Cursor
from paidan.storage.sqlite import SqliteStore
from paidan.storage.transaction import SqlTransaction
from paidan.storage.vault import Vault
from paidan.storage.writes import Unsent
from paidan.workflows.records import Entry
from simulation import replays as REPLAYS  # noqa: N812 - a module that is broken here
from simulation.simulator import STEPS, BrokenError, Simulation

DECIDE = import_module("paidan.engine.decide")
"""The module: the package holds its function under the same name."""
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

    def write(self, work, about=None):
        if not self.now_and_then():
            return self.inner.write(work, about)
        done = []

        def undone(transaction):
            done.append(work(transaction))
            raise LookupError

        with pytest.raises(LookupError):
            self.inner.write(undone)
        return done[0]


class Deaf(Broken):
    """Keeps no answer, so that a command that is repeated is done twice."""

    def write(self, work, about=None):
        return self.inner.write(lambda transaction: work(Keyless(transaction)), about)


class Keyless:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def keep_answer(self, answer):
        pass


class Spoiling(Broken):
    """Keeps another state than the log says."""

    def write(self, work, about=None):
        return self.inner.write(lambda transaction: work(Spoiler(transaction, self.now_and_then())), about)


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
    def write(self, work, about=None):
        result = self.inner.write(work, about)
        rewritten(self.inner)
        return result


class Dropping(Broken):
    """Loses an entry of a log once it has seven."""

    def write(self, work, about=None):
        result = self.inner.write(work, about)
        for log in self.inner._kept.logs.values():
            if len(log) > 6:
                del log[-3]
        return result


def fails(tmp_path, place_of, *, steps=3_000, kind="memory", **more):
    """Run until an invariant is broken; gives what was told."""
    written(tmp_path)
    one = Simulation(
        "broken", lambda _: place_of(kind).url, tmp_path, policies=("JY", "YY"), ladder=True, **more
    )
    with pytest.raises(BrokenError) as found:
        one.run(steps)
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


def test_a_remembered_order_that_another_has_changed_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(SqliteStore, "_begin", lambda self: self._cursor.execute("BEGIN IMMEDIATE"))
    assert re.search("met store_conflict: .*, and nobody", fails(tmp_path, place_of, kind="sqlite"))


def test_a_work_that_raised_and_was_written_is_noticed(tmp_path, place_of, monkeypatch):
    def careless(self, work):
        try:
            return work(self)
        finally:
            self._unsent.add(self._own)
            self._own = Unsent()

    monkeypatch.setattr(SqlTransaction, "run", careless)
    text = fails(tmp_path, place_of, kind="sqlite")
    assert re.search("time-outs raised (JY|YY)-|the log holds", text.split("the last steps")[0]), text


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


# ---- what is learned late, and corrected ----


def test_a_word_of_the_past_from_anybody_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(service, "not_let_in", lambda *_: ())
    text = fails(tmp_path, place_of, permission="offices")
    assert re.search(r"spoke of the past|does not say why|received 20", text)


def test_a_door_shut_to_those_who_may_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(backdating, "permitted", lambda _: ())
    assert "refused as if none could say so" in fails(tmp_path, place_of, permission="any_role")


def test_a_correction_of_what_does_not_stand_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(correcting, "_of_entry", lambda *_: None)
    assert re.search(r"corrects .*, there stands", fails(tmp_path, place_of, permission="any_role"))


def test_a_correction_refused_though_it_names_what_stands_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(correcting, "value_of", lambda *_: "something else")
    assert "refused as if that did not stand" in fails(tmp_path, place_of, permission="any_role")


def test_a_fold_that_forgets_corrections_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(import_module("paidan.engine.evolve"), "corrected", lambda entries: entries)
    assert "kept is" in fails(tmp_path, place_of, permission="any_role")


def test_a_correction_that_leaves_the_time_outs_as_they_were_is_noticed(tmp_path, place_of, monkeypatch):
    real = DECIDE._correct

    def alone(order, command, rules, log, **more):
        decision = real(order, command, rules, log, **more)
        after = fold(order.order_id, (*log, *decision.entries[:1]), rules)
        return decision._replace(order=after, entries=decision.entries[:1])

    monkeypatch.setattr(DECIDE, "_correct", alone)
    text = fails(tmp_path, place_of, permission="any_role")
    assert re.search(
        "after a correction no time-out stands|time-outs (stand that should not|raised none)", text
    )


def test_a_withdrawal_that_forgets_its_escalations_is_noticed(tmp_path, place_of, monkeypatch):
    real = DECIDE._withdraw

    def forgetful(*of):
        entries, after = real(*of)
        return [one._replace(attributes={**one.attributes, "escalations": ()}) for one in entries], after

    monkeypatch.setattr(DECIDE, "_withdraw", forgetful)
    assert "lists the escalations []" in fails(tmp_path, place_of, permission="any_role")


def test_an_export_that_leaves_something_out_is_noticed(tmp_path, place_of, monkeypatch):
    def partly(log, file):
        return write_long_form((one for one in log if one.entry.event != "dispatch"), file)

    monkeypatch.setattr(app, "write_long_form", partly)
    assert "replayed as recorded" in fails(tmp_path, place_of, steps=400)


# ---- people ----


@pytest.fixture
def many_ask(monkeypatch):
    """Have whose orders are looked at, and erased, often."""
    monkeypatch.setitem(STEPS, "unmask", 20.0)
    monkeypatch.setitem(STEPS, "erase", 5.0)


def test_words_that_are_not_masked_are_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(commands, "masked_said", lambda name, text, own: text)  # noqa: ARG005
    assert re.search(r"entry \d+ holds \['1397", fails(tmp_path, place_of, vault=False))


@pytest.mark.usefixtures("many_ask")
def test_a_vault_that_loses_or_mixes_what_was_said_is_noticed(tmp_path, place_of, monkeypatch):
    real = Vault.keep

    def late(self, transaction, order_id, said):
        real(self, transaction, order_id, {seq + 1: values for seq, values in said.items()})

    monkeypatch.setattr(Vault, "keep", late)
    assert "the vault holds" in fails(tmp_path, place_of, vault=True)


@pytest.mark.usefixtures("many_ask")
def test_an_erasing_that_leaves_it_there_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(_MemoryTransaction, "erase", lambda self, order_id: None)  # noqa: ARG005
    assert "the vault holds" in fails(tmp_path, place_of, vault=True)


@pytest.mark.usefixtures("many_ask")
def test_identities_shown_after_they_were_erased_are_noticed(tmp_path, place_of, monkeypatch):
    def forgetful(order, command, rules, **more):
        if command.event != "unmask" or not order.facts.get("erased"):
            return decide(order, command, rules, **more)
        known = order._replace(facts={**order.facts, "erased": False})
        decision = decide(known, command, rules, **more)
        return decision._replace(order=decision.order._replace(facts=order.facts))

    monkeypatch.setattr(service, "decide", forgetful)
    assert "erased True, unmask accepted True" in fails(tmp_path, place_of, vault=True)


def test_a_journal_that_tells_of_people_is_noticed(tmp_path, place_of, monkeypatch):
    real = Service._tell_answer

    def talkative(self, asked, key, outcome, seconds):
        self._journal.tell("store_failed", doing=str(dict(asked.private.values)), code="")
        real(self, asked, key, outcome, seconds)

    monkeypatch.setattr(Service, "_tell_answer", talkative)
    assert "the journal tells" in fails(tmp_path, place_of)


def test_an_answer_that_tells_of_people_is_noticed(tmp_path, place_of, monkeypatch):
    monkeypatch.setattr(
        Service, "_decided",
        lambda self, transaction, asked, expected, real=Service._decided: replace(
            found := real(self, transaction, asked, expected),
            dropped={**found.dropped, **asked.private.values},
        ),
    )  # fmt: skip
    assert re.search(r"the answer to c\d+ holds", fails(tmp_path, place_of))


def test_a_loss_of_what_was_said_that_nobody_is_told_of_is_noticed(tmp_path, place_of, monkeypatch):
    real = Service._decided
    monkeypatch.setattr(Service, "_decided", lambda *of: replace(real(*of), dropped={}))
    assert "was told that {} was dropped" in fails(tmp_path, place_of, vault=False)


# ---- subscribers ----


class Forgetful(Broken):
    """Keeps no cursor."""

    @contextmanager
    def cursor(self, name, start=0):
        with self.inner.cursor(name, start) as cursor:
            yield Cursor(cursor.position)


class Skipping(Broken):
    """Leaves out an entry of what was asked for, now and then."""

    def written(self, after, most):
        found = self.inner.written(after, most)
        return found[1:] if len(found) > 1 and self.now_and_then() else found


class Ahead(Broken):
    """Moves a cursor on before its holder has dealt with anything."""

    @contextmanager
    def cursor(self, name, start=0):
        with self.inner.cursor(name, start) as cursor:
            yield cursor
            cursor.position += 1


@pytest.mark.parametrize(
    ("broken", "every", "told"),
    [
        (Forgetful, 1, "again, though its cursor stood behind it"),
        (Skipping, 2, r"was given \(.*\), before it only|was given .* up to"),
        (Ahead, 1, r"was given \(.*\), before it only|was given .* up to"),
    ],
)
def test_a_log_that_is_not_handed_on_as_it_is_is_noticed(broken, every, told, tmp_path, place_of):
    text = fails(tmp_path, place_of, beneath=lambda store: broken(store, every))
    assert re.search(told, text), text


# ---- cases ----

BESIDE = import_module("paidan.engine.beside")
"""What lets the cases about an order follow it."""


def deaf(one, cases, *, real=BESIDE.asked_by):
    """Let no case be told of a supervision."""
    return () if one.entry.event == "supervise" else real(one, cases)


def doubling(one, cases, *, real=BESIDE.asked_by):
    """Open another case beside the one that is open."""
    yield from real(one, cases)
    for asked in real(one, []):
        about, kind, _ = asked.order_id.split("~")
        if cases and cases[-1].order_id.startswith(f"{about}~{kind}"):
            yield asked._replace(order_id=f"{about}~{kind}~{len(cases) + 1}")


def repeated(one, cases, *, real=BESIDE.asked_by):
    """Tell a case everything twice."""
    asked = list(real(one, cases))
    return [*asked, *asked]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (deaf, r"no case has (open_supervision|add_ground) for entry \d+ \(supervise\)"),
        (doubling, "was opened while .* was open"),
        (repeated, r"follows entry \d+ twice"),
    ],
)
def test_a_case_that_misses_an_entry_or_hears_it_twice_is_noticed(
    broken, told, tmp_path, place_of, monkeypatch
):
    monkeypatch.setattr(BESIDE, "asked_by", broken)
    text = fails(tmp_path, place_of)
    assert re.search(told, text.split("the last steps")[0]), text


def test_a_case_that_follows_what_was_refused_is_noticed(tmp_path, place_of, monkeypatch):
    real = heard

    def eager(decision, rules, last):
        if not decision.findings or decision.entries or not decision.order.seq:
            return real(decision, rules, last)
        order = decision.order
        entry = Entry(order.order_id, order.seq + 1, "supervise", order.state, order.state, last, last)
        return [Heard(entry, order.facts, rules, last)] if "~" not in order.order_id else []

    monkeypatch.setattr(service, "heard", eager)
    assert re.search(r"follows entry \d+, which does not stand", fails(tmp_path, place_of))


def test_a_case_that_comes_out_otherwise_from_its_export_is_noticed(tmp_path, place_of, monkeypatch):
    real = REPLAYS.replay_cases
    monkeypatch.setattr(REPLAYS, "replay_cases", lambda told, *of, **how: real(told[1:], *of, **how))
    assert "replayed as recorded" in fails(tmp_path, place_of, steps=600)
