"""Places for calls in flight, given in the order in which they are asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from grok_vision.errors import ProviderError
from grok_vision.relay.time_left import time_left
from grok_vision.texts import counted
from grok_vision.watch import Watch

_MOST_WAITING = 256
# What a call takes before any has told: a vision model writes for some seconds.
_USUAL_SECONDS = 5.0
_SHARE_OF_NEWEST = 0.2


class Slots:
    """A bounded queue before a bounded number of places."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._free = anyio.Semaphore(places)
        self._waiting = 0
        self._seconds = _USUAL_SECONDS

    @asynccontextmanager
    async def taken(self, watch: Watch) -> AsyncIterator[None]:
        """Hold a place, after the calls that came before.

        Raises:
            ProviderError: `unavailable` where too many wait already; `timeout` where no place
                became free within the time of the call.
        """
        await self._take(watch)
        begun = anyio.current_time()
        try:
            yield
        finally:
            self._free.release()
            self._seconds += _SHARE_OF_NEWEST * (anyio.current_time() - begun - self._seconds)

    async def _take(self, watch: Watch) -> None:
        try:
            self._free.acquire_nowait()
            return
        except anyio.WouldBlock:
            self._check_queue()
        watch.stage(f"waiting for {counted(self._waiting + 1, 'call')} to end")
        self._waiting += 1
        try:
            with anyio.move_on_after(time_left()) as scope:
                await self._free.acquire()
        finally:
            self._waiting -= 1
        if scope.cancelled_caught:
            raise ProviderError(
                "timeout",
                f"the call waited in vain for one of {counted(self._places, 'place')} at the "
                "provider; try again when fewer calls are made at once, or raise "
                "GROK_VISION_CONCURRENCY or GROK_VISION_DEADLINE.",
            )

    def _check_queue(self) -> None:
        if self._waiting < _MOST_WAITING:
            return
        seconds = max(1, round(self._waiting * self._seconds / self._places))
        raise ProviderError(
            "unavailable",
            f"{counted(self._waiting, 'call')} wait already for this server; try again in about "
            f"{seconds} s, or raise GROK_VISION_CONCURRENCY.",
        )
