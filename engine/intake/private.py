"""
A log read for a vault: commands bring what is masked or dropped of them everywhere else.

Nothing but an import into a database that has a vault reads like this; there the words are put aside
before anything is decided (`engine.import_order`).
"""

from collections.abc import Mapping
from datetime import datetime

from paidan.engine.intake.reader import LogReader
from paidan.engine.masking import masked_said
from paidan.workflows.records import NOTHING, Command, Private


class PrivateReader(LogReader):
    """Reads each command with what only a vault may keep of it; what a mapping added names nobody."""

    spoken_most = 0  # what is masked is noted anew in every row
    _were: dict[str, str]

    def _command(
        self, order_id: str, row: list[str], number: int, own: Mapping[str, str]
    ) -> tuple[datetime, Command]:
        self._were = {}
        at, command = super()._command(order_id, row, number, own)
        values = {**self._were, **own} if number else self._were
        return at, command._replace(private=Private(values)) if values else command

    def _masked(self, name: str, text: str, own: Mapping[str, str] = NOTHING) -> str:
        return self._noted(name, text, masked_said(name, text, own))

    def _masked_value(self, name: str, field: str, text: str, own: Mapping[str, str]) -> str:
        return self._noted(name, text, super()._masked_value(name, field, text, own))

    def _noted(self, name: str, text: str, shown: str) -> str:
        if shown != text:
            self._were[name] = text
        return shown
