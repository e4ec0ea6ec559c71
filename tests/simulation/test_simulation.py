"""The engine in worlds made from a seed: 10,000 steps here, any number by `python -m tests.simulation`."""

import pytest
from support.notices import written
from support.stores import KINDS, ON_DISK

from simulation.simulator import EPISODE, POLICIES, STEPS, TROUBLES, Simulation

WORLDS = (
    {"ladder": True, "vault": True, "permission": "offices"},
    {"ladder": False, "vault": False, "permission": "any_role"},
)
MET = {
    "entry correct", "entry of the past", "entry time_out_withdrawn", "entry recompute", "unmask, done",
    "unmask, refused", "erase, done", "delivered", "a subscriber died", "a subscriber was unwilling",
    "entry propose_supervision", "entry open_supervision", "entry add_ground", "entry issue_sheet",
    "entry answer_sheet", "entry open_extension", "entry open_topic",
}  # fmt: skip
"""What must have come about besides, lest an invariant hold for want of anything to hold."""


@pytest.fixture
def world(tmp_path, place_of):
    """Give what makes a simulation from its seed."""
    written(tmp_path)

    def make(seed, kind="memory", **more):
        return Simulation(seed, lambda _: place_of(kind).url, tmp_path, **more)

    return make


def test_ten_thousand_steps_hold_every_invariant_in_the_end_and_on_the_way(world):
    seen = set()
    for number in range(10_000 // EPISODE):
        one = world(f"suite 0:{number}", **WORLDS[number % len(WORLDS)])
        one.run(EPISODE)
        seen |= set(one.counted)
        assert all(desk.model.orders for desk in one.desks)
    assert seen >= {*STEPS, *(name for name, _, _ in TROUBLES), "away"}, (
        "every step was taken, every fault met"
    )
    assert seen >= MET


def test_the_stores_live_through_the_same_world_alike(world):
    lived = set()
    for kind in KINDS:
        one = world("alike", kind, policies=("JY", "BS"), vault=True, permission="offices")
        one.run(400)
        lived.add(one.digest.hexdigest())
    assert len(lived) == 1, "every answer, every sweep and every fault was the same"


def test_the_same_seed_makes_the_same_world(world):
    ran = [world("again") for _ in range(2)]
    for one in ran:
        one.run(500)
    other = world("another")
    other.run(500)
    assert ran[0].digest.hexdigest() == ran[1].digest.hexdigest() != other.digest.hexdigest()


def test_every_document_is_simulated(world):
    assert {desk.policy for desk in world("five").desks} == set(POLICIES)


@pytest.mark.long
@pytest.mark.parametrize("kind", ON_DISK)
def test_a_whole_world_on_a_real_database_holds_them(world, kind):
    world(f"long:{kind}", kind).run(EPISODE)
