"""
What somebody with every right in the database may do to a log, drawn by chance.

Each alteration changes something that was sealed, and hides it as well as it can be hidden by who has all but
the key: triggers are away meanwhile, chains are counted anew, heads and folded tables follow.
"""

import hashlib
import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import psycopg
import rfc8785

from paidan.engine.clock import SystemClock
from paidan.engine.governing import Governing
from paidan.policies import editions
from paidan.policies.registry import Books, document
from paidan.storage import open_store
from paidan.storage.encoding import to_text
from paidan.storage.port import Fold, KeptNotice, Store
from support.stores import Place

SAID = (
    "order_id", "seq", "event", "from_state", "to_state", "at", "recorded_at", "actor", "role", "unit",
    "rule", "note", "attributes",
)  # fmt: skip
Row = dict[str, Any]
Run = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]


class Hand:
    """A superuser's: no trigger sees what it does, and they are all back afterwards."""

    def __init__(self, kind: str, run: Run, chance: random.Random, sealed_to: int) -> None:
        self.kind, self.run, self.chance, self.sealed_to = kind, run, chance, sealed_to
        self.rebuild = False
        """Whether the folded tables are to be made anew afterwards."""

    def columns(self, table: str) -> list[str]:
        if self.kind == "sqlite":
            return [row[1] for row in self.run(f"PRAGMA table_info({table})", ())]
        where = "attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
        found = self.run(f"SELECT attname::text FROM pg_attribute WHERE {where} ORDER BY attnum", (table,))
        return [name for (name,) in found]

    def rows(self, table: str, where: str = "1 = 1", *values: Any) -> list[Row]:
        columns = self.columns(table)
        order = {"paidan_entry": "order_id, seq", "paidan_clock": "order_id, position"}.get(table, columns[0])
        statement = f"SELECT {', '.join(columns)} FROM {table} WHERE {where} ORDER BY {order}"
        return [dict(zip(columns, row, strict=True)) for row in self.run(statement, values)]

    def change(self, table: str, key: str, row: Row, **changed: Any) -> None:
        parts = ", ".join(f"{name} = ?" for name in changed)
        self.run(f"UPDATE {table} SET {parts} WHERE {key} = ?", (*changed.values(), row[key]))

    def insert(self, table: str, row: Row) -> None:
        marks = ", ".join("?" * len(row))
        self.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))

    def sealed(self, order_id: str | None = None) -> list[Row]:
        found = self.rows("paidan_entry", "position <= ?", self.sealed_to)
        return [row for row in found if order_id in (None, row["order_id"])]

    def one(self) -> Row:
        return self.chance.choice(self.sealed())

    def forget(self, table: str, key: str, row: Row) -> None:
        self.run(f"DELETE FROM {table} WHERE {key} = ?", (row[key],))

    def chain(self, order_id: str, *, renumber: bool = True) -> None:
        """Count an order's chain anew, seq and head with it, and fold it anew."""
        head = "0" * 64
        log = self.rows("paidan_entry", "order_id = ?", order_id)
        if renumber:  # out of the way first: no two entries have one number
            self.run("UPDATE paidan_entry SET seq = -seq WHERE order_id = ?", (order_id,))
        for number, row in enumerate(log, 1):
            row["seq"] = number if renumber else row["seq"]
            head = hash_of(row, head)
            self.change("paidan_entry", "position", row, seq=row["seq"], hash=head)
        if log:
            self.run(
                "UPDATE paidan_order SET head = ?, seq = ? WHERE order_id = ?",
                (head, log[-1]["seq"], order_id),
            )
        self.rebuild = True

    def other(self, name: str, value: Any) -> Any:
        """Give another value for a column."""
        chance = self.chance
        if name == "at" or name.endswith("_at"):
            return self.other_instant(value)
        if isinstance(value, bool) or name in ("void", "shut", "provisional"):
            return not value
        if isinstance(value, int):
            return value + chance.choice((1, 2, 100, -1, 1_000_000))
        if name in ("attributes", "facts", "settings"):
            said = json.loads(value)
            gone = chance.choice((None, *said))
            if gone is not None and chance.random() < 0.5:
                del said[gone]
            else:
                name, others = gone or "reason", ("另一个", 7, True, None, 0.5, ["x"])
                said[name] = chance.choice([one for one in others if one != said.get(name, "")])
            return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if chance.random() < 0.2 and value:
            return ""
        return value + chance.choice(("x", "\u200b", " ", "甲", "\n"))

    def meaning_other(self, name: str, value: Any) -> Any:
        """Give a value that means another: what is folded may write the same instant otherwise."""
        if isinstance(value, str) and value and name.endswith("_at"):
            return (datetime.fromisoformat(value) + timedelta(days=1)).isoformat()
        return self.other(name, value)

    def other_instant(self, value: Any) -> Any:
        moved = timedelta(seconds=self.chance.choice((1, -1, 60, 86400, -86400)))
        if value is None:
            value = "2026-03-05T00:00:00+00:00"
            return value if self.kind == "sqlite" else datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value + moved
        if self.chance.random() < 0.3:  # the same instant, written otherwise
            return value.replace("+00:00", self.chance.choice(("Z", "+0000", ".000000+00:00")))
        return (datetime.fromisoformat(value) + moved).isoformat()


