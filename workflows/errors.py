"""Errors of the words and the life; every error of paidan is a `PaidanError`."""

from typing import Any


class PaidanError(Exception):
    """Anything paidan itself says went wrong; its text says what, where and what to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes with text and attributes, whatever the constructor asks for."""
        return (_remade, (type(self), self.args), self.__dict__)


def _remade(kind: type[PaidanError], args: tuple[Any, ...]) -> PaidanError:
    error = kind.__new__(kind)
    error.args = args
    return error


class DefinitionError(PaidanError):
    """A workflow whose states and moves do not fit together (its author's error)."""

    def __init__(self, workflow: str, problem: str) -> None:
        """Keep the workflow's name and the problem apart for whoever catches it."""
        super().__init__(f"workflow {workflow}: {problem}")
        self.workflow = workflow
        self.problem = problem
