"""The requests that go on, by the names of their clients, in this process and in others."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Protocol

from grok_vision.alongside import alongside
from grok_vision.shared import Channel, Shared, UnavailableError

# Ids are numbers, or names that fit into a line; what a client writes in place of one goes to all
# processes.
_MOST_TOLD = 1024


class Request(Protocol):
    """A request that can be ended."""

    def asks(self, number: object) -> bool:
        """Tell whether this is the request with that id."""

    def cancel(self) -> None:
        """End it."""


class InFlight:
    """What clients can cancel. Nothing is kept of a request that has ended.

    With a Redis, a cancellation that another process received ends the request here, while
    `listening`. Where Redis is away, only those that are received here do.
    """

    def __init__(self, shared: Shared | None = None) -> None:
        self._requests: dict[str, list[Request]] = {}
        self._channel = None if shared is None else Channel(shared, "cancelled")

    @contextmanager
    def known(self, name: str, request: Request) -> Iterator[None]:
        """Let the request be cancelled by its client for as long as it goes on."""
        self._requests.setdefault(name, []).append(request)
        try:
            yield
        finally:
            requests = self._requests[name]
            requests.remove(request)
            if not requests:
                del self._requests[name]

    async def cancel(self, name: str, number: str | int) -> None:
        """End the request of that client with that id, wherever it goes on."""
        if self._cancelled_here(name, number) or self._channel is None:
            return
        words = json.dumps([name, number]).encode()
        if len(words) > _MOST_TOLD:
            return
        with suppress(UnavailableError):
            await self._channel.tell(words)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """End what other processes are told to, while the block goes on."""
        if self._channel is None:
            yield
            return
        channel = self._channel
        async with alongside(lambda: channel.listen(self._heard)):
            yield

    def _heard(self, words: bytes) -> None:
        # One of another version may say other things, and so may whoever else uses that Redis.
        if len(words) > _MOST_TOLD:
            return
        with suppress(ValueError, TypeError, RecursionError):
            name, number = json.loads(words)
            self._cancelled_here(name, number)

    def _cancelled_here(self, name: str, number: object) -> bool:
        asked = [one for one in self._requests.get(name, ()) if one.asks(number)]
        for request in asked:
            request.cancel()
        return bool(asked)
