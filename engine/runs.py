"""A replay from files to a folder, and the folder read back: its rules, the log of any order."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypedDict

from paidan.engine import calendars
from paidan.engine.blame import Blame, blame_of
from paidan.engine.corrections import corrected
from paidan.engine.custody import Custody, custody_of
from paidan.engine.errors import InputError, NotFoundError, UsageError
from paidan.engine.export.columnar import need_pyarrow
from paidan.engine.export.run_folder import ADJUSTMENTS, CALENDAR, IN_PARQUET, POLICY, SUMMARY, UNITS
from paidan.engine.export.table import Encoding, Form, What, Written, chosen, save
from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.replayed import Row, Said, cases_in, logs_of, rows_of, said_of
from paidan.engine.intake.replayed_lives import lives_of
from paidan.engine.intake.rosters import read_roster
from paidan.engine.intake.tables import Rejected
from paidan.engine.ledger import Wanted, ledger
from paidan.engine.ledger_lines import Line
from paidan.engine.lives import Deadline, Life
from paidan.engine.masking import masked, masked_said
from paidan.engine.pingpong import RETURNED, PingPong, hops_of, pingpong
from paidan.engine.replay import Request, replay_apart
from paidan.engine.seen_cases import SeenCase, seen
from paidan.policies import editions
from paidan.policies.clocks import Verdict
from paidan.policies.directory import Filings
from paidan.policies.known import Known
from paidan.policies.loader import Document, load
from paidan.policies.registry import Books, document
from paidan.policies.roster import Roster
from paidan.policies.rulebook import Rulebook
from paidan.policies.score_schema import AdjustmentRule
from paidan.workflows.cases import about as about_of
from paidan.workflows.records import Entry


class Entered(TypedDict):
    """The part of a `Request` that comes from the files of units and of adjustments."""

    roster: Roster | None
    rejected: tuple[Rejected, ...]
    tables: Mapping[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What files are replayed and how, whatever the document; see `engine.replay.Request`."""

    logs: Sequence[Path]
    units: Path | None = None
    adjustments: Path | None = None
    enforce: bool = False
    as_recorded: bool = False
    as_of: datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    mapping: Path | None = None
    known_on: date | None = None
    parquet: bool = False


def replay_files(
    what: Replay, into: Mapping[str, Path], on_rejected: Callable[[Rejected], object] | None = None
) -> list[dict[str, Any]]:
    """
    Replay log files under each policy of `into` (name, or path of a folder), each into its folder.

    All in one reading, save for documents that allow other choices. A setting goes to the
    documents that have it. Gives the summaries in the order of `into`; rows of any file may be
    rejected, and are given to `on_rejected` too, for each policy. With `parquet` each folder gets its
    tables as Parquet beside, for other tools. Raises `InputError`, `MappingError`, `UnknownPolicyError`,
    `PolicyError`, and `SettingError` for a setting that no document has.
    """
    if what.parquet:
        need_pyarrow(next(iter(IN_PARQUET)))  # heard before a long replay
    found = [document(policy) for policy in into]
    for name, value in what.settings.items():
        if not any(name in one.settings for one in found):
            found[0].choose({name: value})
    requests = [_request(what, one, out) for one, out in zip(found, into.values(), strict=True)]
    if on_rejected is not None:
        requests = [replace(one, on_rejected=on_rejected) for one in requests]
    summaries = replay_apart(requests)
    if what.parquet:
        from paidan.engine.export.listings import parquet_beside  # noqa: PLC0415 - as below

        for folder in into.values():
            parquet_beside(folder)
    return summaries


def _request(what: Replay, found: Document, out: Path) -> Request:
    settings = {name: value for name, value in what.settings.items() if name in found.settings}
    return Request(
        logs=tuple(what.logs),
        document=found,
        out=out,
        settings=settings,
        enforce=what.enforce,
        as_recorded=what.as_recorded,
        as_of=what.as_of,
        known=calendars.known(what.known_on),
        mapping=None if what.mapping is None else read_mapping(what.mapping),
        **entered(found, settings, what.units, what.adjustments),
    )


