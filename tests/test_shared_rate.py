"""A rate limit that holds for a client whichever process it asks."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import httpx2
import pytest

from grok_vision.shared import Shared
from grok_vision.web.rate import RateLimit
from tests.guarded import WHO_ASKS, calling
from tests.redis_server import RedisServer, black_hole

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def replicas(
    url: str, per_minute: int, clock: Clock | None = None, count: int = 2
) -> AsyncIterator[list[httpx2.AsyncClient]]:
    """Give a client of each of several processes, as far as Redis can tell."""
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(count):
            shared = Shared(url, prefix="test", clock=clock or Clock())
            stack.push_async_callback(shared.aclose)
            app = RateLimit(WHO_ASKS, per_minute, shared=shared)
            clients.append(await stack.enter_async_context(calling(app)))
        yield clients


async def status(client: httpx2.AsyncClient) -> int:
    return (await client.post("/mcp")).status_code


async def test_requests_count_wherever_they_arrive(redis: RedisServer) -> None:
    async with replicas(redis.url, 3) as [one, other]:
        assert [await status(client) for client in (one, other, one)] == [200] * 3
        refused = await other.post("/mcp")
        assert (refused.status_code, await status(one)) == (429, 429)
        assert 50 <= int(refused.headers["retry-after"]) <= 60


async def test_requests_at_once_do_not_pass_the_limit_together(redis: RedisServer) -> None:
    told: list[int] = []

    async def ask(client: httpx2.AsyncClient) -> None:
        told.append(await status(client))

    async with replicas(redis.url, 20) as clients, anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(ask, clients[number % 2])
    assert sorted(told) == [200] * 20 + [429] * 30


async def test_nothing_stays_in_redis_for_longer_than_a_minute(redis: RedisServer) -> None:
    async with replicas(redis.url, 3) as [one, other]:
        await status(one)
        await status(other)
        shared = Shared(redis.url, prefix="test")
        [key] = await shared.call(lambda client: client.keys("*"))
        assert repr(key).startswith("b'test:asked:")
        assert 0 < await shared.call(lambda client: client.ttl(key)) <= 60
        assert await shared.call(lambda client: client.llen(key)) == 2
        await shared.aclose()


async def test_while_redis_is_away_each_process_counts_its_own(redis: RedisServer) -> None:
    clock = Clock()
    async with replicas(redis.url, 2, clock) as [one, other]:
        assert [await status(one), await status(one), await status(other)] == [200, 200, 429]
        redis.stop()
        assert [await status(one) for _ in range(3)] == [200, 200, 429]
        assert [await status(other) for _ in range(3)] == [200, 200, 429]
        assert int((await one.post("/mcp")).headers["retry-after"]) <= 60
        redis.start()
        clock.now += 2
        assert [await status(one), await status(other), await status(one)] == [200, 200, 429]


async def test_a_redis_that_never_answers_holds_up_one_request() -> None:
    async with black_hole() as hole, replicas(hole.url, 100, count=1) as [one]:
        assert [await status(one) for _ in range(5)] == [200] * 5
        assert hole.connections == 1
