"""
Errors of what can be done, apart by whose they are: the caller's, the world's.

What they echo of a text is masked when they are made.
"""

from typing import TYPE_CHECKING, Any, Self

from paidan.engine.masking import masked_details
from paidan.workflows.errors import PaidanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paidan.policies.errors import Mistake


class InputError(PaidanError):
    """
    A file that cannot be taken at all (the caller's error).

    `code` names a sentence of `engine.messages`, `details` fills it; `exit_code` is 3, or 5 where
    the file is not there.
    """

    def __init__(self, code: str, *, exit_code: int = 3, **details: Any) -> None:
        self.code = code
        self.details: Mapping[str, Any] = masked_details(details)
        super().__init__(f"{code}: {self.details}")
        self.exit_code = exit_code


class NotFoundError(PaidanError):
    """An order, unit or item that is not there (the caller's error)."""

    def __init__(self, code: str, **details: Any) -> None:
        self.code = code
        self.details: Mapping[str, Any] = masked_details(details)
        super().__init__(f"{code}: {self.details}")


class UsageError(PaidanError):
    """A request that makes no sense as it stands (the caller's error)."""

    def __init__(self, code: str, **details: Any) -> None:
        self.code = code
        self.details: Mapping[str, Any] = masked_details(details)
        super().__init__(f"{code}: {self.details}")

    def masked(self, own: "Mapping[str, str]") -> Self:
        """Mask also what the caller's `own` attributes say, and give the error."""
        self.details = masked_details(self.details, own)
        self.args = (f"{self.code}: {self.details}",)
        return self


class BrokenError(PaidanError):
    """A log that is not what it says it is, or not the one that was sealed (somebody's doing)."""

    exit_code = 4

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details: Mapping[str, Any] = details


class SealedByAnotherError(BrokenError):
    """Another process has just written the seal of that number (nobody's fault)."""

    exit_code = 6


class WorkerLostError(PaidanError):
    """A process that shared the work ended without a word (the world's error: memory, a signal)."""

    exit_code = 1

    def __init__(self, code: str, **details: Any) -> None:
        self.code = code
        self.details: Mapping[str, Any] = masked_details(details)
        super().__init__(f"{code}: {self.details}")


class MappingError(PaidanError):
    """A mapping file that cannot be used, with every mistake found in it (its author's error)."""

    exit_code = 4

    def __init__(self, mistakes: "tuple[Mistake, ...]") -> None:
        super().__init__("; ".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes
