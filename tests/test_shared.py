"""The Redis that processes share: every failure is told in time, and none outlasts its cause."""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from grok_vision.shared import Channel, Reply, Shared, UnavailableError
from tests.programs import ended, python
from tests.redis_server import RedisServer, black_hole

pytestmark = pytest.mark.anyio

ECHO = "return {KEYS[1], ARGV[1]}"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def sharing(url: str, **given: Any) -> AsyncIterator[Shared]:
    shared = Shared(url, prefix="test", **given)
    try:
        yield shared
    finally:
        await shared.aclose()


@asynccontextmanager
async def answering(answer: Callable[[bytes], bytes]) -> AsyncIterator[int]:
    """Give the port of what answers words as no Redis does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while words := await reader.read(1000):
                writer.write(answer(words))
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def ping(shared: Shared, seconds: float = 1.0) -> None:
    await shared.call(lambda redis: redis.ping(), seconds=seconds)


async def why(shared: Shared, seconds: float = 1.0) -> str:
    with pytest.raises(UnavailableError) as failure:
        await ping(shared, seconds)
    return str(failure.value)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def test_redis_is_not_loaded_before_it_is_used() -> None:
    code = (
        "import sys; from grok_vision.shared import Shared; Shared('redis://a', prefix='p');"
        "import grok_vision.cache, grok_vision.tokens, grok_vision.relay;"
        "print('redis' in sys.modules)"
    )
    assert ended(python(code)) == ("False\n", "")


async def test_a_command_and_a_script_are_answered(redis: RedisServer) -> None:
    async with sharing(redis.url) as shared:
        assert shared.key("a", "b") == "test:a:b"
        assert await shared.call(lambda client: client.set("a", b"\xff")) is True
        assert await shared.call(lambda client: client.get("a")) == b"\xff"
        assert await shared.run(ECHO, ["k"], [b"\x00v"]) == [b"k", b"\x00v"]


async def test_an_address_cannot_change_how_replies_are_read(redis: RedisServer) -> None:
    async with sharing(f"{redis.url}?decode_responses=yes&protocol=3&socket_timeout=9") as shared:
        assert await shared.run(ECHO, ["k"], [1]) == [b"k", b"1"]


async def test_a_unix_socket_and_a_password_do(redis: RedisServer, tmp_path: Any) -> None:
    redis.stop()
    place = tmp_path / "socket"
    redis.start("--unixsocket", str(place), "--requirepass", "p:w/d")
    async with sharing(f"unix://{place}?password=p:w/d") as shared:
        await ping(shared)
    async with sharing(redis.url.replace("//", "//:p%3Aw%2Fd@")) as shared:
        await ping(shared)


async def test_it_can_be_used_again_after_it_was_closed(redis: RedisServer) -> None:
    async with sharing(redis.url) as shared:
        await shared.aclose()
        await ping(shared)
        await shared.aclose()
        await ping(shared)


async def test_closing_leaves_a_call_that_goes_on_its_connection(redis: RedisServer) -> None:
    async with sharing(redis.url) as shared:

        async def operation(client: Any) -> object:
            await client.set("a", 1)
            await shared.aclose()
            return await client.get("a")

        assert await shared.call(operation) == b"1"
        await ping(shared)


async def test_many_calls_at_once_are_all_answered_over_few_connections(
    redis: RedisServer,
) -> None:
    async with sharing(redis.url) as shared:
        replies: list[Reply] = []

        async def one(number: int) -> None:
            replies.append(await shared.run(ECHO, [str(number)], [number], seconds=10))

        async with anyio.create_task_group() as tasks:
            for number in range(500):
                tasks.start_soon(one, number)
        assert sorted(int(one[0]) for one in replies) == list(range(500))  # type: ignore[index,arg-type]
        # The client that asks is one of them.
        assert len(await shared.call(lambda client: client.client_list())) <= 16


async def test_a_call_that_is_cancelled_leaves_no_reply_for_the_next(redis: RedisServer) -> None:
    async with sharing(redis.url) as shared:
        await ping(shared)

        async def asks(number: int) -> None:
            await shared.run(ECHO, ["old"], [number])

        for steps in range(24):
            async with anyio.create_task_group() as tasks:
                for number in range(4):
                    tasks.start_soon(asks, number)
                # At another point each time: before it is sent, while it waits, while it is read.
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
            new = [f"{steps}-{number}" for number in range(4)]
            assert [await shared.run(ECHO, ["new"], [one]) for one in new] == [
                [b"new", one.encode()] for one in new
            ]


async def test_a_reply_that_comes_too_late_is_not_that_of_the_next_call(
    redis: RedisServer,
) -> None:
    async with sharing(redis.url, rest=0) as shared:
        await ping(shared)
        redis.freeze()
        with pytest.raises(UnavailableError, match="does not answer"):
            await shared.run(ECHO, ["old"], [1], seconds=0.05)
        redis.thaw()
        assert await shared.run(ECHO, ["new"], [2]) == [b"new", b"2"]


async def test_no_connection_from_before_an_outage_is_used_again(redis: RedisServer) -> None:
    async with sharing(redis.url, rest=0) as shared:
        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(ping, shared)
        assert len(await shared.call(lambda client: client.client_list())) > 1
        redis.freeze()
        await why(shared, seconds=0.05)
        redis.thaw()
        with anyio.fail_after(5):
            while len(await shared.call(lambda client: client.client_list())) > 1:
                await anyio.lowlevel.checkpoint()


async def test_what_never_answers_costs_one_wait_and_not_one_for_each_call() -> None:
    async with black_hole() as hole, sharing(hole.url, clock=Clock()) as shared:
        for _ in range(100):
            assert await why(shared, seconds=0.1) == "Redis does not answer"
        assert hole.connections == 1


async def test_a_second_is_what_it_costs() -> None:
    async with black_hole() as hole, sharing(hole.url) as shared:
        await anyio.to_thread.run_sync(_loaded)
        began = time.monotonic()
        await why(shared)
        assert 0.9 < time.monotonic() - began < 1.5


async def test_calls_that_wait_together_wait_together() -> None:
    async with black_hole() as hole, sharing(hole.url, clock=Clock()) as shared:
        await anyio.to_thread.run_sync(_loaded)
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                for _ in range(100):
                    tasks.start_soon(why, shared, 0.2)
        # The others waited for a connection in vain.
        assert hole.connections <= 16


async def test_after_a_rest_one_call_looks_and_the_others_do_not_wait() -> None:
    clock = Clock()
    async with black_hole() as hole, sharing(hole.url, clock=clock) as shared:
        await why(shared, seconds=0.05)
        clock.now += 0.9
        await why(shared, seconds=0.05)
        assert hole.connections == 1
        clock.now += 0.1
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(why, shared, 0.1)
        assert hole.connections == 2


async def test_a_call_that_is_cancelled_while_it_looks_lets_another_look(
    redis: RedisServer,
) -> None:
    async with sharing(redis.url, rest=0) as shared:
        redis.freeze()
        await why(shared, seconds=0.05)
        with anyio.move_on_after(0.05):
            await ping(shared)
        redis.thaw()
        await ping(shared)


async def test_a_redis_that_is_stopped_and_started_again_is_told_once_each(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    async with sharing(redis.url, clock=clock) as shared:
        await ping(shared)
        redis.stop()
        for _ in range(5):
            assert await why(shared) == "Redis cannot be reached"
            clock.now += 2
        redis.start()
        await ping(shared)
        await ping(shared)
    [lost, back] = told(caplog)
    assert lost.startswith("Redis cannot be reached: ")
    assert str(redis.port) in lost or "closed" in lost
    assert back == "Redis answers again."


async def test_scripts_run_after_a_restart_that_forgot_them(redis: RedisServer) -> None:
    async with sharing(redis.url, rest=0) as shared:
        await shared.run(ECHO, ["k"], [1])
        redis.stop()
        redis.start()
        # The first may still be sent over the connection that ended.
        with suppress(UnavailableError):
            await ping(shared)
        assert await shared.run(ECHO, ["k"], [2]) == [b"k", b"2"]


async def test_what_takes_longer_than_a_call_is_told_when_redis_is_lost(
    redis: RedisServer,
) -> None:
    async with sharing(redis.url) as shared:

        async def listen() -> None:
            async with shared.connected() as client:
                assert await client.ping()
                redis.stop()
                await client.ping()

        for _ in range(2):
            with pytest.raises(UnavailableError, match="cannot be reached"):
                await listen()


async def test_what_redis_refuses_is_told_by_its_code_and_costs_no_rest(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with sharing(redis.url) as shared:
        await shared.call(lambda client: client.set("text", "words"))
        for _ in range(2):
            with pytest.raises(UnavailableError, match=r"^Redis refuses \(WRONGTYPE\)$"):
                await shared.call(lambda client: client.lpush("text", "secret"))
        await ping(shared)
    [refused] = told(caplog)
    assert refused.startswith("Redis refuses (WRONGTYPE): ")


async def test_a_password_that_is_quoted_where_there_is_none_to_give_is_not_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(words: bytes) -> bytes:
        # As Redis does where AUTH was given another name, and some proxies.
        given = [one for one in words.split(b"\r\n") if one[:1] not in b"*$"]
        quoted = b" ".join(b"'" + one + b"'" for one in given[1:])
        return b"-ERR unknown command 'AUTH', with args beginning with: " + quoted + b"\r\n"

    url = "redis://somebody:hunter2@127.0.0.1"
    async with answering(answer) as port, sharing(f"{url}:{port}/0") as shared:
        assert "hunter2" not in await why(shared)
    [refused] = told(caplog)
    assert refused.endswith(": unknown command 'AUTH'.")


async def test_a_user_who_may_not_is_told_apart_from_one_who_is_not_known(
    redis: RedisServer,
) -> None:
    redis.stop()
    redis.start("--user", "app", "on", ">right", "~test:*", "+ping")
    async with sharing(redis.url.replace("//", "//app:right@")) as shared:
        await ping(shared)
        with pytest.raises(UnavailableError, match=r"^Redis does not let our user do this$"):
            await shared.call(lambda client: client.get("test:a"))


@pytest.mark.parametrize("reply", [b":1\r\n", b"*1\r\n:1\r\n"])
async def test_a_listener_outlasts_what_no_redis_answers(
    reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grok_vision.shared.channel._REST_SECONDS", 0.0)
    asked = 0

    def answer(words: bytes) -> bytes:
        nonlocal asked
        asked += b"SUBSCRIBE" in words
        return reply if b"SUBSCRIBE" in words else b"+PONG\r\n"

    async with (
        answering(answer) as port,
        sharing(f"redis://127.0.0.1:{port}") as shared,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(Channel(shared, "words").listen, lambda _: None)
        with anyio.fail_after(10):
            while asked < 2:
                await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("user", ["", "somebody"])
async def test_a_wrong_password_is_not_told(
    redis: RedisServer, caplog: pytest.LogCaptureFixture, user: str
) -> None:
    redis.stop()
    redis.start("--requirepass", "right")
    async with sharing(redis.url.replace("//", f"//{user}:hunter2@")) as shared:
        assert await why(shared) == "Redis refuses our name or password"
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["redis://:hunter2@host/0?db=hunter2", "redis://u:hunter2/3@host:1", "redis://h?hunter2=1"],
)
async def test_an_address_that_is_none_is_told_without_its_words(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with sharing(url) as shared:
        told = "Redis cannot be used: GROK_VISION_REDIS_URL is not the address of one"
        assert await why(shared) == told
    assert "hunter2" not in caplog.text


async def test_what_is_no_redis_cannot_be_reached() -> None:
    async def respond(stream: Any) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"$abc\r\n")

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with anyio.create_task_group() as tasks, sharing(f"redis://127.0.0.1:{port}") as shared:
        tasks.start_soon(listener.serve, respond)
        assert await why(shared) == "Redis cannot be reached"
        tasks.cancel_scope.cancel()
    await listener.aclose()


async def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "grok_vision.shared.client", None)
    async with sharing("redis://127.0.0.1:1") as shared:
        assert 'pip install "grok-vision-mcp[redis]"' in await why(shared)


def _loaded() -> None:
    """Load the library before time is taken."""
    import grok_vision.shared.client  # noqa: F401
