"""Shelves: what is kept on one, for whom, for how long, and how much of it."""

import math
import random
from dataclasses import dataclass

import pytest

from grok_vision import shelves
from grok_vision.shelves import MemoryShelf

pytestmark = pytest.mark.anyio

KIB = 1024


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def shelf(
    per_owner: int = 8 * KIB,
    in_all: int = 16 * KIB,
    seconds: float = math.inf,
    clock: Clock | None = None,
) -> MemoryShelf:
    return MemoryShelf(per_owner=per_owner, in_all=in_all, seconds=seconds, clock=clock or Clock())


async def names(kept: MemoryShelf, owner: str, asked: str) -> str:
    """Return those of the names, of one letter each, that are found."""
    return "".join([name for name in asked if await kept.get(owner, name) is not None])


async def test_what_is_put_is_found_by_its_owner_and_nobody_else() -> None:
    kept = shelf()
    assert await kept.put("ann", "a", b"picture")
    assert await kept.get("ann", "a") == b"picture"
    assert await kept.get("bob", "a") is None
    assert await kept.get("", "a") is None
    assert await kept.get("ann", "b") is None


async def test_owners_and_names_that_join_to_one_text_are_kept_apart() -> None:
    kept = shelf()
    await kept.put("a", "bc", b"1")
    assert await kept.get("ab", "c") is None


async def test_what_is_put_again_takes_the_place_of_what_was_there() -> None:
    kept = shelf(per_owner=8 * KIB)
    await kept.put("ann", "a", bytes(5 * KIB))
    assert await kept.put("ann", "a", bytes(6 * KIB))
    assert await kept.put("ann", "b", bytes(2 * KIB))
    assert await names(kept, "ann", "ab") == "ab"
    assert len(await kept.get("ann", "a") or b"") == 6 * KIB


async def test_the_oldest_of_an_owner_make_room_and_those_of_others_stay() -> None:
    kept = shelf(per_owner=8 * KIB, in_all=64 * KIB)
    await kept.put("bob", "z", bytes(8 * KIB))
    for name in "abcd":
        await kept.put("ann", name, bytes(3 * KIB))
    assert await names(kept, "ann", "abcd") == "cd"
    assert await names(kept, "bob", "z") == "z"


async def test_the_oldest_of_all_make_room_where_all_together_hold_too_much() -> None:
    kept = shelf(per_owner=8 * KIB, in_all=12 * KIB)
    await kept.put("ann", "a", bytes(6 * KIB))
    await kept.put("bob", "b", bytes(6 * KIB))
    await kept.put("ann", "a", bytes(6 * KIB))
    await kept.put("cid", "c", bytes(4 * KIB))
    assert await names(kept, "bob", "b") == ""
    assert await names(kept, "ann", "a") == "a"


@pytest.mark.parametrize(("per_owner", "in_all"), [(4 * KIB, 8 * KIB), (8 * KIB, 4 * KIB)])
async def test_what_is_larger_than_all_that_may_be_kept_is_refused_and_removes_nothing(
    per_owner: int, in_all: int
) -> None:
    kept = shelf(per_owner=per_owner, in_all=in_all)
    await kept.put("ann", "a", b"first")
    assert not await kept.put("ann", "a", bytes(4 * KIB + 1))
    assert await kept.get("ann", "a") == b"first"
    assert await kept.put("ann", "b", bytes(4 * KIB))


async def test_many_that_are_tiny_are_bounded_too() -> None:
    kept = shelf(per_owner=8 * KIB, in_all=16 * KIB)
    for number in range(100):
        await kept.put("ann", str(number), b"x")
    found = [number for number in range(100) if await kept.get("ann", str(number))]
    assert found == list(range(92, 100))


async def test_the_newest_is_kept_also_where_next_to_nothing_may_be() -> None:
    kept = shelf(per_owner=10, in_all=10)
    await kept.put("ann", "a", b"1234567890")
    assert await kept.put("bob", "b", b"1234567890")
    assert await names(kept, "ann", "a") + await names(kept, "bob", "b") == "b"


async def test_after_its_time_nothing_is_found_and_what_was_put_again_has_a_new_time() -> None:
    clock = Clock()
    kept = shelf(seconds=10, clock=clock)
    await kept.put("ann", "a", b"1")
    await kept.put("ann", "b", b"1")
    clock.now = 6
    await kept.put("ann", "a", b"1")
    clock.now = 10
    assert await names(kept, "ann", "ab") == "a"
    clock.now = 16
    assert await names(kept, "ann", "ab") == ""


async def test_what_is_found_gets_no_more_time_and_stays_the_oldest() -> None:
    clock = Clock()
    kept = shelf(per_owner=2 * KIB, seconds=10, clock=clock)
    await kept.put("ann", "a", bytes(KIB))
    await kept.put("ann", "b", bytes(KIB))
    assert await kept.get("ann", "a")
    await kept.put("ann", "c", bytes(KIB))
    assert await names(kept, "ann", "abc") == "bc"


async def test_whatever_is_put_the_bounds_hold_and_the_newest_is_there() -> None:
    chance = random.Random(5)
    clock = Clock()
    kept = shelf(per_owner=8 * KIB, in_all=20 * KIB, seconds=50, clock=clock)
    owners, tags = ("ann", "bob", "cid", "dan"), [str(number) for number in range(12)]
    for _ in range(2_000):
        clock.now += chance.random()
        owner, name = chance.choice(owners), chance.choice(tags)
        data = bytes(chance.randrange(9 * KIB))
        assert await kept.put(owner, name, data) == (len(data) <= 8 * KIB)
        if len(data) <= 8 * KIB:
            assert await kept.get(owner, name) == data
        held = {
            one: [len(data) for tag in tags if (data := await kept.get(one, tag)) is not None]
            for one in owners
        }
        assert all(sum(sizes) <= 8 * KIB for sizes in held.values())
        assert sum(map(sum, held.values())) <= 20 * KIB
    clock.now += 50
    assert [await names(kept, one, "0123456789") for one in owners] == [""] * 4


def test_the_door_has_nothing_that_it_does_not_name() -> None:
    with pytest.raises(AttributeError):
        shelves.Cupboard  # noqa: B018
