"""
What is known of all orders, as tables: the log, transitions, deadlines, deviations, histories.

Rows are made as they are asked for; orders and the cases beside them stand in order of id.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from paidan.engine.export.long_form import COLUMNS, title_of
from paidan.engine.export.run_folder import IN_PARQUET, TABLES
from paidan.engine.export.table import Column, Form, Kind, Sheet, What, save
from paidan.engine.history_told import Told
from paidan.engine.inert import records
from paidan.engine.messages import say
from paidan.engine.messages.reasons import reason
from paidan.engine.replay_order import replay_order
from paidan.policies.directory import Filings
from paidan.policies.rulebook import Rulebook
from paidan.storage.port import Linked
from paidan.workflows.attributes import ATTRIBUTE_OF, IMPORTED, Holds
from paidan.workflows.cases import EVENT_OF, case_id
from paidan.workflows.records import Command, Entry

Log = tuple[Sequence[Entry], Rulebook]
"""The log of an order or a case, and the rules that govern it."""


_OF_HISTORIES = ("order_id", "seq", "at", "event", "state", "unit", "role", "person", "rule", "said")
_KINDS = {
    **dict.fromkeys(("seq", "row"), Kind.NUMBER),
    **dict.fromkeys(("at", "recorded_at", "started_at", "due_at", "done_at"), Kind.INSTANT),
    "provisional": Kind.FLAG,
}
_HOLDING = {
    Holds.FLAG: Kind.FLAG, Holds.NUMBER: Kind.NUMBER, Holds.INSTANT: Kind.INSTANT, Holds.DUE: Kind.INSTANT,
}  # fmt: skip
_CORRECTED = ("before", "after")
"""What a correction says of a field is what that field holds: a text here."""


def entries(log: Iterable[Linked], lang: str) -> Sheet:
    """Give what was submitted, in the long form: the log that a replay or an import reads."""
    columns = [Column(name, title_of(name, lang), _held(name)) for name in COLUMNS]
    return Sheet(say("sheet.entries", lang), columns, _submitted(log))


def transitions(logs: Iterable[Log], lang: str) -> Sheet:
    """Give every entry with the states around it."""
    rows = (
        (e.order_id, e.seq, e.event, e.from_state, e.to_state, e.at, e.actor, e.role, e.unit, e.rule,
         rules.behind(e.rule, e.event).zh if e.rule else "")
        for log, rules in logs
        for e in log
    )  # fmt: skip
    return Sheet(say("sheet.transitions", lang), _columns(TABLES["transitions"], lang), rows)


def deadlines(rows: Iterable[Sequence[Any]], lang: str) -> Sheet:
    """Give every clock; `rows` begin as those of `engine.looking.Deadline`."""
    names = TABLES["deadlines"]
    return Sheet(say("sheet.deadlines", lang), _columns(names, lang), (row[: len(names)] for row in rows))


def deviations(logs: Iterable[Log], as_of: datetime, lang: str) -> Sheet:
    """
    Give what the definition or a rule does not allow of live orders; not of cases, which only follow.

    The log does not say it: each order is replayed as recorded, and what was learned by then is told.
    """
    return Sheet(
        say("sheet.deviations", lang), _columns(TABLES["deviations"], lang), _deviating(logs, as_of, lang)
    )


def histories(logs: Iterable[Log], filings: Filings, lang: str) -> Sheet:
    """Give every entry in the reader's words, as `history` tells it."""
    rows = (
        (one.order_id, one.seq, one.at, *row)
        for log, rules in logs
        for told in (Told(log[0].order_id, log, rules, filings),)
        for one in log
        for row in (_worded(told, one, lang),)
    )
    return Sheet(say("sheet.histories", lang), _columns(_OF_HISTORIES, lang), rows)


def kept(folder: Path, what: What, lang: str) -> Sheet:
    """Give a table of a run folder, those of cases after those of orders."""
    columns = _columns(TABLES[what], lang)
    files = (folder / f"{what}.csv", folder / f"case_{what}.csv")
    return Sheet(say(f"sheet.{what}", lang), columns, _read(files, columns))


def parquet_beside(folder: Path) -> None:
    """
    Write the tables of a run folder as Parquet beside the CSV files, each under its name when it is whole.

    They are for other tools: paidan reads the CSV files, in which it finds one order of a million at once.
    """
    for name, of in IN_PARQUET.items():
        columns = [Column(one, one, _KINDS.get(one, Kind.TEXT)) for one in TABLES[of]]
        file = (folder / name).with_suffix(".csv")
        save(Sheet(of, columns, _read((file,), columns)), folder / name, Form.parquet)


def _submitted(log: Iterable[Linked]) -> Iterator[tuple[Any, ...]]:
    said_names = [name for name in COLUMNS if name in ATTRIBUTE_OF]
    for _, one, hashed in log:
        if not EVENT_OF[one.event].by_engine:
            said = [_said(name, one.attributes.get(name)) for name in said_names]
            who = one.actor, one.role, one.unit
            yield (one.order_id, one.event, one.at, *who, one.recorded_at, one.seq, *said, hashed)


def _said(name: str, value: Any) -> Any:
    return value.isoformat() if name in _CORRECTED and isinstance(value, datetime) else value


def _deviating(logs: Iterable[Log], as_of: datetime, lang: str) -> Iterator[tuple[Any, ...]]:
    for log, rules in logs:
        order_id = log[0].order_id
        if case_id(order_id):
            continue
        commands = [_command(one) for one in log if not EVENT_OF[one.event].by_engine]
        for one in replay_order(order_id, commands, rules, as_of, as_recorded=True).deviations:
            asked, finding = one.command, one.finding
            yield (
                order_id, asked.source, asked.row or None, asked.event, asked.at, finding.rule,
                finding.clause, reason(finding, rules, lang), "refused" if one.refused else "applied",
            )  # fmt: skip


def _command(one: Entry) -> Command:
    """Give what was asked that became an entry, with the file and row an import read it from."""
    source, _, row = str(one.attributes.get(IMPORTED, "")).rpartition(":")
    return Command(
        one.order_id, one.event, one.at, one.actor, one.role, one.unit, one.attributes, one.recorded_at,
        source, int(row) if row.isdecimal() else 0, one.seq,
    )  # fmt: skip


def _worded(told: Told, one: Entry, lang: str) -> tuple[Any, ...]:
    event, state, unit, role, *person, rule, said = told.row(one, lang)[2:]
    return event, state, unit, role, "".join(person), rule, said


def _read(files: Iterable[Path], columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
    for path in files:
        if path.exists():  # an older folder has none of cases
            for row in records(path):
                yield tuple(_typed(column.kind, row[column.name]) for column in columns)


def _typed(kind: Kind, text: str) -> Any:
    if kind is Kind.TEXT or not text:
        return text if kind is Kind.TEXT else None
    if kind is Kind.NUMBER:
        return int(text)
    return text == "true" if kind is Kind.FLAG else datetime.fromisoformat(text)


def _columns(names: Iterable[str], lang: str) -> list[Column]:
    return [Column(name, _title(name, lang), _KINDS.get(name, Kind.TEXT)) for name in names]


def _held(name: str) -> Kind:
    if name in ATTRIBUTE_OF:
        return Kind.TEXT if name in _CORRECTED else _HOLDING.get(ATTRIBUTE_OF[name].holds, Kind.TEXT)
    return _KINDS.get(name, Kind.TEXT)


def _title(name: str, lang: str) -> str:
    return say(f"title.{name}", lang)