def hash_of(row: Row, previous: str) -> str:
    """Hash an entry as a stranger would, from its row."""
    said = {name: row[name] for name in SAID}
    for name in ("at", "recorded_at"):
        said[name] = to_text(said[name]) if isinstance(said[name], datetime) else said[name]
    said |= {"attributes": json.loads(row["attributes"]), "previous": previous}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def a_cell_changed(hand: Hand) -> None:
    row = hand.one()
    name = hand.chance.choice(hand.columns("paidan_entry"))
    if name == "position":
        moved = max(one["position"] for one in hand.rows("paidan_entry")) + 5
        hand.change("paidan_entry", "position", row, position=moved)
    elif name == "seq":
        hand.change("paidan_entry", "position", row, seq=row["seq"] + 1000)
    else:
        hand.change("paidan_entry", "position", row, **{name: hand.other(name, row[name])})


def a_cell_changed_and_its_chain_counted_anew(hand: Hand) -> None:
    row = hand.one()
    name = hand.chance.choice([name for name in SAID if name not in ("order_id", "seq")])
    new = hand.other(name, row[name])
    while name == "attributes" and "." in str(json.loads(new)):
        new = hand.other(name, row[name])
    hand.change("paidan_entry", "position", row, **{name: new})
    hand.chain(row["order_id"], renumber=False)


def an_entry_taken_out(hand: Hand) -> None:
    hand.forget("paidan_entry", "position", hand.one())


def an_entry_taken_out_and_the_rest_moved_up(hand: Hand) -> None:
    row = hand.one()
    hand.forget("paidan_entry", "position", row)
    hand.chain(row["order_id"])
    forget_empty(hand, row["order_id"])


def an_entry_put_in(hand: Hand) -> None:
    row = hand.one()
    last = max(one["position"] for one in hand.rows("paidan_entry"))
    made = {**row, "position": last + 1, "note": "补", "seq": row["seq"]}
    hand.run(
        "UPDATE paidan_entry SET seq = -seq - 1 WHERE order_id = ? AND seq >= ?",
        (row["order_id"], row["seq"]),
    )
    hand.run("UPDATE paidan_entry SET seq = -seq WHERE order_id = ? AND seq < 0", (row["order_id"],))
    hand.insert("paidan_entry", made)
    hand.chain(row["order_id"])


