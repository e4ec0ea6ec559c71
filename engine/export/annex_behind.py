"""The sheets of an annex with what stands behind the scores: consequences, evidence, exclusions, readings."""

from collections.abc import Iterator, Sequence

from paidan.engine.export.annex_told import Annex, Line, Told
from paidan.engine.export.printed import Cell
from paidan.engine.intake.tables import Rejected
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, holders, role_label
from paidan.engine.scoring.consequence_text import because
from paidan.engine.scoring.lineage_text import adjustment_why, line_why
from paidan.engine.scoring.note_text import NAMED, note_text
from paidan.policies.reader import shown
from paidan.policies.schema import ExclusionRule, FindingRule
from paidan.policies.scoring.consequences import Consequence
from paidan.policies.scoring.lineage import order_lines
from paidan.policies.scoring.results import UnitScore
from paidan.workflows.attributes import EXCLUSIONS
from paidan.workflows.records import BEIJING

_CONSEQUENCES = (
    ("unit", 16, "text"), ("consequence", 18, "text"), ("of", 12, "text"), ("rule", 9, "label"),
    ("clause", 20, "text"), ("because", 34, "text"), ("trail", 20, "text"), ("orders", 20, "text"),
    ("held_by", 16, "text"), ("attends", 14, "text"), ("held_at", 12, "day"), ("held_points", 7, "plain"),
)  # fmt: skip
_EVIDENCE = (
    ("unit", 16, "text"), ("item", 18, "text"), ("rule", 9, "label"), ("order", 18, "text"),
    ("within", 7, "label"), ("weight", 7, "plain"), ("because", 46, "text"), ("seq", 6, "count"),
    ("event", 14, "label"), ("time", 20, "moment"),
)  # fmt: skip
_EXCLUSIONS = (
    ("unit", 20, "text"), ("total_before", 10, "points"), ("total_after", 10, "points"),
    ("gained", 10, "signed"), ("place_before", 8, "count"), ("place_after", 8, "count"),
    ("changed_item", 24, "text"), ("item_before", 10, "points"), ("item_after", 10, "points"),
    ("orders_count", 8, "count"),
)  # fmt: skip
_LEFT_OUT = (
    ("unit", 18, "text"), ("order", 20, "text"), ("counted", 8, "label"), ("rule", 9, "label"),
    ("clause", 20, "text"), ("situation", 22, "text"), ("items", 30, "text"), ("asked_at", 20, "moment"),
    ("decided_at", 20, "moment"),
)  # fmt: skip
_SETTINGS = (
    ("setting", 30, "text"), ("value", 28, "text"), ("changed", 8, "label"), ("readings", 40, "text"),
    ("reason", 50, "text"),
)  # fmt: skip
_NOTES = (("number", 8, "count"), ("what", 110, "text"), ("lacks", 12, "label"))


def sheets(annex: Annex) -> Iterator[Told]:
    """Give the sheets; those of exclusions only where the document knows any."""
    t, period = annex.t, annex.period
    yield _told(annex, "consequences", _CONSEQUENCES, list(_consequences(annex)))
    yield Told(
        t("sheet.evidence"), t("holds.evidence"), t("title.evidence", period=period),
        annex.columns(_EVIDENCE),
        (line for unit in annex.units for line in _evidence(annex, unit)),
    )  # fmt: skip
    if annex.told.policy.of(ExclusionRule) or any(rule.items for rule in annex.told.policy.of(FindingRule)):
        yield _told(annex, "exclusions", _EXCLUSIONS, list(_exclusions(annex)))
        yield _told(annex, "left_out", _LEFT_OUT, list(_left_out(annex)))
    yield Told(
        t("sheet.settings"),
        t("holds.settings"),
        t("title.settings"),
        annex.columns(_SETTINGS),
        list(_settings(annex)),
    )
    yield _told(annex, "notes", _NOTES, list(_notes(annex)))


def _told(
    annex: Annex, name: str, columns: tuple[tuple[str, float, str], ...], lines: Sequence[Line | str]
) -> Told:
    t = annex.t
    return Told(
        t(f"sheet.{name}"), t(f"holds.{name}"), t(f"title.{name}", period=annex.period),
        annex.columns(columns), lines or [t("nothing")],
    )  # fmt: skip


