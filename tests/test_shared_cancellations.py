"""A cancellation that reaches one server ends the request that goes on at another."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from grok_vision.app import create_server
from tests.fake_xai import FakeXAI
from tests.peers import asked, call, sent, serving, session, until
from tests.redis_server import RedisServer
from tests.support import saved, settings_for

pytestmark = pytest.mark.anyio

CHANNEL = b"grok-vision:cancelled"
LONG = 60.0
"""Seconds that the provider takes: no test waits for it."""


@pytest.fixture
async def hosts(redis: RedisServer, folder: Path, xai: FakeXAI) -> AsyncIterator[list[str]]:
    """The addresses of two servers that share a Redis, whose provider takes long."""
    xai.delay = LONG
    async with AsyncExitStack() as stack:
        address = stack.enter_context(xai.serve())
        hosts = []
        for _ in range(2):
            settings = settings_for(folder, base_url=address, redis_url=redis.url)
            server = create_server(settings)
            await stack.enter_async_context(server.in_flight.listening())
            app = server.streamable_http_app(stateless_http=True)
            hosts.append(await stack.enter_async_context(serving(app)))
        await listened(redis, 2)
        yield hosts


async def listened(redis: RedisServer, count: int) -> None:
    """Wait until so many servers listen."""
    async with Redis.from_url(redis.url) as client:
        with anyio.fail_after(10):
            while [(CHANNEL, count)] != await client.pubsub_numsub(CHANNEL):  # noqa: ASYNC110
                await anyio.sleep(0.01)


async def cancelled(host: str, headers: dict[str, str], number: object) -> str:
    note = asked("notifications/cancelled", {"requestId": number}, None)
    return (await (await sent(host, note, headers)).rest()).partition("\r\n")[0]


async def heard(listener: PubSub) -> dict[str, Any]:
    """Return what is told next."""
    with anyio.fail_after(10):
        while True:
            told: dict[str, Any] | None = await listener.get_message(timeout=None)
            if told is not None:
                return told


async def test_a_request_at_another_server_is_cancelled(
    hosts: list[str], folder: Path, xai: FakeXAI
) -> None:
    headers = await session(hosts[0])
    peer = await sent(hosts[0], call(saved(folder), 7), headers)
    await until(lambda: len(xai.requests))
    assert await cancelled(hosts[1], headers, 7) == "HTTP/1.1 202 Accepted"
    await until(lambda: xai.left)
    assert '"id":7' not in await peer.rest()


async def test_only_the_request_of_that_client_and_id_is_cancelled_there(
    hosts: list[str], folder: Path, xai: FakeXAI
) -> None:
    one, other = await session(hosts[0]), await session(hosts[0])
    first = await sent(hosts[0], call(saved(folder), 1), one)
    stays = await sent(hosts[0], call(saved(folder), 1), other)
    await until(lambda: len(xai.requests), 2)
    await cancelled(hosts[1], one, 2)
    await cancelled(hosts[1], one, "1")
    await cancelled(hosts[1], one, 1)
    await first.rest()
    await until(lambda: xai.left)
    assert (xai.left, stays.reader.at_eof()) == (1, False)
    await stays.leave()


async def test_what_is_no_cancellation_is_passed_over(
    hosts: list[str], redis: RedisServer, folder: Path, xai: FakeXAI
) -> None:
    headers = await session(hosts[0])
    peer = await sent(hosts[0], call(saved(folder), 7), headers)
    await until(lambda: len(xai.requests))
    async with Redis.from_url(redis.url) as client:
        for words in (b"{", b"1", b"[]", json.dumps([["a"], 7]).encode(), b'["a", {}]', b"\xff"):
            assert await client.publish(CHANNEL, words) == 2
        for words in (b"[" * 1000, b"[" * 1_000_000):
            assert await client.publish(CHANNEL, words) == 2
    await cancelled(hosts[1], headers, 7)
    await until(lambda: xai.left)
    await peer.rest()


async def test_what_is_too_long_for_an_id_is_not_told_to_others(
    hosts: list[str], redis: RedisServer
) -> None:
    headers = await session(hosts[0])
    async with Redis.from_url(redis.url) as client, client.pubsub() as listener:
        await listener.subscribe(CHANNEL)
        assert (await heard(listener))["type"] == "subscribe"
        for number in ("x" * 2000, 7):
            assert await cancelled(hosts[0], headers, number) == "HTTP/1.1 202 Accepted"
        told = (await heard(listener))["data"]
    assert json.loads(told)[1] == 7


async def test_after_an_outage_cancellations_are_heard_again(
    hosts: list[str], redis: RedisServer, folder: Path, xai: FakeXAI
) -> None:
    headers = await session(hosts[0])
    peer = await sent(hosts[0], call(saved(folder), 7), headers)
    await until(lambda: len(xai.requests))
    redis.stop()
    # It is answered all the same, and without effect there.
    assert await cancelled(hosts[1], headers, 7) == "HTTP/1.1 202 Accepted"
    redis.start()
    await listened(redis, 2)
    with anyio.fail_after(10):
        while not xai.left:
            await cancelled(hosts[1], headers, 7)
            await anyio.sleep(0.05)
    await peer.rest()