def two_entries_swapped(hand: Hand) -> None:
    logs = [log for log in (hand.sealed(row["order_id"]) for row in hand.sealed()) if len(log) > 1]
    one, other = hand.chance.sample(hand.chance.choice(logs), 2)
    said = [name for name in SAID if name not in ("order_id", "seq")]
    if all(one[name] == other[name] for name in said):
        an_entry_taken_out(hand)
        return
    hand.change("paidan_entry", "position", one, **{name: other[name] for name in said})
    hand.change("paidan_entry", "position", other, **{name: one[name] for name in said})
    if hand.chance.random() < 0.7:
        hand.chain(one["order_id"])


def positions_permuted(hand: Hand) -> None:
    one, other = hand.chance.sample(hand.sealed(), 2)
    hand.change("paidan_entry", "position", one, position=-1)
    hand.change("paidan_entry", "position", other, position=one["position"])
    hand.run("UPDATE paidan_entry SET position = ? WHERE position = -1", (other["position"],))


def positions_moved(hand: Hand) -> None:
    by = hand.chance.choice((1, 7, 1000))
    hand.run("UPDATE paidan_entry SET position = -position", ())
    hand.run("UPDATE paidan_entry SET position = -position + ?", (by,))


def an_order_removed(hand: Hand) -> None:
    order_id = hand.one()["order_id"]
    for table in ("paidan_entry", "paidan_clock", "paidan_order"):
        hand.run(f"DELETE FROM {table} WHERE order_id = ?", (order_id,))


def an_order_renamed(hand: Hand) -> None:
    order_id = hand.one()["order_id"]
    hand.run("UPDATE paidan_entry SET order_id = 'another' WHERE order_id = ?", (order_id,))
    for table in ("paidan_clock", "paidan_order"):
        hand.run(f"DELETE FROM {table} WHERE order_id = ?", (order_id,))
    hand.chain("another")


def a_tail_cut(hand: Hand) -> None:
    row = hand.one()
    hand.run("DELETE FROM paidan_entry WHERE order_id = ? AND seq >= ?", (row["order_id"], row["seq"]))
    if hand.chance.random() < 0.8:
        hand.chain(row["order_id"])
        forget_empty(hand, row["order_id"])


def the_whole_log_cut(hand: Hand) -> None:
    after = hand.one()["position"]
    ids = {row["order_id"] for row in hand.rows("paidan_entry", "position >= ?", after)}
    hand.run("DELETE FROM paidan_entry WHERE position >= ?", (after,))
    for order_id in ids:
        hand.chain(order_id)
        forget_empty(hand, order_id)


def a_notice_changed(hand: Hand) -> None:
    (row,) = hand.rows("paidan_calendar")
    if hand.chance.random() < 0.2:
        hand.forget("paidan_calendar", "position", row)
        return
    name = hand.chance.choice(("year", "text", "loaded_at"))
    new = hand.other(name, row[name])
    if name == "loaded_at" and isinstance(new, str):  # written otherwise it counts from the same instant
        new = (datetime.fromisoformat(row[name]) + timedelta(days=1)).isoformat()
    if name == "text":
        new = hand.chance.choice((row[name] + "# x\n", row[name].replace("01-03", "01-04"), "", "="))
    hand.change("paidan_calendar", "position", row, **{name: new})


def the_store_changed(hand: Hand) -> None:
    (row,) = hand.rows("paidan_store")
    name = hand.chance.choice(("policy", "settings", "calendar", "store_id"))
    choices = {
        "policy": ("BS", "ZZ", "XX", ""),
        "settings": ('{"jy.contact_start":"registered_at"}', '{"no.such":"x"}', "[]", "no json", "7"),
        "calendar": ("", "{}", row["calendar"].replace("2026", "2025"), "x"),
        "store_id": ("", "0" * 32),
    }
    hand.change("paidan_store", "id", row, **{name: hand.chance.choice(choices[name])})


def a_folded_order_changed(hand: Hand) -> None:
    row = hand.chance.choice(hand.rows("paidan_order"))
    if hand.chance.random() < 0.15:
        hand.forget("paidan_order", "order_id", row)
        return
    name = hand.chance.choice(hand.columns("paidan_order")[1:])
    hand.change("paidan_order", "order_id", row, **{name: hand.meaning_other(name, row[name])})


