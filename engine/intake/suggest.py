"""
A mapping file proposed for a file that is read in part or not at all: names first, then what cells say.

What is certain is to be active, what is not to be commented out with its reason. Of a file of any length
2,000 rows are looked at as a whole, and of columns with words of a list the different words are counted.
No cell of a column that may speak of a person is ever proposed or shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.errors import InputError
from paidan.engine.intake import wide as wide_form
from paidan.engine.intake.dressed import STANDARD
from paidan.engine.intake.forms import open_plain
from paidan.engine.intake.likeness import NEAR, likeness, near_choice, near_event, plain
from paidan.engine.intake.mapping import OWN
from paidan.engine.intake.profile import Profile, meant, own_of, profiles
from paidan.engine.intake.synonyms import HEADERS, TIMES
from paidan.engine.intake.tables import Table, fitted
from paidan.engine.intake.values import event_names
from paidan.engine.masking import masked
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, Holds

_SAMPLED = 2000
_WORDS = 300
"""Different words of a column that are counted."""
_FEW = 50
"""Cells up to which a word that stands there once may be one of a list."""
_LONGEST = 100
"""Characters of a word that is proposed."""
_CLOSE = 0.75
"""How near a name must be to be certain where the cells agree."""
_LONG_ONLY = frozenset(("event", "at", "recorded_at"))
_ENDS = ("resolve", "close")

Target = str | tuple[str, ...]
"""A column of ours, or the events whose time a column tells."""


class Line(NamedTuple):
    """A line of the mapping file: active where it is certain; `why` names a sentence of `engine.messages`."""

    table: str
    key: str
    value: Target
    certain: bool
    why: str
    details: Mapping[str, Any]


@dataclass(slots=True)
class Suggestion:
    """What is proposed for a file: its lines, the headers nothing is known of, the offsets of its times."""

    name: str
    wide: bool
    lines: list[Line] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    offsets: set[str] = field(default_factory=set)

    def add(
        self, table: str, key: str, value: Target, why: str, *, certain: bool = False, **details: Any
    ) -> None:
        """Propose a line."""
        if masked(key) == key:  # a file without a header has cells where names should be
            self.lines.append(Line(table, key, value, certain, f"suggest.{why}", details))


def suggest(path: Path) -> Suggestion:
    """
    Propose how a file is to be read.

    Raises `InputError` for one that cannot be opened, breaks off, or has no row of headers.
    """
    return _Proposal(open_plain(path)).made()


class _Proposal:
    """One file looked at, and who says what in it: `says` by the place of a column."""

    def __init__(self, table: Table) -> None:
        rows = (fitted(table, number, one) for number, one in table.numbered() if isinstance(one, list))
        sample = [one for one in islice(rows, _SAMPLED) if isinstance(one, list)]
        self._table = table
        looks = profiles(table.header, sample)
        if any(one.bare for one in looks):
            raise InputError("suggest.no_header", file=table.name)
        often = Counter(wide_form.squeezed(name) for name in table.header)
        self._single = [one for one in looks if one.header and often[wide_form.squeezed(one.header)] == 1]
        self._wide = not any(_is_activity(one) for one in self._single)
        self._said: dict[int, Target] = {}
        self._claimed: dict[Target, str] = {}
        self._made = Suggestion(table.name, self._wide)

    def made(self) -> Suggestion:
        """Propose columns, then values and activities, then what is needed besides."""
        for one in self._single:
            if (target := self._read_already(one.header)) is not None:
                self._claim(one, target)
        named = [(one, *self._nearest(one.header)) for one in self._single if one.place not in self._said]
        for one, target, score in sorted(named, key=lambda each: -each[2]):
            if target is not None:
                self._propose(one, target, score)
        for one, target, _ in named:
            if target is None:
                self._by_cells(one)
        if self._wide:
            self._both_ends()
        self._words()
        self._made.offsets = {
            offset
            for one in self._single
            if isinstance(self._said.get(one.place), tuple) or self._said.get(one.place) == "at"
            for offset in one.offsets
        }
        return self._made

    def _read_already(self, header: str) -> Target | None:
        """Give what a header is read as without any mapping."""
        name = wide_form.squeezed(header)
        if not self._wide:
            name = STANDARD.get(header, header)
            name = header if name in self._table.header else name
            return name if name in (*OWN, *ATTRIBUTE_OF, *IDENTITY) else None
        if name in wide_form.TIMES:
            return wide_form.TIMES[name]
        if name in (*ATTRIBUTE_OF, *IDENTITY, "unit", "actor", "role", "order_id"):
            return name
        return next((ours for ours, names in wide_form.COLUMNS.items() if name in names), None)

    def _nearest(self, header: str) -> tuple[Target | None, float]:
        """Give what a header is called most like, and how much."""
        best: tuple[float, Target | None] = (0.0, None)
        targets: list[tuple[Target, Sequence[str]]] = [*HEADERS.items(), *TIMES.items()]
        for target, names in targets:
            if self._wide and target in _LONG_ONLY:
                continue
            score = max(likeness(plain(header), name) for name in names)
            if score > best[0]:
                best = (score, target)
        return (best[1], best[0]) if best[0] >= NEAR else (None, 0.0)

    def _claim(self, one: Profile, target: Target) -> None:
        self._said[one.place] = target
        self._claimed.setdefault(target, one.header)

    def _propose(self, one: Profile, target: Target, score: float) -> None:
        """Propose what a header is called like: certain where nothing speaks against it."""
        table = "times" if isinstance(target, tuple) else "columns"
        fits = one.times or not one.counts if isinstance(target, tuple) else one.fits(target)
        if target in self._claimed:
            if target not in IDENTITY:
                self._made.add(table, one.header, target, "taken", by=self._claimed[target])
            return
        exact = score == 1.0
        certain = fits is not False and (exact or (score >= _CLOSE and fits is True))
        if table == "times" and not self._wide:
            certain = False  # a long log tells events itself
        if certain:
            self._claim(one, target)
        why = "named" if exact else "like"
        why = "unfit" if fits is False else "identity" if target in IDENTITY else why
        self._made.add(table, one.header, target, why, certain=certain, examples=_examples(one, target))

    def _by_cells(self, one: Profile) -> None:
        """Propose what the cells of a header look like that is called like nothing we know."""
        alone = [each for each in self._single if each.unique and each.place not in self._said]
        if one.unique and "order_id" not in self._claimed and one.identity not in ("phone", "caller"):
            certain = alone == [one]
            if certain:
                self._claim(one, "order_id")
            self._made.add("columns", one.header, "order_id", "unique", certain=certain)
        elif one.times:
            self._made.add("times", one.header, ("note",), "times", examples=_examples(one, ("note",)))
        elif name := one.identity:
            certain = name == "phone" and name not in self._claimed
            if certain:
                self._claim(one, name)
            if certain or name not in self._claimed:
                self._made.add("columns", one.header, name, "identity_like", certain=certain)
        elif (name := one.says) and name not in self._claimed:
            self._made.add("columns", one.header, name, "says", examples=_examples(one, name))
        elif "order_id" in self._claimed and masked(one.header) == one.header:
            self._made.unread.append(one.header)

    def _both_ends(self) -> None:
        """Have the one end that a file tells tell both, as it would without a mapping of times."""
        ends = [one for one in _ENDS if (one,) in self._claimed]
        if len(ends) == 1 and any(line.certain and line.table == "times" for line in self._made.lines):
            header = self._claimed[ends[0],]
            self._made.lines = [
                one for one in self._made.lines if not (one.table == "times" and one.key == header)
            ]
            self._made.add("times", header, _ENDS, "both_ends", certain=True)

    def _words(self) -> None:
        """Propose what the words of lists, and the activities of a long log, mean."""
        listed = {
            one: target
            for one in self._single
            if isinstance(target := self._said.get(one.place), str) and _has_words(target)
        }
        counted = self._counted([one.place for one in listed])
        for one, name in listed.items():
            words = counted[one.place]
            if name == "event":
                self._activities(words)
            elif self._claimed[name] == one.header:
                self._values(one.header, name, words)

    def _counted(self, places: Sequence[int]) -> dict[int, Counter[str]]:
        """Count the different words of some columns in the whole file, save those that name somebody."""
        people = [
            (one.place, one.identity) for one in self._single if one.identity and one.place not in places
        ]
        people += [
            (at, said) for at, said in self._said.items() if isinstance(said, str) and said in IDENTITY
        ]
        found: dict[int, Counter[str]] = {place: Counter() for place in places}
        hidden: set[str] = set()
        for _, row in self._table.numbered():
            if not isinstance(row, list):
                continue
            for place in places:
                text = row[place].strip() if place < len(row) else ""
                words = found[place]
                if text in words:
                    words[text] += 1
                elif text and text not in hidden and len(words) < _WORDS and len(text) <= _LONGEST:
                    if masked(text, own_of(people, row)) == text and text not in own_of(people, row).values():
                        words[text] = 1
                    elif len(hidden) < _WORDS:
                        hidden.add(text)
        return found

    def _values(self, header: str, name: str, words: Counter[str]) -> None:
        if sum(words.values()) and len(words) > _WORDS // 6:  # no list of words
            return
        certain = False
        for text, count in words.most_common():
            ours = meant(name, text)
            if self._wide and name == "case_type" and ours:
                continue  # which that form reads by itself
            if ours is None and count == 1 and words.total() > _FEW:
                continue  # no word of a list, perhaps what somebody is called
            if ours == text or (ours == "" and self._wide and text in ("?", "？", "未评价")):
                continue
            certain = certain or ours is not None
            near = ours if ours is not None else near_choice(name, text)
            why = "value" if ours is not None else "value_like"
            self._made.add(f"values.{name}", text, near, why, certain=ours is not None, count=count)
        renamed = any(
            one.table == "columns" and one.key == header and one.certain for one in self._made.lines
        )
        if certain and not renamed and header != name:
            self._made.add("columns", header, name, "for_values", certain=True)

    def _activities(self, words: Counter[str]) -> None:
        known = event_names()
        for text, count in words.most_common():
            if text not in known:
                event, score = near_event(text)
                why = "activity" if score == 1.0 else "activity_like"
                self._made.add("events", text, event, why, certain=score == 1.0, count=count)


def _is_activity(one: Profile) -> bool:
    """Whether a column tells which event a row is: by its name, or the name that a standard gives it."""
    named = one.header in ("event", "concept:name") or plain(one.header) in HEADERS["event"]
    return named and not one.times


def _has_words(name: str) -> bool:
    holds = ATTRIBUTE_OF[name].holds if name in ATTRIBUTE_OF else None
    return name == "event" or holds in (Holds.FLAG, Holds.CHOICE)


def _examples(one: Profile, target: Target) -> tuple[str, ...]:
    """Give cells to show: times and words of lists only."""
    if isinstance(target, tuple) or one.times:
        return tuple(islice((text for text in one.counts if one.times), 2))
    return tuple(islice(_listed(one, target), 4)) if _has_words(target) and target != "event" else ()


def _listed(one: Profile, name: str) -> Iterator[str]:
    return (text for text, _ in one.counts.most_common() if meant(name, text))
