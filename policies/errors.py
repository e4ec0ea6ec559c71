"""What can go wrong while a policy or its calendar is consulted."""

from dataclasses import dataclass
from datetime import date

from paidan.workflows.errors import PaidanError


class CalendarHorizonError(PaidanError):
    """
    A calendar told to refuse unknown years was asked about a day no notice covers yet.

    `on` is that day, `edition` the calendar, `known_from_on` and `horizon_on` its first and
    last known day. Source: setting `cal.unknown_year = refuse`.
    """

    def __init__(self, on: date, *, edition: str, known_from_on: date, horizon_on: date) -> None:
        super().__init__(
            f"calendar '{edition}' knows {known_from_on}..{horizon_on}, but {on} was needed: "
            f"install a chinese-calendar release that carries {on.year}, "
            "or set cal.unknown_year = provisional"
        )
        self.on = on
        self.edition = edition
        self.known_from_on = known_from_on
        self.horizon_on = horizon_on


class CalendarRangeError(PaidanError):
    """
    A calendar was asked about a day outside the years any calendar answers for.

    `on` is that day, `first_on` and `last_on` the bounds. Mostly a mistyped year in the
    data, or a count of working days far beyond any limit in a policy.
    """

    def __init__(self, on: date, *, first_on: date, last_on: date) -> None:
        super().__init__(
            f"{on} lies outside {first_on}..{last_on}, the days a working calendar answers for: "
            "check the year of the date and the number of working days"
        )
        self.on = on
        self.first_on = first_on
        self.last_on = last_on


@dataclass(frozen=True, slots=True)
class Mistake:
    """
    One mistake in a policy folder or a choice of settings, as a value.

    `code` names a sentence of `engine.messages`; `file`, `where` (rule or setting) and `key` say
    where it stands, `value` what was found, `allowed` what may stand there, `nearest` the name
    that was probably meant.
    """

    code: str
    file: str = ""
    where: str = ""
    key: str = ""
    value: str = ""
    allowed: tuple[str, ...] = ()
    nearest: str = ""

    def __str__(self) -> str:
        place = " ".join(part for part in (self.file, self.where, self.key) if part)
        text = f"{place}: {self.code}" + (f" {self.value!r}" if self.value else "")
        if self.allowed:
            text += f"; allowed: {', '.join(self.allowed)}"
        return text + (f"; did you mean {self.nearest!r}?" if self.nearest else "")


class PolicyError(PaidanError):
    """A policy folder that cannot be used, with every mistake found in it (its author's error)."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("; ".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class UnknownPolicyError(PaidanError):
    """No document of that name and no folder at that path (the caller's error)."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"unknown policy {name!r}; known: {', '.join(known)}, or a path to a folder")
        self.name = name
        self.known = known


class SettingError(PaidanError):
    """A setting that does not exist, or a value it cannot take (the caller's error)."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(str(mistake))
        self.mistake = mistake


class UnknownRuleError(PaidanError):
    """A rule id that no row of the policy cites (the caller's error)."""

    def __init__(self, rule: str, nearest: str) -> None:
        super().__init__(f"unknown rule {rule!r}" + (f"; did you mean {nearest!r}?" if nearest else ""))
        self.rule = rule
        self.nearest = nearest
