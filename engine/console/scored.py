"""What the pages of a scored period share: which period, what is shown of it, waiting until it is scored."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from markupsafe import Markup

from paidan.engine.console.pages import page
from paidan.engine.errors import UsageError
from paidan.engine.faults import sentences
from paidan.engine.http.callers import Caller
from paidan.engine.http.scores import Asked
from paidan.engine.report import draw
from paidan.engine.report.facts import Shown, shown_of
from paidan.engine.report.ranking import HISTORY
from paidan.engine.report.sections import NAMED_ORDERS, Sections
from paidan.engine.report.standing import Class, Row
from paidan.engine.scores import Answer, Snapshot
from paidan.engine.scoring.note_text import note_text
from paidan.policies.scoring.periods import month_before, months_between
from paidan.policies.scoring.records import month_of

T = TypeVar("T")

_PATIENCE_SECONDS = 0.2


class Told(NamedTuple):
    """What is shown of a period, the months of the log, and the sections as they were drawn."""

    shown: Shown
    months: tuple[str, ...]
    drawn: dict[tuple[str, str], Markup]

    def page(self, lang: str) -> "MonthPage":
        """Give what the templates ask; a section is drawn once in each language."""
        return MonthPage(self.shown, lang, self.drawn)


@dataclass(frozen=True)
class MonthPage(Sections):
    """The sections with links: a unit to its sheet, an order to its page; `kept` are those drawn before."""

    kept: dict[tuple[str, str], Markup]

    def drawn(self, name: str) -> Markup:
        """Draw a section, or give it as it was drawn before."""
        key = self.lang, name
        if key not in self.kept:
            self.kept[key] = super().drawn(name)
        return self.kept[key]

    def unit(self, name: str) -> str:
        """Name a unit as a link to its sheet."""
        href = f"/month/{quote(name, safe='')}?{query(self.facts.period.name)}"
        return Markup('<a href="{}">{}</a>').format(href, name)

    def order(self, order_id: str) -> str:
        """Name an order as a link to its page."""
        return Markup('<a href="/orders/{}">{}</a>').format(quote(order_id, safe=""), order_id)

    @property
    def moves(self) -> str:
        """Say how the places are drawn."""
        return self.say("console.month_spark") if self._several else super().moves

    def shift(self, row: Row, one: Class) -> Markup:
        """Draw a unit's places over the months there are, of two its place before and now."""
        return draw.spark(row.ranks, one.last_rank) if self._several else super().shift(row, one)

    @property
    def _several(self) -> bool:
        return any(len(one.months) >= HISTORY for one in self.facts.classes)

    def named(self, orders: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """Name the first of many orders; the others stand on the sheet of their unit."""
        return orders[:NAMED_ORDERS], ()

    @property
    def notes(self) -> list[tuple[bool, str]]:
        """What is to know, and whether something could not be counted."""
        return [(one.lacks, note_text(one, self.lang)) for one in self.facts.told.notes]


def query(name: str, **more: str | int) -> str:
    """Write a period as the query of an address."""
    span = "month" if "-" in name else "quarter" if "Q" in name else "year"
    return urlencode({span: name, **{key: value for key, value in more.items() if value}})


def wanted(caller: Caller, asked: Asked) -> str:
    """Name the period asked for, else the last whole month, marked: the nearest that the log has will do."""
    if not (asked.month or asked.quarter or asked.year):
        return f"<{month_before(month_of(caller.engine.now()))}"
    return asked.name


def ask(caller: Caller, key: tuple[Hashable, ...], make: Callable[[Snapshot], T]) -> Answer[T] | None:
    """Give what is made of the scores, None where it is not yet."""
    return caller.engine.scores.ask(key, make, patience=_PATIENCE_SECONDS)


def waiting(request: Request, caller: Caller) -> Response:
    """Say how far the log is read; the page asks again by itself."""
    progress = caller.engine.scores.progress
    return page(request, "month_wait.html.j2", caller, 202, progress=progress, text="")


def nothing(request: Request, caller: Caller, error: UsageError, asked: Asked) -> Response:
    """Say why there is nothing to show: of what was asked for, or at all."""
    text = "\n".join(sentences(error, caller.lang))
    status = 400 if asked.month or asked.quarter or asked.year else 200
    return page(request, "month_wait.html.j2", caller, status, progress=None, text=text)


def told_of(of: Snapshot, name: str) -> Told:
    """Give what is shown of a period of a snapshot; raises as `engine.scoring.score`."""
    scorings, last = of.scorings({}), of.run.last_month
    scoring = scorings.of(last if name.startswith("<") else name)
    first = scoring.first_month or last
    if name.startswith("<"):
        return told_of(of, min(max(name[1:], first), last))
    return of.once(
        ("month", name), lambda: Told(shown_of(of.run, scoring, name), months_between(first, last), {})
    )
