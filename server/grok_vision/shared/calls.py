"""One Redis for one process, which never keeps a call waiting."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import anyio
import anyio.to_thread

from grok_vision.shared.outage import Outage
from grok_vision.shared.unavailable import UnavailableError, details, why

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from grok_vision.shared.client import Client

_EXTRA = (
    "Redis cannot be used: it needs an extra; install it with "
    '`pip install "grok-vision-mcp[redis]"`'
)
# After a failure: a Redis that does not answer costs all calls of a second one wait, not one each.
_REST_SECONDS = 1.0
# Connections of a process: each is in use for less than a millisecond.
_MOST_CALLS = 16

T = TypeVar("T")
Reply: TypeAlias = "bytes | int | list[Reply] | None"
"""What a script returns."""


class Shared:
    """A Redis and the prefix of our keys in it. Nothing is loaded or opened before the first use.

    Every failure, of Redis or on the way, is an `UnavailableError`, and none takes longer than the
    seconds of the call. For a second after one, calls fail at once; then one is let through to see.
    The log is told when Redis is lost, and when it is back.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str,
        rest: float = _REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._client: Client | None = None
        self._loading = anyio.Lock()
        self._turns = anyio.CapacityLimiter(_MOST_CALLS)
        self._outage = Outage(rest, clock)

    def key(self, *words: str) -> str:
        """Return the name of a key. Words that callers chose are to be hashed before."""
        return ":".join((self._prefix, *words))

    async def call(
        self, operation: "Callable[[Redis], Awaitable[T]]", *, seconds: float = 1.0
    ) -> T:
        """Return what the operation returns, for which Redis has `seconds`.

        Raises:
            UnavailableError: Redis did not do it, or its reply was lost.
        """
        with self._outage.attempt() as looks:
            async with self._used() as client:
                if looks:
                    # Something small: others wait for what comes of it.
                    began = anyio.current_time()
                    await self._called(client, _ping, min(seconds, _REST_SECONDS), looks=True)
                    seconds -= anyio.current_time() - began
                return await self._called(client, operation, seconds)

    async def run(
        self,
        script: str,
        keys: Sequence[str],
        arguments: Sequence[str | bytes | int | float],
        *,
        seconds: float = 1.0,
    ) -> Reply:
        """Return what a Lua script returns; it is sent by its digest where Redis knows it.

        Raises:
            UnavailableError: it did not run, or its reply was lost.
        """

        async def operation(redis: "Redis") -> Reply:
            found: Reply = await redis.register_script(script)(keys, arguments)
            return found

        return await self.call(operation, seconds=seconds)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Redis"]:
        """Give the client for what takes longer than a call; the block bounds its own waits.

        Raises:
            UnavailableError: Redis cannot be reached, or is lost within.
        """
        await self.call(_ping)
        from redis.exceptions import RedisError

        async with self._used() as client:
            try:
                yield client.redis
            except (RedisError, OSError, ValueError) as error:
                raise UnavailableError(why(error)) from error

    async def aclose(self) -> None:
        """Close the connections, those in use when their calls end. The next call opens others."""
        client, self._client = self._client, None
        if client is not None and not client.users:
            await client.aclose()

    async def _called(
        self,
        client: "Client",
        operation: "Callable[[Redis], Awaitable[T]]",
        seconds: float,
        *,
        looks: bool = False,
    ) -> T:
        from redis.exceptions import RedisError, ResponseError

        try:
            with anyio.fail_after(seconds):
                async with self._turns:
                    if not looks:
                        # It may have failed while this waited for its turn.
                        self._outage.check()
                    found = await operation(client.redis)
        except TimeoutError as error:
            told = f"waited for {seconds:.2g} s"
            raise self._lost("Redis does not answer", told, client) from error
        except ResponseError as error:
            # It is there, and quick to say no.
            self._outage.end()
            self._outage.tell_refusal(why(error), details(error))
            raise UnavailableError(why(error)) from error
        # redis-py lets the last out where what answers is no Redis.
        except (RedisError, OSError, ValueError) as error:
            raise self._lost(why(error), details(error), client) from error
        self._outage.end()
        return found

    @asynccontextmanager
    async def _used(self) -> AsyncIterator["Client"]:
        client = self._client or await self._loaded()
        client.users += 1
        try:
            yield client
        finally:
            client.users -= 1
            if client is not self._client and not client.users:
                await client.aclose()

    async def _loaded(self) -> "Client":
        async with self._loading:
            if self._client is None:
                try:
                    self._client = await anyio.to_thread.run_sync(_client_of, self._url)
                except ImportError as error:
                    raise self._lost(_EXTRA, "") from error
                except ValueError as error:
                    raise self._lost(f"Redis cannot be used: {error}", "") from error
            return self._client

    def _lost(self, why: str, details: str, client: "Client | None" = None) -> UnavailableError:
        self._outage.begin(why, details)
        if self._client is client:
            # Of a Redis that moved or hangs, no connection is worth a second wait.
            self._client = None
        return UnavailableError(why)


def _ping(redis: "Redis") -> Awaitable[object]:
    return redis.ping()


def _client_of(url: str) -> "Client":
    from grok_vision.shared.client import Client

    return Client(url)
