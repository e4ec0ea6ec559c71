"""
What must hold in every world: of what is committed, of an order after each step, of an answer, at the end.

To hold more, write a function that yields a sentence for each fault and add it to its tuple.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from paidan.engine.evolve import fold
from paidan.storage.port import Kept
from paidan.workflows.records import Entry
from simulation.model import Answered, Model, Told
from simulation.world import Batch


class Commit(NamedTuple):
    """What is about to enter the model: `latest` is the latest time the engine can have known."""

    told: Told
    batch: Batch
    latest: datetime


class Seen(NamedTuple):
    """An order as the model tells it, and as the store gives it."""

    told: Told
    log: tuple[Entry, ...]
    kept: Kept | None


def raises_what_is_missed_first(commit: Commit) -> Iterator[str]:
    """Whatever writes to an order writes a time-out for each duty missed by then, once, and no other."""
    raised = Counter((one.rule, one.at) for one in commit.batch.entries if one.event == "time_out")
    now = commit.batch.entries[0].recorded_at if commit.batch.entries else commit.latest
    missed = Counter((clock.rule, clock.due_at) for clock in commit.told.missed(now))
    missed -= commit.told.standing
    if raised != missed:
        yield f"time-outs raised {_told(raised - missed)}, not raised {_told(missed - raised)}"


def tells_each_rung_once(commit: Commit) -> Iterator[str]:
    """
    Whatever writes to an order tells what its clocks had to warn of or to escalate since the last entry.

    Nothing from before it is told again, unless the clock was started or moved just then.
    """
    told, entries = commit.told, commit.batch.entries
    if not entries or not told.log:
        return
    since, now = told.log[-1].recorded_at, entries[0].recorded_at
    said = Counter(
        (one.event, one.rule, one.attributes["due_at"], one.at)
        for one in entries
        if one.event in ("warn", "escalate") and "due_at" in one.attributes
    )
    due: Counter[tuple[str, str, datetime, datetime]] = Counter()
    for clock in told.order.clocks:
        runs = clock.done_at is None and not clock.void and told.rules.clocks[clock.rule].kind == "duty"
        spans = [("warn", -span) for span in told.rules.warnings] if runs else []
        spans += [("escalate", span) for span in told.rules.rungs] if runs else []
        for event, span in spans:
            at = clock.due_at + span
            if since <= at < now and at > clock.started_at:
                due[event, clock.rule, clock.due_at, at] += 1
    again = [one for one in said - due if one[1:3] not in told.fresh or one[3] >= now]
    missing = [one for one in due - said if one[1:3] not in told.fresh]
    if again or missing:
        yield f"told twice or early {again}, not told {missing}"


def never_fires_early(commit: Commit) -> Iterator[str]:
    """No time-out is written before its due time has passed by the clock that the engine saw."""
    for one in commit.batch.entries:
        if one.event == "time_out" and not one.at < min(one.recorded_at, commit.latest):
            yield f"{one.rule} due {one.at} was raised early, at {commit.latest}"


def never_runs_back(commit: Commit) -> Iterator[str]:
    """Nothing is recorded before the last entry of its order, nor later than any clock said."""
    before = commit.told.log[-1].recorded_at if commit.told.log else None
    for one in commit.batch.entries:
        if before is not None and one.recorded_at < before:
            yield f"entry {one.seq} was recorded {one.recorded_at}, before the entry ahead of it"
        if one.recorded_at > commit.latest:
            yield f"entry {one.seq} was recorded {one.recorded_at}, in the future"
        before = one.recorded_at


def is_gapless(seen: Seen) -> Iterator[str]:
    """`seq` counts from one."""
    if [one.seq for one in seen.log] != list(range(1, len(seen.log) + 1)):
        yield f"seq has a gap or a double: {[one.seq for one in seen.log]}"


def holds_what_was_committed(seen: Seen) -> Iterator[str]:
    """The log is what was committed, and nothing of it ever changed."""
    if list(seen.log) != seen.told.log:
        yield f"the log holds {_brief(seen.log)}, committed was {_brief(seen.told.log)}"


def is_the_fold_of_its_log(seen: Seen) -> Iterator[str]:
    """What is kept of the order is what its log makes of it."""
    if seen.kept is None or seen.kept.order != seen.told.order:
        yield f"kept is {seen.kept and seen.kept.order}, the log makes {seen.told.order}"


def is_where_the_contract_says(seen: Seen) -> Iterator[str]:
    """The state is what the table of the contract makes of the log."""
    if seen.told.order.state != seen.told.state:
        yield f"the state is {seen.told.order.state}, by the contract {seen.told.state}"


def has_one_time_out_per_missed_duty(seen: Seen) -> Iterator[str]:
    """A duty that was missed has at most one time-out that stands, and no other clock has any."""
    missed = Counter((clock.rule, clock.due_at) for clock in seen.told.missed(seen.log[-1].recorded_at))
    over = seen.told.standing - missed
    if over or any(count < 0 for count in seen.told.standing.values()):
        yield f"time-outs stand that should not: {_told(over)}"


def has_each_command_once(seen: Seen) -> Iterator[str]:
    """No command wrote two entries of its own."""
    for actor, times in Counter(one.actor for one in seen.log if one.actor).items():
        if times > 1:
            yield f"command {actor} stands {times} times in the log"


def answer_stays(model: Model, sent: Answered, outcome: Any) -> Iterator[str]:
    """An answer is what the log says of the command, and the same for good."""
    told = model.orders.get(sent.asked.order_id)
    for one in (*outcome.raised, *outcome.entries):
        if told is None or told.log[one.seq - 1 : one.seq] != [one]:
            yield f"acknowledged, but not in the log: {one}"
    own = told.by_actor[sent.asked.actor] if told else 0
    if own != bool(outcome.entries):
        yield f"command {sent.asked.actor} wrote {own} entries, its answer says {len(outcome.entries)}"
    if sent.outcome is not None and (not outcome.again or outcome != sent.outcome):
        yield f"answered {outcome} where it was {sent.outcome}"
    if sent.asked.expected is not None and not outcome.again:
        first = next(iter((*outcome.raised, *outcome.entries)), None)
        if first is not None and first.seq != sent.asked.expected + 1:
            yield f"expected {sent.asked.expected}, but wrote from {first.seq} on"


def folds_anew(told: Told) -> Iterator[str]:
    """At the end: the whole log folds to what step after step made of it."""
    anew = fold(told.order.order_id, told.log, told.rules)
    if anew != told.order:
        yield f"the whole log makes {anew}, step by step it was {told.order}"


ON_COMMIT: tuple[Callable[[Commit], Iterator[str]], ...] = (
    raises_what_is_missed_first,
    tells_each_rung_once, never_fires_early, never_runs_back,
)  # fmt: skip
OF_AN_ORDER: tuple[Callable[[Seen], Iterator[str]], ...] = (
    is_gapless, holds_what_was_committed, is_the_fold_of_its_log, is_where_the_contract_says,
    has_one_time_out_per_missed_duty, has_each_command_once,
)  # fmt: skip
OF_AN_ANSWER: tuple[Callable[[Model, Answered, Any], Iterator[str]], ...] = (answer_stays,)
AT_THE_END: tuple[Callable[[Told], Iterator[str]], ...] = (folds_anew,)


def _told(counted: Counter[tuple[str, datetime]]) -> str:
    return ", ".join(f"{rule} {due}" for rule, due in counted.elements()) or "none"


def _brief(log: Any) -> list[tuple[int, str, str]]:
    return [(one.seq, one.event, one.actor) for one in log][-8:]