def _consequences(annex: Annex) -> Iterator[Line]:
    for one in annex.told.consequences:
        talk, held = one.talk, one.held
        yield Line([
            one.unit, annex.kind(one.rule.kind), annex.both(_lost(annex, name) for name in one.rule.loses),
            one.rule.rule, one.rule.clause, because(one, annex.told.policy, annex.lang), _trail(annex, one),
            "\n".join(one.orders),
            annex.both(holders(who, annex.lang) for who in talk.held_by) if talk else "",
            annex.both(role_label(who, annex.lang) for who in talk.attends) if talk else "",
            held.adjustment.at.astimezone(BEIJING).date() if held else "", held.points if held else "",
        ])  # fmt: skip


def _lost(annex: Annex, name: str) -> str:
    try:
        return say(f"report.lost.{name}", annex.lang)
    except KeyError:
        return name


def _trail(annex: Annex, one: Consequence) -> str:
    return "\n".join(
        say("because.step", annex.lang, period=step.period, rank=step.rank, among=step.among)
        for step in one.trail
    )


def _evidence(annex: Annex, unit: UnitScore) -> Iterator[Line]:
    """Open each item of a unit to its orders, a line an entry; order and weight stand in the first."""
    scoring, months = annex.told.scoring, annex.told.score.months
    for item in annex.card.items_of(unit.pool):
        head = (unit.unit, annex.words(item), item.rule)
        for line in order_lines(scoring, months, unit.unit, item):
            told = [line.order_id, annex.flag(line.within), line.weight, line_why(line, annex.lang)]
            if not line.causes:
                yield Line([*head, *told, None, None, None])
            for cause in line.causes:
                yield Line([*head, *told, cause.seq, event_label(cause.event, annex.lang), cause.at])
                told = [line.order_id, "", "", ""]
        for entered in unit.adjustments:
            if entered.rule.code in {item.code, *item.codes}:
                one = entered.adjustment
                yield Line([
                    *head, one.order_id, "", entered.points, adjustment_why(entered, annex.lang), None,
                    annex.words(entered.rule), one.at,
                ])  # fmt: skip


def _exclusions(annex: Annex) -> Iterator[Line]:
    comparison = annex.asides.comparison
    for change in comparison.changes if comparison else ():
        before, after = change.before, change.after
        pool = next((one.pool for one in (after, before) if one), None)
        told = [
            change.unit, before.total if before else None, after.total if after else None, change.gained,
            before.rank if before else None, after.rank if after else None,
        ]  # fmt: skip
        if not change.items:
            yield Line([*told, "", "", "", ""])
        for item in change.items:
            found = annex.card.item(item.name, pool)
            kind = "percent" if found is not None and found.points is None else "points"
            yield Line([
                *told, annex.item(item.name, pool), Cell(kind, item.before), Cell(kind, item.after),
                len(item.orders),
            ])  # fmt: skip


def _left_out(annex: Annex) -> Iterator[Line]:
    for one in annex.asides.left_out:
        asked = one.asked
        yield Line([
            one.unit, one.record.order_id, annex.t("yes"), one.rule, annex.clause(one.rule),
            _situation(annex, asked.situation) if asked else "",
            annex.both(annex.item(name, one.pool) for name in one.items),
            asked.at if asked else None, asked.decided_at if asked else None,
        ])  # fmt: skip
    for refused in annex.asides.refused:
        yield Line([
            refused.unit, refused.order_id, annex.t("no"), "", "", _situation(annex, refused.asked.situation),
            say(f"report.why.{refused.because}", annex.lang), refused.asked.at, refused.asked.decided_at,
        ])  # fmt: skip


def _situation(annex: Annex, name: str) -> str:
    return EXCLUSIONS.get(name, name) if annex.lang == "zh" else name.replace("_", " ")


def _settings(annex: Annex) -> Iterator[Line]:
    document, policy = annex.run.document, annex.told.policy
    for one in document.settings.values():
        if not one.planned and one.name not in document.unread:
            yield Line([
                one.name, shown(policy.settings[one.name]), annex.flag(one.name in policy.changed),
                " | ".join(shown(reading) for reading in one.readings), one.why,
            ])  # fmt: skip


def _notes(annex: Annex) -> Iterator[Line]:
    """Tell what is to know; of a list that its sentence does not name whole, every row and order."""
    for number, note in enumerate(annex.told.notes, start=1):
        yield Line([number, note_text(note, annex.lang), annex.flag(note.lacks)])
        lists = [value for value in note.details.values() if isinstance(value, tuple)]
        for told in (one for value in lists if len(value) > NAMED for one in value):
            row = (
                say("note.row", annex.lang, row=told.row, why=say(told.code, annex.lang, **told.details))
                if isinstance(told, Rejected)
                else str(told)
            )
            yield Line([Cell("text", ""), row, ""])
