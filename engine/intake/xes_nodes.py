"""A XES file tag by tag, with everything that stands in it: what is to be written again as it was."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from paidan.engine.intake.xes import Reading, read


@dataclass(slots=True)
class Node:
    """A tag with its attributes and the tags within, its name without a prefix."""

    name: str
    attributes: dict[str, str]
    inner: list["Node"] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key of an attribute, empty for what has none."""
        return self.attributes.get("key", "")


def read_nodes(path: Path) -> Iterator[Node]:
    """
    Give the log's own tag alone, then what stands in it one by one: a trace is one, with its events.

    Refuses what `open_xes` refuses of a file, whose rows these events are, in the same order.
    """
    return read(path, _Nodes(path.name))


class _Nodes(Reading[Node]):
    """The tags that stand open."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._open: list[Node] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open a tag within the one that stands open."""
        node = Node(name.rpartition(":")[2], attributes)
        if not self._open:
            self.done.append(node)
        elif len(self._open) > 1:
            self._open[-1].inner.append(node)
        self._open.append(node)

    def end(self, name: str) -> None:  # noqa: ARG002 - expat sees to it that tags match
        """Give what is whole and stands in the log itself."""
        node = self._open.pop()
        if len(self._open) == 1:
            self.done.append(node)
