"""
The wide form: one row per order with a column per time, as hotline systems export it.

A row counts as the events it holds, in the order in which an order lives where minutes are shared.
Headers are known by their Chinese names whatever breaks and spaces they have; `?`, an empty cell
and, of an evaluation, 未评价 mean that nothing is said.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from paidan.engine.errors import InputError
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.tables import Cells, Meaning, Rejected, Table, fitted
from paidan.engine.intake.values import flag, plain_id
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, SAYABLE, Holds

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "order_id": ("任务号", "工单编号", "热线12345工单编号"),
    "unit": ("主责部门", "三级主责部门", "承办单位"),
    "case_type": ("工单类型", "业务类型"),
    "channel": ("工单来源",),
    "repeat_of": ("重复工单号",),
    "area": ("区域",),
    "anonymous": ("是否匿名",),
    "urgent": ("是否紧急",),
    "order_due": ("工单时限",),
    "law_due": ("法定时限",),
    "outcome": ("解决情况",),
    "satisfaction": ("综合满意度", "满意度"),
    "contacted": ("先行联系",),
    "finding": ("结案评判",),
    "caller": ("诉求人", "诉求人姓名", "来电人", "来电人姓名", "市民姓名"),
    "phone": ("联系电话", "来电号码", "来电电话", "诉求人电话"),
    "address": ("诉求地址", "诉求人地址", "事发地址"),
    "content": ("诉求内容", "工单内容", "问题描述"),
}
"""Our columns and the headers that say them; the first that is filled counts."""
TIMES: Mapping[str, tuple[str, ...]] = {
    "受理时间": ("receive",),
    "接单时间": ("register",),
    "派单时间": ("dispatch",),
    "承办接单时间": ("accept",),
    "先行联系时间": ("contact",),
    "退单时间": ("request_return", "approve_return"),
    "延期申请时间": ("request_extension",),
    "办结时间": ("resolve",),
    "结案时间": ("close",),
    "回访时间": ("revisit",),
}
"""Headers of times and the events they tell; of 办结时间 and 结案时间 a file with one tells both."""
REPEATED = "工单是否重复"
_ENDS = ("resolve", "close")
_LIFE = (
    "receive", "register", "dispatch", "accept", "contact", "request_extension", "request_return",
    "approve_return", "resolve", "revisit", "close",
)  # fmt: skip
_SAID_NOT = frozenset(("", "?"))
_RATED_NOT = frozenset((*_SAID_NOT, "未评价"))
_IDS = ("order_id", "repeat_of")
_TOTALS = frozenset(("合计", "总计", "小计", "共计", "汇总", "本页合计", "本月合计"))
_SHORT = {
    "咨询": "enquiry", "投诉": "complaint_report", "举报": "complaint_report", "投诉举报": "complaint_report",
    "求助": "help", "建议": "suggestion", "意见建议": "suggestion", "其他": "other",
}  # fmt: skip
"""Case types as exports shorten them."""
_NO_UNIT = frozenset(("receive", "register", "revisit"))
_RATED = frozenset(one.name for one in ATTRIBUTE_OF.values() if one.holds in (Holds.FLAG, Holds.CHOICE))
_CALLBACK = ("satisfaction", "process_satisfaction", "contacted", "result", "source")


def wide(table: Table, mapping: LogMapping | None) -> "Wide | None":
    """
    Give `table` as the events its rows hold, or None where it is no wide form.

    It is one when a column says the order and another a time. Raises `InputError` where a header it
    knows stands twice.
    """
    places: dict[str, list[int]] = {}
    for position, name in enumerate(table.header):
        places.setdefault(squeezed(name), []).append(position)
    own = [name for name in (*ATTRIBUTE_OF, *IDENTITY, "unit", "actor", "role", "order_id") if name in places]
    mapped = mapping.times if mapping else {}
    spoken = {squeezed(name): events for name, events in mapped.items()}
    headers = {name: (*((name,) if name in own else ()), *COLUMNS.get(name, ())) for name in (*COLUMNS, *own)}
    times = {**{name: events for name, events in TIMES.items() if name in places}, **spoken}
    known = {REPEATED, *times, *(one for names in headers.values() for one in names)}
    if doubled := sorted(name for name in known if len(places.get(name, ())) > 1):
        raise InputError("column_doubled", file=table.name, columns=", ".join(doubled))
    said = {name: tuple(places[one][0] for one in names if one in places) for name, names in headers.items()}
    if not times or not said["order_id"]:
        return None
    if not spoken and len(ends := [name for name in ("办结时间", "结案时间") if name in times]) == 1:
        times[ends[0]] = _ENDS
    events = [(event, places[name][0]) for name, told in times.items() for event in told]
    events.sort(key=lambda one: _LIFE.index(one[0]) if one[0] in _LIFE else len(_LIFE))
    columns = tuple(name for name, found in said.items() if found and name != "order_id")
    unused = tuple(name for name in table.header if name and squeezed(name) not in known)
    repeated = places.get(REPEATED, [-1])[0]
    return Wide(
        table.path, table.name, table.sha256, ("order_id", "event", "at", *columns, ""), table,
        {name: said[name] for name in ("order_id", *columns)}, tuple(events), repeated, unused,
    )  # fmt: skip


def squeezed(name: str) -> str:
    """Write a header without any space and with plain digits and letters."""
    return "".join(unicodedata.normalize("NFKC", name).split())


@dataclass(frozen=True, slots=True)
class Wide(Table):
    """The events in `base`: `said` gives the places of each of our columns, `events` those of times."""

    base: Table
    said: Mapping[str, tuple[int, ...]]
    events: tuple[tuple[str, int], ...]
    repeated: int
    unknown: tuple[str, ...]

    @property
    def zone(self) -> tzinfo:
        """The zone of the table's times."""
        return self.base.zone

    @property
    def unused(self) -> tuple[str, ...]:
        """Headers that say nothing we know."""
        return self.unknown

    @property
    def told(self) -> Mapping[str, Any]:
        """How many rows evaluate a callback whose time they do not tell: that is not read."""
        callbacks = [position for event, position in self.events if event == "revisit"]
        asked = [name for name in _CALLBACK if name in self.said]
        untold: Counter[str] = Counter()
        for number, row in self.base.numbered():
            cells = fitted(self.base, number, row) if type(row) is list else row
            if type(cells) is list and not any(self._cell(cells, position) for position in callbacks):
                untold.update(self._heading(name, cells) for name in asked if self._value(name, cells))
        missing = {"callback_time_missing": dict(sorted(untold.items()))} if untold else {}
        return {**self.base.told, **missing}

    @property
    def means(self) -> tuple[Meaning, ...]:
        """What each column says: the order's columns, the times of its events."""
        said = {self.repeated: "repeat_of"} | {
            place: name for name, places in self.said.items() for place in places
        }
        told: dict[int, tuple[str, ...]] = {}
        for event, place in self.events:
            told[place] = (*told.get(place, ()), event)
        count = len(self.base.means)
        return tuple(Meaning(said.get(place, ""), told.get(place, ())) for place in range(count))

    def place(self, column: str, cells: Sequence[str]) -> int:
        """Give the first place that is filled of those that say `column`."""
        return next((place for place in self.said.get(column, ()) if self._cell(cells, place)), -1)

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Give a row for each time an order has; a row without any is rejected."""
        columns = self.header[3:-1]
        blank = [""] * len(self.header)
        says = {
            (event, called_back): [
                at for at, name in enumerate(columns) if _says(event, name, called_back=called_back)
            ]
            for event, _ in self.events
            for called_back in (False, True)
        }
        heads = squeezed(self.base.header[self.said["order_id"][0]])
        for number, row in self.base.numbered():
            cells = fitted(self.base, number, row) if type(row) is list else row
            if type(cells) is not list:
                yield number, cells
                continue
            if squeezed(cells[self.said["order_id"][0]]) == heads:
                yield number, Rejected(self.name, number, "", "", "", "row_is_header", {})
                continue
            if squeezed(cells[self.said["order_id"][0]]) in _TOTALS:
                yield number, Rejected(self.name, number, "", "", "", "row_is_total", {})
                continue
            order_id = self._value("order_id", cells)
            times = [(event, at, place) for event, place in self.events if (at := self._cell(cells, place))]
            if not times:
                yield number, Rejected(self.name, number, order_id, "", "", "row_without_time", {})
                continue
            values = [self._value(name, cells) for name in columns]
            called_back = any(event == "revisit" for event, _, _ in times)
            for event, at, place in times:
                told = blank.copy()
                told[:3] = order_id, event, at
                for column in says[event, called_back]:
                    told[column + 3] = values[column]
                told[-1] = self.base.heading(self.base.header[place], cells)
                yield number, told

    def heading(self, column: str, cells: Sequence[str]) -> str:
        """Give the header a time stood in, or the first that says our column."""
        if column == "at":
            return cells[len(self.header) - 1]
        return self._heading(column, [])

    def sample(self, column: str, count: int) -> list[str]:
        """Give what stands in the order's column of `base`."""
        return self.base.sample(self.base.header[self.said[column][0]], count)

    def _heading(self, column: str, cells: list[str]) -> str:
        places = self.said.get(column, ())
        filled = [place for place in places if cells and self._cell(cells, place)]
        return self.base.heading(self.base.header[(filled or places)[0]], cells) if places else column

    def _cell(self, cells: Sequence[str], place: int) -> str:
        text = " ".join(cells[place].split())
        return "" if text in _SAID_NOT or text == "？" else text

    def _value(self, name: str, cells: list[str]) -> str:
        for place in self.said[name]:
            if text := self._cell(cells, place):
                break
        else:
            return ""
        if text in _RATED_NOT and name in _RATED:
            return ""
        if name == "case_type":
            return _SHORT.get(text, text)
        if name == "repeat_of" and self.repeated >= 0 and flag(self._cell(cells, self.repeated)) is False:
            return ""
        return plain_id(text) if name in _IDS else text


def _says(event: str, name: str, *, called_back: bool) -> bool:
    """Whether an event of the row says a column: what several could say, the one it was said at does."""
    if name == "unit":
        return event not in _NO_UNIT
    if name == "outcome":
        return event == ("revisit" if called_back else "resolve")
    if name == "finding":
        return event == "close"
    if name in IDENTITY:
        return event == "receive"
    return name not in ATTRIBUTE_OF or name in SAYABLE.get(event, ())