def entered(
    found: Document, settings: Mapping[str, Any], units: Path | None, adjustments: Path | None
) -> Entered:
    """Read what is entered beside a log, as a document under its settings takes it."""
    rejected: list[Rejected] = []
    roster = None
    kept: dict[str, Path] = {}
    if units is not None:
        roster, faults = read_roster(units, found.pools)
        rejected += faults
        kept[UNITS] = units
    if adjustments is not None:
        rules = found.policy(found.versions[-1], settings)
        if rules.of(AdjustmentRule):
            rejected += read_adjustments(adjustments, rules, roster)[1]
        kept[ADJUSTMENTS] = adjustments
    return {"roster": roster, "rejected": tuple(rejected), "tables": kept}


class Run:
    """A replay folder. Raises `InputError` where it is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.summary: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError("run_missing", exit_code=5, folder=str(folder)) from None

    @cached_property
    def document(self) -> Document:
        """The document of the run, from its own copy of the rule files."""
        return load(self._pack / self.summary["policy"], self._pack / "settings.toml", checked=True)

    @cached_property
    def _pack(self) -> zipfile.Path:
        try:
            return zipfile.Path(self.folder / POLICY)
        except (OSError, zipfile.BadZipFile):
            raise InputError("run_missing", exit_code=5, folder=str(self.folder)) from None

    @cached_property
    def roster(self) -> Roster | None:
        """The units of the run, None where it had no units file."""
        units = self.folder / UNITS
        return read_roster(units, self.document.pools)[0] if units.exists() else None

    @cached_property
    def books(self) -> Books:
        """The rules of the run, with its settings and its roster."""
        return Books(self.document, self.summary["settings"], self.roster, self.known)

    @cached_property
    def known(self) -> Known:
        """What the calendar of the run knew; all that the library does where the folder does not say."""
        kept = self._pack / CALENDAR
        return editions.from_text(kept.read_text("utf-8") if kept.exists() else "")

    @property
    def as_of(self) -> datetime:
        """The time the verdicts of the run speak of."""
        return datetime.fromisoformat(self.summary["as_of"])

    def cases(self, about: str = "") -> list[SeenCase]:
        """Give the cases about an order or a unit, or all there are."""
        ids = [one for one in cases_in(self.folder) if about in ("", about_of(one))]
        return list(seen(self.log(one) for one in ids))

    def log(self, order_id: str) -> tuple[list[Entry], Rulebook]:
        """Give the log of an order and the rules that govern it; `NotFoundError` when it has none."""
        entries = _entries(rows_of(self.folder, order_id), said_of(self.folder, order_id))
        if not entries:
            raise NotFoundError("order_missing", order=order_id, place=str(self.folder))
        return entries, self.rules_of(entries)

    def tabulate(
        self, what: str, file: Path | str, *, form: str = "csv", encoding: str = "utf-8", lang: str = "zh"
    ) -> Written:
        """
        Write a table of the run to a file as `Engine.tabulate` does; not `entries`.

        A folder holds its log as the rules took it, not as it was told.
        """
        from paidan.engine.export import listings  # noqa: PLC0415 - who reads a run writes no tables

        asked = chosen(What, "what", what)
        if asked is What.entries:
            raise UsageError("export.run_entries", allowed=", ".join(one for one in What if one != asked))
        if asked is What.histories:
            sheet = listings.histories(self._governed(), Filings(), lang)
        else:
            sheet = listings.kept(self.folder, asked, lang)
        return save(
            sheet, Path(file), chosen(Form, "form", form), encoding=chosen(Encoding, "encoding", encoding)
        )

    def _governed(self) -> Iterator[tuple[list[Entry], Rulebook]]:
        """Give the log of every order, then of every case, with the rules that govern it."""
        for rows, said in logs_of(self.folder, lambda *_: True):
            entries = _entries(rows, said)
            yield entries, self.rules_of(entries)
        for one in cases_in(self.folder):
            yield self.log(one)

    def logs(self, event: str, times: int = 1) -> Iterator[list[Entry]]:
        """Give the logs that hold `event` so many times at least, in order of order id."""
        for rows, said in logs_of(
            self.folder, lambda rows, _: [row[2] for row in rows].count(event) >= times
        ):
            yield _entries(rows, said)

    def _wanted(self, wanted: Wanted) -> Iterator[tuple[list[Entry], Rulebook]]:
        def seen(rows: Sequence[Row], line: str) -> bool:
            said = partial(_says, line)
            return wanted(rows[0][0], {row[2] for row in rows}, said)

        for rows, said in logs_of(self.folder, seen):
            entries = _entries(rows, said)
            yield entries, self.rules_of(entries)

    def ledger(
        self, name: str, *, unit: str = "", month: str = "", open_only: bool = False
    ) -> tuple[Line, ...]:
        """Give the lines of a list that people work by, as of the end of the run; see `engine.ledger`."""
        return ledger(name, self.books, self._wanted, self.as_of, unit=unit, month=month, open_only=open_only)

    def custody(self, order_id: str) -> Custody:
        """Give who held an order when; `NotFoundError` when it has no log."""
        return custody_of(order_id, *self.log(order_id), self.as_of)

    def blame(self, order_id: str | None = None) -> tuple[Blame, ...]:
        """Give the overdues, of one order or of all, that an earlier unit had a part in."""
        logs = self.logs("dispatch", 2) if order_id is None else iter([self.log(order_id)[0]])
        return tuple(
            one for log in logs for one in blame_of(log[0].order_id, log, self.rules_of(log), self.as_of)
        )

    def pingpong(self, month: str = "") -> PingPong:
        """Give the returns between units in a month, or in the whole log."""
        return pingpong((hops_of(corrected(log)) for log in self.logs(RETURNED)), month)

    def lives(self) -> Iterator[Life]:
        """
        Give every order, then every case, whole, in order of id.

        Masked once more: a folder made before texts were masked holds them as they were.
        """
        settled = self.summary["order"] == "at"
        for rows, said, due in lives_of(self.folder):
            entries = [_masked(entry) for entry in _entries(rows, said)]
            yield Life(entries, [deadline(row) for row in due], self.rules_of(entries), settled)

    def rules_of(self, entries: Sequence[Entry]) -> Rulebook:
        """Give the rules that govern the order of a log."""
        return self.books.governing(entries[0].at.date())[0]


def _masked(entry: Entry) -> Entry:
    said = {
        name: masked_said(name, value) if type(value) is str else value
        for name, value in entry.attributes.items()
    }
    return entry._replace(actor=masked(entry.actor), attributes=said)


def deadline(row: Row) -> Deadline:
    """Read a row of `deadlines`."""
    order_id, rule, unit, kind, started_at, due_at, done_at, came_to, provisional, policy, clause = row
    started, due = datetime.fromisoformat(started_at), datetime.fromisoformat(due_at)
    done = datetime.fromisoformat(done_at) if done_at else None
    verdict = Verdict(came_to)
    return Deadline(
        order_id, rule, unit, kind, started, due, done, verdict, provisional == "true", policy, clause
    )


def _says(line: str, word: str) -> bool:
    return json.dumps(word, ensure_ascii=False) in line


def _entries(rows: Iterable[Row], said: Said) -> list[Entry]:
    return [
        Entry(
            order_id, int(seq), event, from_state, to_state, moment, moment, actor, role, unit, rule, note,
            said.get(seq, {}),
        )
        for order_id, seq, event, from_state, to_state, at, actor, role, unit, rule, note in rows
        for moment in [datetime.fromisoformat(at)]
    ]  # fmt: skip
