"""`due --batch`: a question a line in, an answer a line out, in step."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paidan.engine.due import Calculator
from paidan.engine.errors import InputError, UsageError
from paidan.engine.faults import sentences
from paidan.engine.messages import say
from paidan.policies.errors import UnknownPolicyError, UnknownRuleError


def answer_lines(calculator: Calculator, path: Path, lang: str) -> Iterator[tuple[str, str]]:
    """
    Answer each line of a JSONL file with one line, and a sentence where the line was at fault.

    A faulty line is answered too, with `due_at` null and `error`, so that lines stay in step.
    """
    try:
        file = path.open(encoding="utf-8-sig")
    except OSError as error:
        raise InputError("file_missing", exit_code=5, file=str(path)) from error
    with file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            rule: Any = None
            try:
                question = json.loads(line)
                rule, facts = question["rule"], question.get("facts", {})
                answer = calculator.ask(str(rule), {name: str(text) for name, text in facts.items() if text})
            except (ValueError, TypeError, KeyError, AttributeError):
                fault = say("cli.batch_line", lang, line=number)
            except (UsageError, UnknownRuleError, UnknownPolicyError) as error:
                fault = say("cli.batch_fault", lang, line=number, why=" ".join(sentences(error, lang)))
            else:
                yield _line(rule, answer.due_at, answer.provisional), ""
                continue
            yield _line(rule, None, False, fault), fault


def _line(rule: Any, due_at: str | None, provisional: bool, error: str = "") -> str:
    line = {"rule": rule, "due_at": due_at, "provisional": provisional}
    return json.dumps({**line, "error": error} if error else line, ensure_ascii=False)
