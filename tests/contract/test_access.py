"""Tokens and who looked at what: what every store promises of them."""

from datetime import datetime, timedelta

import pytest
from support.stores import KINDS, ON_DISK

from paidan.storage import open_store
from paidan.storage.errors import ConflictError
from paidan.storage.port import Kept, KeptSession, KeptToken, Sight
from paidan.workflows.records import BEIJING, Entry, Order

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def token(number="00000001", **changed) -> KeptToken:
    made = KeptToken(number, "ab" * 32, "王二", "dispatcher", "", NINE, "李四", NINE + timedelta(days=90))
    return made._replace(**changed)


def sight(order_id="A", name="王二", minute=0, position=1) -> Sight:
    at = NINE + timedelta(minutes=minute)
    return Sight(order_id, at, name, "auditor", "", "00000001", "history", position)


def sights(store, order_id="", name="", most=9, *, since=NINE, before=(NINE + timedelta(days=1), 0)):
    return store.sights(order_id, name, since, before, most)


@pytest.fixture(params=KINDS)
def place(request, place_of):
    return place_of(request.param)


@pytest.fixture
def store(place):
    made = open_store(place.url, "P")
    yield made
    made.close()


def test_a_token_comes_back_as_it_was_kept_and_ends_once_for_all(store):
    first, second = token(), token("00000002", role="handling_unit", unit="甲科")
    assert (store.token("00000001"), store.tokens()) == (None, ())
    store.write(lambda transaction: [transaction.keep_token(one) for one in (first, second)])
    assert store.tokens() == (first, second)
    ended = first._replace(ended_at=NINE + timedelta(days=1), ended_by="赵六")
    store.write(lambda transaction: transaction.end_token(ended._replace(name="other")))
    assert store.token("00000001") == store.write(lambda transaction: transaction.token("00000001")) == ended
    assert store.tokens() == (ended, second)


def test_a_number_is_that_of_one_token(store):
    store.write(lambda transaction: transaction.keep_token(token()))
    with pytest.raises(ConflictError):
        store.write(lambda transaction: transaction.keep_token(token(name="other")))
    assert store.tokens() == (token(),)


def test_a_token_and_a_sight_go_with_their_transaction(store):
    def undone(transaction):
        transaction.keep_token(token())
        transaction.keep_sights([sight()])
        transaction.keep_session(session())
        raise LookupError

    with pytest.raises(LookupError):
        store.write(undone)
    assert (store.tokens(), sights(store, "", "", 9), store.session("ab")) == ((), (), None)


def session(digest="ab", minute=0, **changed) -> KeptSession:
    at = NINE + timedelta(minutes=minute)
    return KeptSession(digest, "00000001", at, at)._replace(**changed)


def test_a_session_is_kept_seen_and_taken_out_for_good(store):
    first, second = session(), session("cd", wall=True)
    assert store.session("ab") is None
    store.write(lambda transaction: [transaction.keep_session(one) for one in (first, second)])
    assert (store.session("ab"), store.session("cd")) == (first, second)
    later = NINE + timedelta(minutes=7)
    store.write(lambda transaction: transaction.see_session("ab", later))
    assert (store.session("ab"), store.session("cd")) == (first._replace(seen_at=later), second)
    store.write(lambda transaction: transaction.end_session("ab"))
    store.write(lambda transaction: [transaction.end_session("ab"), transaction.see_session("ab", later)])
    assert (store.session("ab"), store.session("cd")) == (None, second)


def test_sessions_in_which_nobody_has_done_anything_for_long_are_taken_out(store):
    kept = [session("ab", 1), session("cd", 2), session("ef", 3)]
    store.write(lambda transaction: [transaction.keep_session(one) for one in kept])
    store.write(lambda transaction: transaction.end_sessions(kept[1].seen_at))
    assert [store.session(one.digest) for one in kept] == [None, *kept[1:]]


def test_sights_are_given_by_order_and_by_name_the_latest_first(store):
    seen = [sight("A", "甲", 1), sight("B", "甲", 2, 2), sight("A", "乙", 3, 3)]
    store.write(lambda transaction: transaction.keep_sights(seen))
    assert sights(store, "", "", 9) == tuple(reversed(seen))
    assert sights(store, "A", "", 9) == (seen[2], seen[0])
    assert sights(store, "", "甲", 9) == (seen[1], seen[0])
    assert sights(store, "A", "甲", 9) == (seen[0],)
    assert sights(store, "", "", 2) == (seen[2], seen[1])
    assert sights(store, "C", "", 9) == ()


def test_sights_are_given_from_a_time_on_and_before_a_place(store):
    seen = [sight("A", "甲", 1), sight("A", "乙", 2, 2), sight("A", "丙", 2, 3), sight("A", "丁", 3, 4)]
    store.write(lambda transaction: transaction.keep_sights(seen))
    for said in ({}, {"order_id": "A"}):
        assert sights(store, **said, before=seen[3].place) == tuple(reversed(seen[:3]))
        assert sights(store, **said, before=seen[2].place) == tuple(reversed(seen[:2]))
        assert sights(store, **said, since=seen[1].at) == tuple(reversed(seen[1:]))
        assert sights(store, **said, since=seen[1].at, before=(seen[3].at, 0)) == (seen[2], seen[1])
    assert sights(store, "A", "丙", before=seen[3].place) == (seen[2],)


def test_orders_are_given_page_by_page_in_order_of_id(store):
    for order_id in ("B", "A", "C~enquiry~1", "C"):
        entry = Entry(order_id, 1, "receive", "", "received", NINE, NINE)
        kept = Kept(Order(order_id, "received", 1, {}, ()), "P@2026", (), recorded_at=NINE)
        store.write(lambda transaction, kept=kept, entry=entry: transaction.keep(kept, [entry], None))
    pages, after = [], ""
    while page := store.orders_after(after, 2):
        pages.append([one.order.order_id for one in page])
        after = pages[-1][-1]
    assert pages == [["A", "B"], ["C", "C~enquiry~1"]]


@pytest.mark.parametrize("kind", ON_DISK)
@pytest.mark.parametrize("statement", ["UPDATE paidan_sight SET name = 'x'", "DELETE FROM paidan_sight"])
def test_who_looked_at_an_order_is_never_changed_or_taken_out(place_of, kind, statement):
    place = place_of(kind)
    store = open_store(place.url, "P")
    store.write(lambda transaction: transaction.keep_sights([sight()]))
    with pytest.raises(Exception, match="who looked at an order is never"):
        place.run(statement)
    assert sights(store, "A", "", 9) == (sight(),)
    store.close()
