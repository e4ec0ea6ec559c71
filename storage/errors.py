"""What can go wrong with a store: mostly the world's errors, told apart from the caller's."""

from typing import TYPE_CHECKING, Any, ClassVar

from paidan.workflows.errors import PaidanError

if TYPE_CHECKING:
    from collections.abc import Mapping


class StoreError(PaidanError):
    """
    Anything a store says went wrong.

    `code` names a sentence of `engine.messages`, `details` fills it; `exit_code` is what the
    command line ends with.
    """

    exit_code: ClassVar[int] = 7

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details: Mapping[str, Any] = details


class StoreUnavailableError(StoreError):
    """The store cannot be reached, read or written just now: a full disk, a lock held too long."""


class StoreMissingError(StoreError):
    """There is no store at the address, and none was to be made (the caller's error)."""

    exit_code = 5


class StoreAddressError(StoreError):
    """An address that no store answers to (the caller's error)."""

    exit_code = 2


class SchemaError(StoreError):
    """The store was written by another version of paidan: `found` and `wanted` are schema versions."""

    exit_code = 4


class ConflictError(StoreError):
    """Another writer got there first: the order is no longer what the change was decided on."""

    exit_code = 6


class UnstorableError(StoreError):
    """A value no row can hold exactly: an instant without an offset, or a kind that no fact has."""

    exit_code = 1


class KeyMissingError(StoreError):
    """The store has a vault, and its master key was not given or cannot be used (the caller's error)."""

    exit_code = 2


class KeyWrongError(StoreError):
    """The master key is not that of the store's vault, or what the vault holds was tampered with."""

    exit_code = 4
