"""Whose turn it is at the interpreter: short ones while somebody reckons, and then as before."""

import sys

import pytest

from paidan.engine.turns import giving_way


@pytest.fixture
def usual():
    before = sys.getswitchinterval()
    yield before
    sys.setswitchinterval(before)


def test_turns_are_short_until_the_last_that_reckons_has_done(usual):
    with giving_way():
        with giving_way():
            assert sys.getswitchinterval() < usual / 5
        assert sys.getswitchinterval() < usual / 5
    assert sys.getswitchinterval() == usual


def test_turns_that_are_shorter_already_stay_as_they_are(usual):
    sys.setswitchinterval(usual / 100)
    shorter = sys.getswitchinterval()
    with giving_way():
        assert sys.getswitchinterval() == pytest.approx(shorter, rel=0.1)
    assert sys.getswitchinterval() == pytest.approx(shorter, rel=0.1)


def test_turns_are_as_before_when_the_reckoning_fails(usual):
    def fail():
        with giving_way():
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert sys.getswitchinterval() == usual
