"""A shelf in Redis: the bounds of a shelf in memory, kept by processes that know nothing of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from grok_vision.shared import Reply, Shared, UnavailableError
from grok_vision.shelves import MemoryShelf, RedisShelf, Shelf
from tests.redis_server import RedisServer, black_hole

pytestmark = pytest.mark.anyio

KIB = 1024
MIB = KIB * KIB


@pytest.fixture
async def shared(redis: RedisServer) -> AsyncIterator[Shared]:
    shared = Shared(redis.url, prefix="test", rest=0)
    yield shared
    await shared.aclose()


def shelf_in(shared: Shared, name: str = "uploads", **given: Any) -> RedisShelf:
    bounds = {"per_owner": 10 * KIB, "in_all": 100 * KIB, "seconds": 60.0}
    return RedisShelf(shared, name, **{**bounds, **given})


async def kept(shelf: Shelf, owner: str, *names: str) -> str:
    """Return those of the names that are kept."""
    return "".join([name for name in names if await shelf.get(owner, name) is not None])


async def microseconds(shared: Shared) -> int:
    seconds, rest = await shared.call(lambda client: client.time())
    return seconds * 1_000_000 + rest


@asynccontextmanager
async def counted(shared: Shared, command: str) -> AsyncIterator[Callable[[], int]]:
    """Give what tells, afterwards, how often Redis did that command."""
    before, after = await calls_of(shared, command), 0
    yield lambda: after - before
    after = await calls_of(shared, command)


async def calls_of(shared: Shared, command: str) -> int:
    stats = await shared.call(lambda client: client.info("commandstats"))
    return int(stats.get(f"cmdstat_{command}", {"calls": 0})["calls"])


async def in_redis(shared: Shared) -> dict[str, Any]:
    """Return all keys, and how much is written down of what is kept."""
    base = shared.key("shelf", "uploads")
    keys = await shared.call(lambda client: client.keys("*"))
    sums = await shared.call(lambda client: client.hgetall(f"{base}:sums"))
    sizes = await shared.call(lambda client: client.hvals(f"{base}:sizes"))
    return {
        "keys": len(keys),
        "all": int(sums.get(b"all", 0)),
        "owners": sum(int(size) for name, size in sums.items() if name != b"all"),
        "sizes": sum(map(int, sizes)),
    }


async def test_what_one_process_puts_another_gets(redis: RedisServer, shared: Shared) -> None:
    assert await shelf_in(shared).put("me", "a", b"\x00\xff")
    other = Shared(redis.url, prefix="test")
    assert await shelf_in(other).get("me", "a") == b"\x00\xff"
    await other.aclose()


async def test_an_empty_one_is_kept_too(shared: Shared) -> None:
    shelf = shelf_in(shared)
    assert await shelf.put("me", "a", b"")
    assert await shelf.get("me", "a") == b""


async def test_owners_names_and_shelves_are_apart(shared: Shared) -> None:
    shelf = shelf_in(shared)
    await shelf.put("me", "a", b"mine")
    assert await shelf.get("you", "a") is None
    assert await shelf.get("me", "b") is None
    assert await shelf.get("me:a", "") is None
    assert await shelf_in(shared, "pictures").get("me", "a") is None


async def test_words_of_callers_are_in_no_key(shared: Shared) -> None:
    await shelf_in(shared).put("token\ud800", "secret", b"")
    keys = await shared.call(lambda client: client.keys("*"))
    assert len(keys) == 5
    for key in map(repr, keys):
        assert key.startswith("b'test:shelf:uploads:")
        assert "token" not in key
        assert "secret" not in key


async def test_what_is_put_again_is_the_newest(shared: Shared) -> None:
    shelf = shelf_in(shared, per_owner=2 * KIB)
    for name, data in ("a", b"1"), ("b", b"1"), ("a", b"2"), ("c", b"1"):
        await shelf.put("me", name, data)
    assert await kept(shelf, "me", "a", "b", "c") == "ac"
    assert await shelf.get("me", "a") == b"2"
    assert (await in_redis(shared))["all"] == 2 * KIB


async def test_an_owner_makes_room_of_its_own_first(shared: Shared) -> None:
    shelf = shelf_in(shared, per_owner=4 * KIB, in_all=6 * KIB)
    await shelf.put("you", "y", b"1" * 2 * KIB)
    for name in "abc":
        await shelf.put("me", name, b"1" * 2 * KIB)
    assert await kept(shelf, "me", "a", "b", "c") == "bc"
    assert await kept(shelf, "you", "y") == "y"
    await shelf.put("they", "z", b"1")
    assert await kept(shelf, "you", "y") == ""
    assert await kept(shelf, "me", "b", "c") == "bc"


async def test_the_newest_is_kept_and_what_is_too_large_is_not(shared: Shared) -> None:
    shelf = shelf_in(shared, per_owner=3 * KIB, in_all=100)
    assert not await shelf.put("me", "a", b"1" * 101)
    assert await shelf.put("me", "b", b"1" * 100)
    assert await shelf.put("me", "c", b"")
    assert await kept(shelf, "me", "a", "b", "c") == "c"


async def test_gets_count_as_use_where_that_is_wanted(shared: Shared) -> None:
    for refreshes, left in (False, "bc"), (True, "ac"):
        shelf = shelf_in(shared, f"{refreshes}", per_owner=2 * KIB, refreshes=refreshes)
        await shelf.put("me", "a", b"1")
        await shelf.put("me", "b", b"1")
        await shelf.get("me", "a")
        await shelf.put("me", "c", b"1")
        assert await kept(shelf, "me", "a", "b", "c") == left


async def test_large_ones_come_whole(shared: Shared) -> None:
    shelf = shelf_in(shared, per_owner=8 * MIB, in_all=8 * MIB, refreshes=True)
    data = bytes(range(256)) * 4096 * 5
    assert await shelf.put("me", "a", data)
    assert await shelf.get("me", "a") == data


async def test_what_is_larger_than_may_be_kept_others_have_put_there(shared: Shared) -> None:
    shelf = shelf_in(shared)
    await shelf.put("me", "a", b"1")
    [key] = await shared.call(lambda client: client.keys("*:data:*"))
    await shared.call(lambda client: client.set(key, bytes(10 * KIB + 1)))
    assert await shelf.get("me", "a") is None


async def test_a_large_one_takes_the_room_of_thousands_by_steps(shared: Shared) -> None:
    shelf = shelf_in(shared, per_owner=3 * MIB, in_all=4 * MIB)
    for number in range(3000):
        await shelf.put("me", str(number), b"1")
    await shelf.put("you", "a", b"1")
    large = bytes(2 * MIB)
    async with counted(shared, "evalsha") as calls:
        assert await shelf.put("me", "large", large)
    assert calls() == 3
    assert await kept(shelf, "you", "a") == "a"
    left = await kept(shelf, "me", *map(str, range(2040, 2060)))
    assert left.endswith("2059")
    assert await shelf.get("me", "large") == large
    found = await in_redis(shared)
    assert found["all"] == found["owners"] == found["sizes"] == 3 * MIB + KIB


async def test_a_large_one_that_is_put_again_takes_its_own_room(shared: Shared) -> None:
    shelf = shelf_in(shared, per_owner=4 * MIB, in_all=6 * MIB)
    await shelf.put("me", "a", bytes(2 * MIB))
    await shelf.put("me", "b", bytes(2 * MIB))
    await shelf.put("me", "a", bytes(2 * MIB))
    assert await kept(shelf, "me", "a", "b") == "ab"
    await shelf.put("me", "c", bytes(2 * MIB))
    assert await kept(shelf, "me", "a", "b", "c") == "ac"


async def test_a_redis_that_threw_out_what_is_written_down_keeps_more_than_the_newest_again(
    shared: Shared,
) -> None:
    shelf = shelf_in(shared)
    for name in "abc":
        await shelf.put("me", name, bytes(3 * KIB))
    base = shared.key("shelf", "uploads")
    await shared.call(lambda client: client.delete(f"{base}:sizes"))
    for name in "defg":
        await shelf.put("me", name, bytes(3 * KIB))
    assert await kept(shelf, "me", *"defg") == "efg"
    found = await in_redis(shared)
    assert found["all"] == found["owners"] == found["sizes"] == 9 * KIB


async def test_large_ones_leave_turns_to_the_rest_of_what_is_shared(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = shelf_in(shared, per_owner=40 * MIB, in_all=40 * MIB)
    await shelf.put("me", "a", bytes(2 * MIB))
    at_once: list[int] = [0]
    go_on = anyio.Event()
    run = shared.run

    async def watched(script: str, keys: list[str], given: list[Any], *, seconds: float) -> Reply:
        if seconds <= 1:
            return await run(script, keys, given, seconds=seconds)
        at_once.append(at_once[-1] + 1)
        await go_on.wait()
        found = await run(script, keys, given, seconds=seconds)
        at_once.append(at_once[-1] - 1)
        return found

    monkeypatch.setattr(shared, "run", watched)
    async with anyio.create_task_group() as tasks:
        for number in range(4):
            tasks.start_soon(shelf.get, "me", "a")
            tasks.start_soon(shelf.put, "me", str(number), bytes(2 * MIB))
        while at_once[-1] < 2:
            await anyio.lowlevel.checkpoint()
        monkeypatch.setattr("grok_vision.shelves.redis_shelf._PATIENCE", 0.0)
        with pytest.raises(UnavailableError, match="busy with other pictures"):
            await shelf.get("me", "a")
        go_on.set()
    assert (max(at_once), at_once[-1]) == (2, 0)


async def test_nothing_is_left_when_all_has_expired(shared: Shared) -> None:
    shelf = shelf_in(shared, seconds=0.05)
    await shelf.put("me", "a", b"1")
    await shelf.put("you", "b", b"1")
    while await shared.call(lambda client: client.keys("*")):
        await anyio.lowlevel.checkpoint()
    assert await shelf.get("me", "a") is None


async def test_what_is_older_than_it_may_be_goes_when_the_next_is_put(shared: Shared) -> None:
    shelf = shelf_in(shared)
    await shelf.put("me", "a", b"1")
    later = await microseconds(shared) + 20_000
    while await microseconds(shared) <= later:
        await anyio.lowlevel.checkpoint()
    await shelf_in(shared, seconds=0.02).put("you", "b", b"1")
    assert await shelf.get("me", "a") is None


async def test_bytes_that_redis_put_out_itself_are_forgotten(shared: Shared) -> None:
    shelf = shelf_in(shared)
    await shelf.put("me", "a", b"1")
    [key] = await shared.call(lambda client: client.keys("*:data:*"))
    await shared.call(lambda client: client.delete(key))
    assert await shelf.get("me", "a") is None
    assert await in_redis(shared) == {"keys": 0, "all": 0, "owners": 0, "sizes": 0}


async def test_the_bounds_hold_while_many_put_and_get_at_once(
    redis: RedisServer, shared: Shared
) -> None:
    processes = [Shared(redis.url, prefix="test") for _ in range(4)]

    async def work(one: Shared, number: int) -> None:
        shelf = shelf_in(one, per_owner=8 * KIB, in_all=20 * KIB)
        for turn in range(25):
            size = (number * 7 + turn * 911) % (3 * KIB)
            await shelf.put(f"owner {number % 3}", f"{turn % 9}", b"1" * size)
            await shelf.get(f"owner {turn % 3}", f"{number}")

    async with anyio.create_task_group() as tasks:
        for number, one in enumerate(processes * 2):
            tasks.start_soon(work, one, number)
    found = await in_redis(shared)
    assert found["all"] == found["owners"] == found["sizes"] <= 20 * KIB
    for one in processes:
        await one.aclose()


@pytest.mark.parametrize("refreshes", [True, False])
async def test_it_does_as_a_shelf_in_memory_does(shared: Shared, refreshes: bool) -> None:
    """Over the same calls, both keep the same. A `get` counts as use in Redis only."""
    bounds: dict[str, Any] = {"per_owner": 5 * KIB, "in_all": 12 * KIB, "seconds": 60.0}
    memory = MemoryShelf(**bounds)
    shelf = shelf_in(shared, refreshes=refreshes, **bounds)
    for turn in range(120):
        owner, name = f"owner {turn * 7 % 4}", f"{turn * 13 % 11}"
        data = b"1" * (turn * 397 % (3 * KIB))
        assert await shelf.put(owner, name, data) == await memory.put(owner, name, data)
        if not refreshes:
            assert await shelf.get(owner, f"{turn % 11}") == await memory.get(owner, f"{turn % 11}")
    names = [(f"owner {owner}", f"{name}") for owner in range(4) for name in range(11)]
    assert [await shelf.get(*one) for one in names] == [await memory.get(*one) for one in names]


async def test_a_redis_that_never_answers_is_not_waited_for_longer_with_large_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("grok_vision.shelves.redis_shelf._SECONDS", 0.1)
    async with black_hole() as hole:
        away = Shared(hole.url, prefix="test", clock=lambda: 0.0)
        shelf = shelf_in(away, per_owner=64 * MIB, in_all=64 * MIB)
        # To carry as much it would have four seconds.
        with anyio.fail_after(2), pytest.raises(UnavailableError):
            await shelf.put("me", "a", bytes(32 * MIB))
        with pytest.raises(UnavailableError):
            await shelf.get("me", "a")
        assert hole.connections == 1
        await away.aclose()
