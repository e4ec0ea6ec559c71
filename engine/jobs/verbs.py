"""
What a job does with the files in its folder: look at them, replay them, score, set beside other rules.

Everything here reads and writes in the folder it stands in, and nothing knows the live orders. What is given
is plain; what people read stands under each language.
"""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from paidan.engine.errors import InputError, MappingError, UsageError
from paidan.engine.export.mapping_file import mapping_lines
from paidan.engine.export.run_folder import REJECTED, TABLES
from paidan.engine.faults import sentences
from paidan.engine.inert import records
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.preview import preview
from paidan.engine.intake.suggest import suggest
from paidan.engine.messages import LANGUAGES, say
from paidan.engine.preview_told import counts, plain, rows, title
from paidan.engine.runs import Replay, Run, replay_files
from paidan.engine.scoring import as_rows, consequence_label, load_run, score
from paidan.engine.scoring.compared import WhatIf, what_if
from paidan.engine.scoring.compared_told import caveats, change_rows, consequence_rows, verdict_rows
from paidan.engine.scoring.consequence_text import because
from paidan.engine.scoring.note_text import note_text
from paidan.policies.clocks import Verdict
from paidan.policies.errors import UnknownRuleError
from paidan.policies.registry import document
from paidan.policies.scoring.periods import months_between
from paidan.policies.scoring.records import began

RUN, OTHER, MAPPING, REPORT = "run", "other", "mapping.toml", "report-{lang}.html"
"""Names in the folder: a run, the run it was last set beside, the mapping in use, the report by language."""
_SHOWN = 100
"""Rows of a table that are shown; the run's own files have all."""
Table = dict[str, Any]
_VERDICT = re.compile(rf"\b({'|'.join(Verdict)})\b")


def look(*, files: Sequence[str], policy: str, now: str) -> dict[str, Any]:
    """
    Say what an import at `now` would read in files, and propose a mapping for the first of them.

    A file that cannot be read as it is, or a mapping with mistakes, is no fault: `unread` says why.
    """
    found: dict[str, Any] = {"mapping": _proposed(Path(files[0])), "mapped": Path(MAPPING).exists()}
    try:
        told = preview(
            [Path(one) for one in files], read_mapping(Path(MAPPING)) if found["mapped"] else None,
            datetime.fromisoformat(now), also=document(policy).choices,
        )  # fmt: skip
    except (InputError, MappingError) as error:
        return found | {"unread": {lang: "\n".join(sentences(error, lang)) for lang in LANGUAGES}}
    return found | {
        "unread": None,
        "found": {lang: plain(told, lang) for lang in LANGUAGES},
        "shown": {
            lang: {
                "files": [{"title": title(one, lang), "rows": list(rows(one, lang))} for one in told.files],
                "counts": list(counts(told, lang)),
            }
            for lang in LANGUAGES
        },
    }


def replay(
    *, files: Sequence[str], policy: str, settings: Mapping[str, str], units: str, adjustments: str,
    as_of: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Replay files under a document into the folder's run, and say what came of it."""
    shutil.rmtree(RUN, ignore_errors=True)
    what = Replay(
        logs=[Path(one) for one in files], settings=settings,
        mapping=Path(MAPPING) if Path(MAPPING).exists() else None,
        units=Path(units) if units else None, adjustments=Path(adjustments) if adjustments else None,
        as_of=datetime.fromisoformat(as_of) if as_of else None,
    )  # fmt: skip
    (summary,) = replay_files(what, {policy: Path(RUN)})
    run = Run(Path(RUN))
    first = summary["first_month"] or began(load_run(Path(RUN)).records)
    last = summary["as_of"][:7]
    return {
        "summary": summary,
        "months": list(months_between(first, last)) if first else [],
        "shown": {
            lang: {
                "verdicts": _verdicts(run, lang),
                "deviations": _deviations(run, lang),
                "rejected": _rejected(Path(RUN) / REJECTED, lang),
            }
            for lang in LANGUAGES
        },
    }


def grade(*, period: str) -> dict[str, Any]:
    """Score a period of the run, and write its report in every language."""
    from paidan.engine.report.facts import facts  # noqa: PLC0415 - it draws, which no other verb does
    from paidan.engine.report.page import render  # noqa: PLC0415 - the same

    told = score(load_run(Path(RUN)), period)
    shown = facts(Path(RUN), period)
    found: dict[str, Any] = {"period": period, "provisional": told.score.provisional, "shown": {}}
    for lang in LANGUAGES:
        Path(REPORT.format(lang=lang)).write_text(render(shown, lang=lang), encoding="utf-8", newline="\n")
        headers, lines = as_rows(told.score, told.policy, lang)
        drawn = [
            (one.unit, consequence_label(told.policy, one.rule.kind, lang), one.rule.rule,
             because(one, told.policy, lang))
            for one in told.consequences
        ]  # fmt: skip
        headed = [say(f"score.{name}", lang) for name in ("unit", "consequence", "rule", "because")]
        found["shown"][lang] = {
            "scores": _table(headers, lines),
            "consequences": _table(headed, drawn),
            "notes": [note_text(one, lang) for one in told.notes],
        }
    return found


def compare(*, policy: str, settings: Mapping[str, str], period: str) -> dict[str, Any]:
    """Set the run beside the same log under another document or other settings."""
    if not policy and not settings:
        raise UsageError("job.compare_needs")
    shutil.rmtree(OTHER, ignore_errors=True)
    told = what_if(Path(RUN), document(policy) if policy else None, settings, name=period, out=Path(OTHER))
    names = (told.before.document.name, told.after.document.name)
    runs = (Run(Path(RUN)), Run(Path(OTHER)))
    shown = {}
    for lang in LANGUAGES:
        (beside,) = told.periods
        shown[lang] = {
            "verdicts": _differing(told, runs, lang),
            "units": _table(*change_rows(beside, lang)),
            "consequences": _table(*consequence_rows(beside, lang)),
            "caveats": caveats(told, lang),
        }
    return {"names": names, "settings": dict(settings), "period": period, "shown": shown}


def pack() -> dict[str, Any]:
    """Pack the run's folder to take away."""
    return {"file": Path(shutil.make_archive(RUN, "zip", RUN)).name}


VERBS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "look": look,
    "replay": replay,
    "grade": grade,
    "compare": compare,
    "pack": pack,
}
"""What may be asked of the process."""


