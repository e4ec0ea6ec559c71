"""A report as one HTML page: what its templates ask for, and the page itself."""

from dataclasses import dataclass

from paidan.engine.export.run_folder import REJECTED
from paidan.engine.messages import say
from paidan.engine.report.facts import Facts
from paidan.engine.report.lateness import Judged
from paidan.engine.report.sections import Sections, environment
from paidan.engine.report.sentences import sentences
from paidan.engine.scoring.note_text import note_text
from paidan.policies.reader import shown
from paidan.policies.scoring.periods import days_of

_SECTIONS = (
    "overview", "ranks", "rates", "late", "losses", "follows", "adjustments", "left_out", "look", "next",
    "made",
)  # fmt: skip
_HEAT = ((0, 1), (5, 2), (10, 3), (20, 4), (40, 5))
"""Of a share in percent, the darkness of what lies above it."""


@dataclass(frozen=True)
class Page(Sections):
    """What the templates may ask; `command` makes the report again, `explain` tells of a point."""

    facts: Facts
    command: str
    explain: str

    # ---- head ------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The report's title."""
        asked = self.facts.period
        return self.t(f"title.{asked.span}", period=self.period(asked.name))

    @property
    def sentences(self) -> list[str]:
        """What there is to say, in at most five sentences or so."""
        return list(sentences(self.facts, self.lang))

    @property
    def days(self) -> str:
        """The first and last day of the period."""
        months = self.facts.period.months
        return self.t("from_to", first=days_of(months[0])[0], last=days_of(months[-1])[1])

    @property
    def compared(self) -> str:
        """What the period is compared with."""
        before = self.facts.before
        if before is None:
            return self.t("compared_none")
        name = self.period(before.score.period.name)
        return name if before.since is None else self.t("compared_since", period=name, since=before.since)

    @property
    def notes(self) -> list[tuple[bool, str]]:
        """What is to know, and whether something could not be counted."""
        told = [(one.lacks, note_text(one, self.lang)) for one in self.facts.told.notes]
        if rejected := self.facts.summary["rejected_rows"]:
            told.append((True, say("cli.rejected", self.lang, count=rejected, file=REJECTED)))
        return told

    @property
    def versions(self) -> list[str]:
        """The versions that govern the orders of the run."""
        return [
            self.t("version_orders", version=name, count=count)
            for name, count in self.facts.summary["versions"].items()
        ]

    @property
    def settings(self) -> list[tuple[str, str, str]]:
        """Every setting that is not the default: name, value, why there is a choice."""
        known = self.facts.document.settings
        return [
            (name, shown(value), known[name].why) for name, value in self.facts.told.score.settings.items()
        ]

    @property
    def inputs(self) -> list[str]:
        """The files of the run."""
        return [
            self.t("input", name=one["name"], rows=one["rows"], digest=one["sha256"][:12])
            for one in self.facts.summary["inputs"]
        ]

    @property
    def contents(self) -> list[tuple[str, str]]:
        """The sections of the page by anchor."""
        names = [one for one in _SECTIONS if one != "ranks" or self.facts.weighted]
        month = self.period(self.facts.next_month)
        return [(name, self.t(name, period=month) if name == "next" else self.t(name)) for name in names]

    # ---- heat ------------------------------------------------------------------------------------

    def heat(self, cell: Judged | None) -> str:
        """Name the darkness of a cell by the share that was missed."""
        if cell is None or not cell.of:
            return "h0"
        level = 0
        for least, darkness in _HEAT:
            if 100 * cell.missed > least * cell.of:
                level = darkness
        return f"h{level}"

    @property
    def scale(self) -> list[tuple[str, str]]:
        """The darkness of cells and the shares they stand for."""
        most = [str(least) for least, _ in _HEAT[1:]]
        texts = ["0", *(f"≤{one}%" for one in most), f">{most[-1]}%"]
        return [(f"h{at}", text) for at, text in enumerate(texts)]


def render(facts: Facts, *, lang: str = "zh", command: str = "", explain: str = "") -> str:
    """
    Write a report as one HTML page that asks nothing of anybody: no script, no file, no font.

    `command` is what makes it again, `explain` what explains a point of it.
    """
    page = Page(facts, lang, command, explain)
    return environment().get_template("page.html.j2").render(page=page, facts=facts, t=page.t)
