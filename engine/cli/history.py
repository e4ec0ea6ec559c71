"""`history`: the log of an order or a case, in the reader's words."""

from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import Format as Out
from paidan.engine.cli.options import FormatOption, Lang, LangOption, echo_json
from paidan.engine.cli.replay import DbOption, RunOption, log_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paidan.policies.directory import Filings
    from paidan.policies.rulebook import Rulebook
    from paidan.workflows.records import Entry


def history(
    order: Annotated[str, typer.Argument(help="工单编号，或案件编号。", metavar="ORDER")],
    run: RunOption = None,
    db: DbOption = None,
    directory: Annotated[
        Path | None, typer.Option("--directory", help="岗位名册；不写时用在线数据库中的。", metavar="FILE")
    ] = None,
    lang: LangOption = Lang.zh,
    out: FormatOption = Out.table,
) -> None:
    """Print the log of an order, with who held the posts it names and how long recordings are kept."""
    from paidan.engine.cli.directory import filings_for
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.custody import held_now
    from paidan.engine.custody_told import now_text
    from paidan.workflows.cases import case_id

    entries, rules, as_of = log_of(order, run, db)
    told = _Told(order, entries, rules, filings_for(directory, db))
    if out is Out.json:
        chained = [{"hash": one} for one in _hashes(order, db)] if db is not None else repeat({})
        echo_json([{**told.plain(one), **more} for one, more in zip(entries, chained, strict=False)])
        return
    people = ("person",) if told.filings else ()
    names = ("seq", "at", "event", "state", "unit", "role", *people, "rule", "said")
    show(columns(names, lang), [told.row(one, lang) for one in entries], out, title=order)
    if out is Out.table and not case_id(order):
        typer.echo(now_text(held_now(order, entries, rules, as_of), rules, lang))


class _Told:
    """A log with all that is said beside its entries: corrections, who held a post, what is kept how long."""

    def __init__(
        self, order_id: str, entries: "Sequence[Entry]", rules: "Rulebook", filings: "Filings"
    ) -> None:
        from paidan.engine.corrections import corrected, corrections_of
        from paidan.engine.directory import holders_of, recording_kept

        self.filings = filings
        self._rules = rules
        self._corrections = corrections_of(entries)
        self._held = holders_of(corrected(entries), filings)
        self._kept = recording_kept(order_id, entries, rules)

    def row(self, one: "Entry", lang: str) -> tuple[Any, ...]:
        """Give the line of an entry."""
        from paidan.engine.cli.directory import people
        from paidan.engine.messages.reasons import event_label, moment, role_label, state_label
        from paidan.workflows.cases import workflow_of

        rule = self._rules.behind(one.rule, one.event) if one.rule else None
        label = "" if rule is None else f"{rule.rule} {rule.zh if lang == Lang.zh else rule.en}"
        state = state_label(one.to_state, lang, workflow_of(one.order_id))
        holders = [people(self._held.get(one.seq, ()))] if self.filings else []
        return (
            one.seq, moment(one.at), event_label(one.event, lang), state, one.unit,
            role_label(one.role, lang), *holders, label, self._said(one, lang),
        )  # fmt: skip

    def plain(self, one: "Entry") -> dict[str, Any]:
        """Give an entry for programs."""
        told: dict[str, Any] = {**one._asdict(), "attributes": dict(one.attributes)}
        if self.filings:
            told["held_by"] = [holder.person for holder in self._held.get(one.seq, ())]
        if one.seq in self._kept:
            until = self._kept[one.seq]
            told["recording_kept_until"] = {"on": until.on.isoformat(), "rule": until.rule.rule}
        if by_seq := self._corrections.get(one.seq):
            told["corrections"] = [{"by": by, **correction._asdict()} for by, correction in by_seq]
        return told

    def _said(self, one: "Entry", lang: str) -> str:
        from paidan.engine.cli.directory import kept_text
        from paidan.engine.messages import say
        from paidan.engine.messages.reasons import correction_text, moment, said_text
        from paidan.workflows.cases import EVENT_OF

        said = said_text(one.attributes, self._rules, lang)
        if one.recorded_at > one.at and not EVENT_OF[one.event].by_engine:
            said += say("late.recorded", lang, at=moment(one.recorded_at))
        for by, correction in self._corrections.get(one.seq, ()):
            said += correction_text(by, correction, lang)
        if one.seq in self._kept:
            said += kept_text(self._kept[one.seq], lang)
        return said


def _hashes(order: str, db: str) -> list[str]:
    from paidan.engine.databases import hashes_of_database

    return hashes_of_database(db, order)