def _proposed(file: Path) -> dict[str, str] | None:
    """Give a mapping to begin with, by language; None where a file does not even say its columns."""
    try:
        made = suggest(file)
    except InputError:
        return None
    return {lang: "".join(f"{line}\n" for line in mapping_lines(made, lang)) for lang in LANGUAGES}


def _verdicts(run: Run, lang: str) -> Table:
    """Give how often each limit came to what."""
    names = [one.value for one in Verdict]
    headers = [say("job.limit", lang), *(say(f"verdict.{name}", lang) for name in names)]
    lines = [
        [_labelled(run, rule, lang), *(came_to.get(name, 0) for name in names)]
        for rule, came_to in run.summary["verdicts"].items()
    ]
    return _table(headers, lines)


def _differing(told: WhatIf, runs: Sequence[Run], lang: str) -> Table:
    """Give the verdicts that differ, rules and verdicts by their labels."""
    headers, lines = verdict_rows(told, lang)

    def labelled(found: re.Match[str]) -> str:
        return say(f"verdict.{found[0]}", lang)

    return _table(headers, [
        (next(named for run in (*runs, None) if (named := _named(run, rule, lang))),
         *(_VERDICT.sub(labelled, cell) for cell in cells))
        for rule, *cells in lines
    ])  # fmt: skip


def _deviations(run: Run, lang: str) -> Table:
    """Give what was not allowed, by rule, or by what it was where no rule speaks; the first order of each."""
    found: Counter[tuple[str, str, str]] = Counter()
    first: dict[tuple[str, str, str], tuple[str, str]] = {}
    for row in records(run.folder / "deviations.csv"):
        key = (row["rule"], row["clause"], "" if row["rule"] else row["reason"])
        if key in first or len(first) < _SHOWN:
            found[key] += 1
            first.setdefault(key, (row["reason"], row["order_id"]))
    headers = [say(f"job.{name}", lang) for name in ("rule", "clause", "count", "reason", "first")]
    lines = [
        (_labelled(run, rule, lang), clause, count, *first[rule, clause, of])
        for (rule, clause, of), count in found.most_common()
    ]
    return _table(headers, lines)


def _rejected(path: Path, lang: str) -> Table:
    """Give the first of the rows that could not be read."""
    headers = [say(f"job.{name}", lang) for name in TABLES["rejected"]]
    return _table(headers, [list(one.values()) for one in islice(records(path), _SHOWN)])


def _labelled(run: Run, rule: str, lang: str) -> str:
    return _named(run, rule, lang) or rule or "–"


def _named(run: Run | None, rule: str, lang: str) -> str:
    """Give a rule with its label; nothing where a run has none such."""
    if run is None:
        return rule
    try:
        row = run.books.latest.rule(rule)
    except UnknownRuleError:  # of another document or version; or none: the life of an order speaks
        return ""
    return f"{rule} {row.zh if lang == 'zh' else row.en}"


def _table(headers: Sequence[str], lines: Sequence[Sequence[Any]] | Iterator[Sequence[Any]]) -> Table:
    return {"headers": list(headers), "rows": [list(one) for one in lines]}
