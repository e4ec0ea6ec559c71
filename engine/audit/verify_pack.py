"""
Checks an auditor's pack: every hash of its log, every link, every file, and the seals, as far as they go.

Nothing but Python's standard library is needed, and nothing is written or asked of a network:

    python verify.py [FOLDER or FILE.zip]      the pack, unpacked or not; by default the folder of this file
    python verify.py [FOLDER or FILE.zip] --signed DIR
                                               also writes what is signed, for `openssl` to check

Exits with 0 where all holds, with 4 where something does not, with 2 where there is no pack.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import sys
import zipfile
import zlib
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIRST = "0" * 64
FORMAT = "paidan audit pack 1"
MOST_TOLD = 20
LOWEST = -(2**63)
SAID = (
    "actor", "at", "attributes", "event", "from_state", "note", "order_id", "previous", "recorded_at", "role",
    "rule", "seq", "to_state", "unit",
)  # fmt: skip
SEALED = (
    "entries", "head", "last", "notices", "notices_head", "number", "orders", "position", "previous",
    "sealed_at", "signature", "store", "store_id",
)  # fmt: skip
NUMBERS = ("attributes", "entries", "notices", "number", "orders", "position", "seq")
"""Members that are no text."""
CHAIN = ["position", "seq", "hash"]
LINES = [
    "unit", "item", "rule", "clause", "order_id", "within", "weight", "why", "cites", "entries",
]  # fmt: skip
OF_ALL = ("rank_bands", "share")
"""Kinds of items whose denominator is of all units together."""
BY_HAND = "entered"
"""The kind of items that no orders are counted for."""
UNREADABLE = (
    OSError, KeyError, ValueError, TypeError, IndexError, OverflowError, RecursionError, csv.Error,
    zlib.error, zipfile.BadZipFile,
)  # fmt: skip
"""What reading a file can come to that somebody has changed."""


class Pack:
    """The files of a pack, from a folder or from a zip that is left as it is."""

    def __init__(self, place: Path) -> None:
        self._zip = None if place.is_dir() else zipfile.ZipFile(place)
        self._folder = place
        if self._zip:
            self.names = [one for one in self._zip.namelist() if not one.endswith("/")]
        else:
            every = (one for one in place.rglob("*") if one.is_symlink() or not one.is_dir())
            self.names = sorted(one.relative_to(place).as_posix() for one in every)

    def open(self, name: str) -> IO[bytes]:
        """Open a file."""
        return self._zip.open(name) if self._zip else (self._folder / name).open("rb")

    def read(self, name: str) -> bytes:
        """Give what a file holds."""
        with self.open(name) as file:
            return file.read()

    def rows(self, name: str) -> Iterator[list[str]]:
        """Give the rows of a table."""
        with io.TextIOWrapper(self.open(name), encoding="utf-8", newline="") as file:
            yield from csv.reader(file, strict=True)

    def close(self) -> None:
        """Let go of the zip."""
        if self._zip:
            self._zip.close()


class Report:
    """What was found: how many faults, the first of which are told."""

    def __init__(self) -> None:
        self.faults = 0

    def fault(self, zh: str, en: str) -> None:
        """Tell what does not hold."""
        self.faults += 1
        if self.faults <= MOST_TOLD:
            print(f"✗ {zh} · {en}")

    def holds(self, zh: str, en: str) -> None:
        """Tell what holds."""
        print(f"✓ {zh} · {en}")

    def note(self, zh: str, en: str) -> None:
        """Tell what was not looked at."""
        print(f"– {zh} · {en}")


def canonical(said: Any) -> bytes:
    """Write as RFC 8785 does what holds neither fractions nor names beyond ASCII."""
    return json.dumps(
        said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest_of(said: Any) -> str:
    """Give the digest of a value."""
    return sha256(canonical(said)).hexdigest()


def signed_of(said: dict[str, Any]) -> bytes:
    """Give what a signature stands under: all but itself and what is counted over it."""
    return canonical({name: one for name, one in said.items() if name not in ("digest", "signature")})


def check_manifest(pack: Pack, report: Report) -> dict[str, Any] | None:
    """Give what the manifest says, held against itself; None where it is none."""
    try:
        raw = pack.read("manifest.json")
        said: dict[str, Any] = json.loads(raw)
        whole = {name: one for name, one in said.items() if name != "digest"}
        same = raw == canonical(said) + b"\n" and said["digest"] == digest_of(whole)
        if same and said["format"] == FORMAT:
            return said
    except UNREADABLE:
        pass
    report.fault(
        "manifest.json 缺失、无法读取或被改动过", "manifest.json is missing, unreadable or was changed"
    )
    return None


def check_files(pack: Pack, manifest: dict[str, Any], report: Report) -> None:
    """Hold every file against the manifest."""
    before = report.faults
    listed = manifest["files"]
    there = [name for name in pack.names if name != "manifest.json"]
    for name in sorted(set(listed) - set(there)):
        report.fault(f"缺少文件 {name}", f"{name} is missing")
    for name in sorted(set(there) - set(listed)):
        report.fault(f"清单之外的文件 {name}", f"{name} is not in the manifest")
    for name in sorted({name for name in pack.names if pack.names.count(name) > 1}):
        report.fault(f"{name} 出现多次", f"{name} is there more than once")
    for name in sorted(set(listed) & set(there)):
        counted, size = sha256(), 0
        try:
            with pack.open(name) as file:
                while piece := file.read(1 << 20):
                    counted.update(piece)
                    size += len(piece)
        except UNREADABLE:
            size = -1
        if {"bytes": size, "sha256": counted.hexdigest()} != listed[name]:
            report.fault(f"{name} 与清单不符", f"{name} is not what the manifest says")
    if report.faults == before:
        report.holds(f"{len(listed)} 个文件与清单相符", f"{len(listed)} files are as the manifest says")


class Scores:
    """The scores of the pack: what each item says was counted, what its orders add up to, what they name."""

    def __init__(self) -> None:
        self.units = 0
        self.lines = 0
        self.named: dict[tuple[str, int], str] = {}
        """The event of each entry that is named, by order and number."""
        self._said: dict[tuple[str, str], dict[str, Any]] = {}
        self._counted: dict[tuple[str, str], list[Fraction]] = {}

    def read(self, pack: Pack, report: Report) -> None:
        """Read the scores, and add up what stands behind each item."""
        told = json.loads(pack.read("scores.json"))
        for unit in told["units"]:
            self.units += 1
            self._said |= {(unit["unit"], name): item for name, item in unit["items"].items()}
        rows = pack.rows("score_lines.csv")
        if next(rows, None) != LINES:
            report.fault("score_lines.csv 的列不对", "score_lines.csv has other columns")
        for unit, item, _, _, order, within, weight, _, _, entries in rows:
            self.lines += 1
            counted = self._counted.setdefault((unit, item), [Fraction(0), Fraction(0)])
            if within == "true":
                counted[0] += Fraction(weight)
                counted[1] += 1
            for one in filter(None, entries.split("; ")):
                seq, event, _ = one.split(" ")
                if self.named.setdefault((order, int(seq)), event) != event:
                    self._fault(report, order, int(seq))

    def check_sums(self, report: Report) -> None:
        """Hold what the orders add up to against what each item says."""
        for key in sorted({*self._said, *self._counted}):
            item = self._said.get(key)
            if item is not None and item["kind"] == BY_HAND:
                continue
            weight, number = self._counted.get(key, [Fraction(0), Fraction(0)])
            wrong = item is None or weight != Fraction(item["numerator"] or 0)
            if item is not None and item["kind"] not in OF_ALL and item["denominator"] is not None:
                wrong = wrong or number != Fraction(item["denominator"])
            if wrong:
                unit, name = key
                report.fault(
                    f"{unit} 的 {name}：逐单相加是 {weight}（{number} 件），与成绩所写不同",
                    f"{name} of {unit}: its orders add up to {weight} of {number}, not to what it says",
                )

    def met(self, order: str, seq: int, event: str, report: Report) -> bool:
        """Whether an entry of the log was named; it must be the event that was."""
        named = self.named.pop((order, seq), None)
        if named is not None and named != event:
            self._fault(report, order, seq)
        return named is not None

    def tell(self, log: Log, before: int, report: Report) -> None:
        """Say what held, and which of the entries named are not in the pack."""
        if report.faults == before:
            report.holds(
                f"成绩：{self.units} 家单位，{self.lines} 行依据；所引日志 {log.met} 条在本包内，"
                "各项的件数逐单相加相符",
                f"scores: {self.units} units, {self.lines} orders behind items; {log.met} entries they name "
                "are in the pack, and the orders add up to what each item counts",
            )
        later = sum(order in log.orders for order, _ in self.named)
        if self.named:
            report.note(
                f"成绩另引 {later} 条月末之后的日志、{len(self.named) - later} 条本月没有条目的工单的日志，"
                "不在本包",
                f"{later} entries that scores name were written after the month, {len(self.named) - later} "
                "are of orders without an entry of it: not in the pack",
            )

    def _fault(self, report: Report, order: str, seq: int) -> None:
        report.fault(
            f"成绩所引工单 {order} 第 {seq} 条不是日志里的那一条",
            f"entry {seq} of order {order} is not the one that scores name",
        )


class Log:
    """The log of the pack, read line by line: where an order begins, what must follow what."""

    def __init__(self, manifest: dict[str, Any], scores: Scores, report: Report) -> None:
        self._manifest = manifest
        self._scores = scores
        self._report = report
        self._order: str | None = None
        self._within = True
        self._seq, self._position = 0, LOWEST
        self._head: str = FIRST
        self._recorded: str = ""
        self.positions: dict[int, str] = {}
        self.orders: set[str] = set()
        self.entries = 0
        self.met = 0
        """So many of the entries that scores name."""

    def take(self, number: int, line: bytes, row: Sequence[str]) -> None:
        """Hold a line against its row of the index, and against the entry before it."""
        said = read_line(line)
        order, seq, recorded = said["order_id"], said["seq"], said["recorded_at"]
        if order != self._order:
            self.end()
            if self._order is not None and order <= self._order:
                self._fault(number, "工单次序不对", "the orders are not in their order")
            self._order = order
            self.orders.add(order)
            self._within = False
            self._begin()
        if seq != self._seq + 1:
            self._fault(number, f"第 {seq} 条之前缺少条目", f"before entry {seq} one is missing")
        elif said["previous"] != self._head:
            self._fault(number, f"第 {seq} 条不接着前一条", f"entry {seq} does not follow the one before")
        if not self._recorded <= recorded < self._manifest["until"]:
            self._fault(number, "记录时间不对", "when it was written is wrong")
        self._seq, self._head, self._recorded = seq, sha256(line[:-1]).hexdigest(), recorded
        self._within = self._within or recorded >= self._manifest["from"]
        self.entries += 1
        self.met += self._scores.met(order, seq, said["event"], self._report)
        if list(row[1:]) != [order, str(seq), self._head]:
            self._fault(number, "哈希与 entries.csv 不符", "its hash is not the one in entries.csv")
            return
        position = int(row[0])
        if position <= self._position or position in self.positions:
            self._fault(number, "位置不对", "its position is wrong")
        self._position = position
        self.positions[position] = self._head

    def end(self) -> None:
        """End an order: it must have been written on within the month."""
        if not self._within:
            self._report.fault(
                f"工单 {self._order} 在这个月里没有条目", f"order {self._order} has no entry of the month"
            )

    def _begin(self) -> None:
        self._seq, self._head, self._recorded, self._position = 0, FIRST, "", LOWEST

    def _fault(self, number: int, zh: str, en: str) -> None:
        self._report.fault(
            f"log.jsonl 第 {number} 行（工单 {self._order}）{zh}",
            f"line {number} of log.jsonl (order {self._order}): {en}",
        )


def check_log(pack: Pack, manifest: dict[str, Any], scores: Scores, report: Report) -> Log:
    """Count every hash of the log again."""
    before, log = report.faults, Log(manifest, scores, report)
    index = pack.rows("entries.csv")
    if next(index, None) != ["position", "order_id", "seq", "hash"]:
        report.fault("entries.csv 的列不对", "entries.csv has other columns")
    with pack.open("log.jsonl") as file:
        for number, line in enumerate(file, 1):
            try:
                log.take(number, line, next(index, []))
            except (KeyError, ValueError, TypeError, RecursionError):
                report.fault(
                    f"log.jsonl 第 {number} 行不是日志条目", f"line {number} of log.jsonl is no entry"
                )
    log.end()
    if next(index, None) is not None:
        report.fault("entries.csv 比 log.jsonl 多出行", "entries.csv has more rows than log.jsonl")
    orders, entries = len(log.orders), log.entries
    if (orders, entries) != (manifest["orders"], manifest["entries"]):
        report.fault("工单数或条目数与清单不符", "the number of orders or entries is not the manifest's")
    if report.faults == before:
        report.holds(
            f"日志完好：{orders} 张工单，{entries} 条，逐条重算了哈希，前后相连",
            f"the log holds: {orders} orders, {entries} entries, each hash counted again, each linked",
        )
    return log


def read_line(line: bytes) -> dict[str, Any]:
    """Read an entry that is written as it is hashed; raises `ValueError`."""
    said: dict[str, Any] = json.loads(line)
    if type(said) is not dict or tuple(sorted(said)) != SAID or canonical(said) + b"\n" != line:
        raise ValueError(line)
    if type(said["seq"]) is not int or any(type(said[one]) is not str for one in SAID if one not in NUMBERS):
        raise ValueError(line)
    return said


def check_tables(pack: Pack, orders: set[str], report: Report) -> None:
    """Look that the tables speak of orders of the pack alone."""
    for name in ("deadlines.csv", "deviations.csv"):
        head, *rows = pack.rows(name)
        if any(len(row) != len(head) or row[0] not in orders for row in rows):
            report.fault(f"{name} 有不属于本包的行", f"{name} has rows that are not of this pack")


def read_seals(pack: Pack, report: Report) -> list[tuple[dict[str, Any], bytes]]:
    """Give every seal that is one, with its bytes, in order of number."""
    found = []
    names = [one for one in pack.names if one.startswith("seals/")]
    for name in sorted(names, key=lambda one: (len(one), one)):
        try:
            raw = pack.read(name)
            said = json.loads(raw)
            kinds = all(type(said[one]) is (int if one in NUMBERS else str) for one in SEALED)
            base64.b64decode(said["signature"], validate=True)
            written = tuple(sorted(said)) == SEALED and canonical(said) + b"\n" == raw
            if kinds and written and name == f"seals/seal-{said['number']:06}.json":
                found.append((said, raw))
                continue
        except (*UNREADABLE, binascii.Error):
            pass
        report.fault(f"{name} 不是封存文件，或被改动过", f"{name} is no seal, or was changed")
    return found


def check_seals(pack: Pack, manifest: dict[str, Any], log: Log, report: Report) -> list[dict[str, Any]]:
    """Hold the seals against one another, against the store, and against the log between them."""
    before = report.faults
    seals = read_seals(pack, report)
    if len(seals) != manifest["seals"]:
        report.fault("封存文件数与清单不符", "the number of seals is not the manifest's")
    if not seals:
        report.note(
            "没有封存文件：整条链重算、末尾截去后重写，查不出来",
            "there are no seals: a chain counted anew, or cut and mended, would not be found",
        )
        return []
    check_sequence(pack, manifest, seals, report)
    chain = Chain([one for one, _ in seals], manifest["chain_from"], report)
    chain.read(pack)
    last = seals[-1][0]["position"]
    sealed = [one for one in sorted(log.positions) if chain.start < one <= last]
    for position in sealed:
        if chain.hashes.get(position) != log.positions[position]:
            report.fault(
                f"位置 {position} 的条目不是封存的那一条", f"the entry at {position} is not the one sealed"
            )
    if report.faults == before:
        open_ones = len(log.positions) - len(sealed)
        report.holds(
            f"{len(seals)} 份封存前后相接；本包 {len(sealed)} 条在封存之内，{open_ones} 条未封存",
            f"{len(seals)} seals follow one another; {len(sealed)} entries are under them, "
            f"{open_ones} are not",
        )
    return [one for one, _ in seals]


def check_sequence(
    pack: Pack, manifest: dict[str, Any], seals: list[tuple[dict[str, Any], bytes]], report: Report
) -> None:
    """Hold each seal against the one before, and against what the store was made with."""
    store = json.loads(pack.read("store.json"))
    made_with = digest_of({name: store[name] for name in ("calendar", "policy", "settings")})
    previous = FIRST
    for number, (one, raw) in enumerate(seals, 1):
        if one["number"] != number:
            report.fault(f"第 {number} 号封存缺失", f"seal {number} is missing")
        if one["previous"] != previous:
            report.fault(f"第 {number} 号封存不接着前一份", f"seal {number} does not follow the one before")
        if (one["store_id"], one["store"]) != (manifest["store_id"], made_with):
            report.fault(
                f"第 {number} 号封存的是另一个数据库、规则或设定",
                f"seal {number} is of another store, policy or settings",
            )
        if one["notices_head"] != digest_of(store["notices"][: one["notices"]]):
            report.fault(f"第 {number} 号封存的放假通知不同", f"seal {number} is of other holiday notices")
        previous = sha256(raw).hexdigest()


class Chain:
    """The running digest over the positions and hashes of all entries, from one seal to the next."""

    def __init__(self, seals: list[dict[str, Any]], begins: int, report: Report) -> None:
        self._report = report
        self._rest = [one for one in seals if one["number"] > begins]
        self.hashes: dict[int, str] = {}
        at = next((one for one in seals if one["number"] == begins), None)
        if begins and at is None:
            report.fault(f"第 {begins} 号封存缺失", f"seal {begins} is missing")
        self.start = at["position"] if at else LOWEST
        self._position = at["position"] if at else 0
        self._entries: int = at["entries"] if at else 0
        self._orders: int = at["orders"] if at else 0
        self._last: str = at["last"] if at else FIRST
        self._head: str = at["head"] if at else FIRST

    def read(self, pack: Pack) -> None:
        """Count every entry, and hold each seal against what was counted up to it."""
        rows, before = pack.rows("chain.csv"), self.start
        if next(rows, None) != CHAIN:
            self._report.fault("chain.csv 的列不对", "chain.csv has other columns")
        for row in rows:
            position, seq, of_entry = int(row[0]), int(row[1]), row[2]
            if position <= before or len(row) != len(CHAIN):
                raise ValueError(row)
            self._tell_up_to(position)
            told = bytes.fromhex(self._head) + position.to_bytes(8, "big", signed=True)
            self._head = sha256(told + bytes.fromhex(of_entry)).hexdigest()
            self._last, self._position = of_entry, position
            self.hashes[position] = of_entry
            self._entries += 1
            self._orders += seq == 1
            before = position
        self._tell_up_to(None)

    def _tell_up_to(self, position: int | None) -> None:
        counted = (self._position, self._entries, self._orders, self._last, self._head)
        while self._rest and (position is None or self._rest[0]["position"] < position):
            one = self._rest.pop(0)
            if counted != tuple(one[name] for name in ("position", "entries", "orders", "last", "head")):
                number = one["number"]
                self._report.fault(
                    f"日志与第 {number} 号封存不符", f"the log is not what seal {number} sealed"
                )


def tell_unchecked(
    pack: Pack,
    manifest: dict[str, Any],
    seals: list[dict[str, Any]],
    signed: Path | None,
    report: Report,
) -> None:
    """Say what was not looked at, and how it can be."""
    report.note(
        "没有核对：时限与偏差是否由规则得出（用 paidan 重放）；本包之外的工单",
        "not checked: that deadlines and deviations follow from the rules (replay them); other orders",
    )
    if manifest["scored_as_of"]:
        report.note(
            "没有核对：工单为何计入、计多少，各项得分、录入的加减分、总分、名次与结果运用"
            "（用 paidan score 重算）",
            "not checked: why an order counts and for how much, points, what was entered by hand, totals, "
            "ranks and what follows from them (score them again)",
        )
    else:
        report.note(
            "没有成绩：规则没有考核项目，或这个月早于日志",
            "there are no scores: the rules have no items, or the month is before the log",
        )
    signatures = [*((f"seal-{one['number']:06}", one) for one in seals[-1:]), ("manifest", manifest)]
    if not manifest["signature"]:
        report.note(
            "本包未签名：连同清单一起改过的包，只有对照数据库或封存才能查出",
            "the pack is not signed: if its manifest was changed with it, only the store or seals tell",
        )
        signatures.pop()
    if not signatures:
        return
    report.note(
        "没有核对：Ed25519 签名（标准库没有）。公钥须从别处取得，与 public.pem 比对；然后：",
        "not checked: Ed25519 signatures (not in the standard library). Get the public key from elsewhere, "
        "compare it with public.pem; then:",
    )
    folder = signed or Path("DIR")
    if signed is None:
        print("    python verify.py [PACK] --signed DIR")
    else:
        signed.mkdir(parents=True, exist_ok=True)
        if "public.pem" in pack.names:
            (signed / "public.pem").write_bytes(pack.read("public.pem"))
    for name, one in signatures:
        if signed is not None:
            (signed / f"{name}.txt").write_bytes(signed_of(one))
            (signed / f"{name}.sig").write_bytes(base64.b64decode(one["signature"]))
        files = f"-inkey {folder / 'public.pem'} -in {folder / name}.txt -sigfile {folder / name}.sig"
        print(f"    openssl pkeyutl -verify -rawin -pubin {files}")


def check(pack: Pack, signed: Path | None, report: Report) -> None:
    """Check a pack whole, as far as it can be read."""
    manifest = check_manifest(pack, report)
    if manifest is None:
        return
    try:
        check_files(pack, manifest, report)
        before, scores = report.faults, Scores()
        if manifest["scored_as_of"]:
            scores.read(pack, report)
            scores.check_sums(report)
        log = check_log(pack, manifest, scores, report)
        if manifest["scored_as_of"]:
            scores.tell(log, before, report)
        check_tables(pack, log.orders, report)
        seals = check_seals(pack, manifest, log, report)
        tell_unchecked(pack, manifest, seals, signed, report)
    except UNREADABLE as error:
        report.fault(f"无法读完：{error!r:.200}", f"it cannot be read to the end: {error!r:.200}")


def main(words: list[str]) -> int:
    """Check the pack that is named, and say what was found."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    signed = None
    if "--signed" in words[:-1]:
        at = words.index("--signed")
        signed = Path(words[at + 1])
        words = words[:at] + words[at + 2 :]
    place = Path(words[0]) if words else Path(__file__).resolve().parent
    if len(words) > 1 or not place.exists():
        print(__doc__)
        return 2
    report = Report()
    try:
        pack = Pack(place)
    except UNREADABLE as error:
        report.fault(f"无法打开 {place}：{error}", f"{place} cannot be opened: {error}")
    else:
        check(pack, signed, report)
        pack.close()
    if report.faults:
        print(f"本包有 {report.faults} 处不符 · the pack does not hold: {report.faults} faults")
        return 4
    print("本包完好 · the pack holds")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