def a_clock_changed(hand: Hand) -> None:
    columns = hand.columns("paidan_clock")
    row = hand.chance.choice(hand.rows("paidan_clock"))
    where, values = "order_id = ? AND position = ?", (row["order_id"], row["position"])
    if hand.chance.random() < 0.15:
        hand.run(f"DELETE FROM paidan_clock WHERE {where}", values)
        return
    name = hand.chance.choice(columns[1:])
    new = row["position"] + 50 if name == "position" else hand.meaning_other(name, row[name])
    hand.run(f"UPDATE paidan_clock SET {name} = ? WHERE {where}", (new, *values))


def a_stray_order_made(hand: Hand) -> None:
    row = hand.chance.choice(hand.rows("paidan_order"))
    hand.insert("paidan_order", {**row, "order_id": "stray"})


ALTERATIONS = (
    a_cell_changed, a_cell_changed, a_cell_changed_and_its_chain_counted_anew, an_entry_taken_out,
    an_entry_taken_out_and_the_rest_moved_up, an_entry_put_in, two_entries_swapped, positions_permuted,
    positions_moved, an_order_removed, an_order_renamed, a_tail_cut, the_whole_log_cut, a_notice_changed,
    the_store_changed, a_folded_order_changed, a_clock_changed, a_stray_order_made,
)  # fmt: skip


def forget_empty(hand: Hand, order_id: str) -> None:
    """Take away what is kept of an order whose log is gone."""
    if not hand.rows("paidan_entry", "order_id = ?", order_id):
        for table in ("paidan_clock", "paidan_order"):
            hand.run(f"DELETE FROM {table} WHERE order_id = ?", (order_id,))


def alter(place: Place, seed: int, sealed_to: int) -> str:
    """Alter a database by one thing that depends on the seed, and give its name."""
    chance = random.Random(seed)
    alteration = ALTERATIONS[seed % len(ALTERATIONS)]
    with _hand(place, chance, sealed_to) as hand:
        alteration(hand)
    if hand.rebuild:
        _rebuild(place)
    return alteration.__name__


def _rebuild(place: Place) -> None:
    """Fold all orders anew, where what stands in the log still can be folded."""
    with suppress(Exception), closing(cast("Any", open_store(place.url, "JY", create=False))) as store:
        if place.kind == "sqlite":  # it need not outlive a power cut
            store._cursor.execute("PRAGMA synchronous = OFF")
        store.write(lambda transaction: transaction.rebuild(fold_of(store)))


@cache
def _books(policy: str, settings: str, calendar: str) -> Books:
    return Books(document(policy), json.loads(settings), None, editions.from_text(calendar))


@cache
def _folds(books: Books, notices: tuple[KeptNotice, ...]) -> Fold:
    """Give a fold: rules are read once for a thousand databases that are made alike."""

    class Reading:
        notices = staticmethod(lambda: notices)

    return Governing(cast("Any", None), books, SystemClock()).fold(cast("Any", Reading()))


def fold_of(store: Store) -> Fold:
    """Give the fold by the rules of a store."""
    books = _books(store.policy, json.dumps(dict(store.settings)), store.calendar)
    return _folds(books, store.notices())


@contextmanager
def _hand(place: Any, chance: random.Random, sealed_to: int) -> Iterator[Hand]:
    if place.kind == "sqlite":
        with closing(sqlite3.connect(place.path)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            guards = found.fetchall()
            for name, _ in guards:
                connection.execute(f"DROP TRIGGER {name}")
            yield Hand("sqlite", lambda *asked: connection.execute(*asked).fetchall(), chance, sealed_to)
            for _, statement in guards:
                connection.execute(statement)
    else:
        with psycopg.connect(place.dsn) as server:
            server.execute("SET session_replication_role = replica")

            def run(statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
                found = server.execute(statement.replace("?", "%s"), values)
                return found.fetchall() if found.description else []

            yield Hand("postgresql", run, chance, sealed_to)
