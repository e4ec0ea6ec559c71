"""What the cells of a column look like, from a sample: times, words of a list, numbers of orders, people."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from paidan.engine.intake.synonyms import FLAGS, UNSAID, VALUES
from paidan.engine.intake.values import BadValueError, attribute, flag, instant
from paidan.engine.masking import ID_NUMBER, PHONE, masked
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, Holds

_MOST, _HALF = 0.8, 0.5
_TIME_LIKE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}")
_OFFSET = re.compile(r"\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$")
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜戚谢邹苏潘葛范彭"
    "鲁韦马方俞任袁柳唐罗薛雷贺汤殷毕郝安常傅卞齐康伍余顾孟黄穆萧尹姚邵汪毛臧戴宋"
    "庞熊纪舒屈项祝董梁杜阮蓝闵季贾路江童郭梅林钟徐邱骆高夏蔡田胡凌霍万管卢莫丁邓"
    "洪包左石崔龚程陆翁段侯宁仇刘龙叶白蒲向温庄柴阎习艾容易廖欧聂曾关"
)
_NAME = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:先生|女士|某|某某)?")
_ADDRESS = re.compile(r"(?:路|街|弄|巷|村|小区|大道).*\d+|\d+(?:号|弄|室|栋|幢|单元)")
_SHORT_NUMBER, _ADDRESS_MOST = 3, 60
"""Characters a number of an order has at least, and an address at most."""
_LONG = 30
"""Characters on average from which a text tells of something that happened to somebody."""


@dataclass(slots=True, eq=False)
class Profile:
    """A column of the sample: its filled cells, and how many times each different one stands there."""

    header: str
    place: int
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def filled(self) -> int:
        """How many cells say something."""
        return self.counts.total()

    @property
    def bare(self) -> bool:
        """Whether the header is a cell like those below it: then the file has no row of headers."""
        name = self.header
        said = masked(name) != name or _TIME_LIKE.match(name) or _ADDRESS.search(name)
        number = name.isdecimal() and len(name) >= _SHORT_NUMBER
        return bool(said) or number or (self.identity == "caller" and _NAME.match(name) is not None)

    def share(self, texts: Sequence[str]) -> float:
        """Give the share of the filled cells that are among `texts`."""
        return sum(self.counts[one] for one in texts) / self.filled if self.counts else 0.0

    @property
    def times(self) -> bool:
        """Whether nearly all cells are times."""
        return self.share([one for one in self.counts if _TIME_LIKE.match(one) and instant(one)]) >= _MOST

    @property
    def offsets(self) -> set[str]:
        """The offsets from UTC that times name; empty text for those that name none."""
        return {found[1] if (found := _OFFSET.search(one)) else "" for one in self.counts}

    @property
    def unique(self) -> bool:
        """Whether the cells name things one by one, in digits and letters."""
        words = [one for one in self.counts if re.fullmatch(r"[0-9A-Za-z_-]{3,40}", one)]
        return self.share(words) >= _MOST and len(self.counts) >= _MOST * self.filled

    def fits(self, name: str) -> bool | None:
        """Whether the cells can be what a column of ours holds; None where they do not tell."""
        if not self.counts:
            return None
        holds = ATTRIBUTE_OF[name].holds if name in ATTRIBUTE_OF else None
        if name in ("at", "recorded_at") or holds in (Holds.INSTANT, Holds.DUE):
            return self.times
        if holds in (Holds.FLAG, Holds.CHOICE):
            return self.share([one for one in self.counts if meant(name, one) is not None]) >= _HALF
        if name == "order_id":
            return (
                not self.times
                and self.share([one for one in self.counts if len(one) < _SHORT_NUMBER]) < _HALF
            )
        return False if self.times else None

    @property
    def identity(self) -> str:
        """Which identity attribute the cells look like, by shape or as text about somebody, if any."""

        def share(mark: str) -> float:
            return self.share([one for one in self.counts if mark in masked(one)])

        if share(PHONE) >= _HALF:
            return "phone"
        if (
            share(ID_NUMBER) >= _HALF
            or self.share([one for one in self.counts if _NAME.fullmatch(one)]) >= _MOST
        ):
            return "caller"
        if (
            self.share([one for one in self.counts if _ADDRESS.search(one) and len(one) < _ADDRESS_MOST])
            >= _HALF
        ):
            return "address"
        length = sum(len(one) * count for one, count in self.counts.items()) / max(self.filled, 1)
        return "content" if length >= _LONG else ""

    @property
    def says(self) -> str:
        """Which column of ours with a list of words these cells could be, if one alone: by what they say."""
        said = [one for one in self.counts if one not in UNSAID]
        if not said or self.times:
            return ""
        could = [
            name
            for name, one in ATTRIBUTE_OF.items()
            if one.holds is Holds.CHOICE and all(_read(name, text) for text in said)
        ]
        return could[0] if len(could) == 1 else ""


def meant(name: str, text: str) -> str | None:
    """Give a value in our words: itself where it is read, empty where it says nothing, None for no word."""
    if text in UNSAID:
        return ""
    if _read(name, text):
        return text
    if ATTRIBUTE_OF[name].holds is Holds.FLAG:
        return FLAGS.get(text)
    known = VALUES.get("satisfaction" if name == "process_satisfaction" else name, {})
    return known.get(text)


def _read(name: str, text: str) -> bool:
    if ATTRIBUTE_OF[name].holds is Holds.FLAG:
        return flag(text) is not None
    try:
        attribute(name, text)
    except BadValueError:
        return False
    return True


def profiles(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Profile]:
    """Look at the columns of some rows."""
    found = [Profile(name, place) for place, name in enumerate(header)]
    for row in rows:
        for one, cell in zip(found, row, strict=False):
            if text := cell.strip():
                one.counts[text] += 1
    return found


def own_of(named: Sequence[tuple[int, str]], row: Sequence[str]) -> dict[str, str]:
    """Give what a row says of its caller, by the places of identity columns."""
    return {
        name if name in IDENTITY else "content": text
        for place, name in named
        if place < len(row) and (text := row[place].strip())
    }
