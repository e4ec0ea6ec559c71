"""The lines of a list in words, and as plain values."""

from collections.abc import Callable, Mapping
from datetime import datetime
from shlex import join
from typing import Any, NamedTuple

from paidan.engine.custody_told import span_text
from paidan.engine.ledger_lines import COLUMNS, Line
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, moment, reason, role_label, said_value, state_label


class Amiss(NamedTuple):
    """What is amiss, by which rule and clause."""

    rule: str
    clause: str
    text: str


def names_of(name: str) -> tuple[str, ...]:
    """Name the columns of a list."""
    asked = () if name == "repeats" else ("due_at", "done_at", "came_to", "late_by")
    last = ("proposed",) if name == "repeats" else ("findings",)
    return ("order", "unit", "state", "listed_at", *COLUMNS[name], *asked, *last, "rule")


def row(line: Line, name: str, db: str, lang: str) -> tuple[str, ...]:
    """Write a line as cells, one for each column."""
    told = _told(line, lang)
    cells = {
        "order": line.order_id,
        "unit": line.unit,
        "state": state_label(line.state, lang),
        "listed_at": moment(line.since),
        "due_at": _moment(line.due_at),
        "done_at": _moment(line.done_at),
        "came_to": say(f"verdict.{line.came_to}", lang) if line.came_to else "",
        "late_by": span_text(line.late_by, lang) if line.late_by else "",
        "findings": say("list", lang).join(told_text(one, lang) for one in findings_of(line, lang)),
        "proposed": command_text(line, db),
        "rule": f"{line.rule.rule} {line.rule.clause}",
        **told,
    }
    return tuple(cells[one] for one in names_of(name))


def findings_of(line: Line, lang: str) -> list[Amiss]:
    """Give rule, clause and sentence of all that is amiss."""
    return [Amiss(one.rule, one.clause, reason(one, line.rules, lang)) for one in line.findings]


def told_text(one: Amiss, lang: str) -> str:
    """Write what is amiss with what says so."""
    return say("live.reason", lang, **one._asdict())


def command_of(line: Line) -> tuple[str, ...]:
    """Give the arguments of `submit` for what is proposed; empty where nothing is."""
    proposal = line.proposal
    if proposal is None:
        return ()
    said = [f"{name}={value}" for name, value in proposal.said.items()]
    role = [f"role={proposal.roles[0]}"] if proposal.roles else []
    return line.order_id, proposal.event, *said, *role


def command_text(line: Line, db: str) -> str:
    """Write the command for what is proposed, to be typed as it stands."""
    command = command_of(line)
    return join(("paidan", "submit", *command, "--db", db)) if command else ""


def plain(line: Line, lang: str) -> dict[str, Any]:
    """Give a line as values for JSON: times with their offset, spans in seconds."""
    return {
        "order_id": line.order_id,
        "unit": line.unit,
        "state": line.state,
        "rule": line.rule.rule,
        "clause": line.rule.clause,
        "since": line.since.isoformat(),
        "due_at": _plain(line.due_at),
        "done_at": _plain(line.done_at),
        "came_to": line.came_to,
        "late_seconds": int(line.late_by.total_seconds()) if line.late_by else None,
        "over": line.over,
        **{name: _plain(value) for name, value in line.told.items()},
        "findings": [
            {"rule": one.rule, "clause": one.clause, "reason": one.text} for one in findings_of(line, lang)
        ],
        "submit": list(command_of(line)) or None,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _told(line: Line, lang: str) -> dict[str, str]:
    return {name: _WRITTEN.get(name, said_value)(name, value, lang) for name, value in line.told.items()}


def _moment(at: datetime | None) -> str:
    return moment(at) if at else ""


def _instant(name: str, value: datetime | None, lang: str) -> str:  # noqa: ARG001 - one shape for all
    return _moment(value)


def _event(name: str, value: str, lang: str) -> str:  # noqa: ARG001
    return event_label(value, lang)


def _role(name: str, value: str, lang: str) -> str:  # noqa: ARG001
    return role_label(value, lang)


def _of(name: str, value: tuple[int, int], lang: str) -> str:  # noqa: ARG001
    return f"{value[0]}/{value[1]}"


def _several(name: str, value: tuple[str, ...], lang: str) -> str:  # noqa: ARG001
    return say("comma", lang).join(filter(None, value))


_WRITTEN: Mapping[str, Callable[[str, Any, str], str]] = {
    "event": _event, "last_event": _event, "named_by": _role, "parts": _of, "talks": _of,
    "goals": _several, "risk_mark": _several, "orders": _several, "assisting": _several, "silent": _several,
    "signed_at": _instant, "reached_at": _instant, "answered_at": _instant, "named_at": _instant,
    "last_at": _instant,
}  # fmt: skip
"""How a cell is written whose value is no text, number or choice by its own name."""
