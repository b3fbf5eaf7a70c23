"""Places for calls in flight, given in the order in which they are asked for."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from grok_vision.errors import ProviderError
from grok_vision.relay.time_left import time_left
from grok_vision.spans import span
from grok_vision.texts import counted
from grok_vision.watch import Watch

_MOST_WAITING = 256
# What a call takes before any has told: a vision model writes for some seconds.
_USUAL_SECONDS = 5.0
_SHARE_OF_NEWEST = 0.2
# No model answers within less: what is sent then would be paid for in vain.
_LEAST_SECONDS = 0.2


class Slots:
    """A bounded queue before a bounded number of places.

    Not anyio's semaphore: a call that lent its place goes before those that wait for their first.

    Attributes:
        lent: How many calls have lent their place, which counts as waiting.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._free = places
        self._queue: deque[anyio.Event] = deque()
        self._returning: deque[anyio.Event] = deque()
        self.lent = 0
        self._seconds = _USUAL_SECONDS

    @asynccontextmanager
    async def taken(self, watch: Watch) -> AsyncIterator["Place"]:
        """Hold a place, after the calls that came before.

        Raises:
            ProviderError: `unavailable` where too many wait already; `timeout` where no place
                became free within the time of the call.
        """
        self._check_queue()
        if not self._free:
            watch.stage(f"in the queue, {counted(len(self._queue), 'call')} before it")
        place = Place(self)
        with span("wait", reason="place", waiting=len(self._queue)):
            await place.take()
        begun = anyio.current_time()
        try:
            yield place
        finally:
            place.leave()
            self._seconds += _SHARE_OF_NEWEST * (anyio.current_time() - begun - self._seconds)

    async def take(self, *, returning: bool) -> None:
        """Wait for a place; those that are `returning` go before the others.

        Raises:
            ProviderError: `timeout` where none became free within the time of the call.
        """
        if self._free:
            self._free -= 1
            return
        turn = anyio.Event()
        queue = self._returning if returning else self._queue
        queue.append(turn)
        try:
            with anyio.move_on_after(time_left()):
                await turn.wait()
        except anyio.get_cancelled_exc_class():
            # It may have been given the place in the same moment.
            self.give() if turn.is_set() else queue.remove(turn)
            raise
        if not turn.is_set() or time_left() < _LEAST_SECONDS:
            self.give() if turn.is_set() else queue.remove(turn)
            raise ProviderError(
                "timeout",
                f"the call waited in vain for one of {counted(self._places, 'place')} at the "
                "provider; try again when fewer calls are made at once, or raise "
                "GROK_VISION_CONCURRENCY or GROK_VISION_DEADLINE.",
            )

    def give(self) -> None:
        """Give a place to the next call, or back."""
        if waiting := self._returning or self._queue:
            waiting.popleft().set()
        else:
            self._free += 1

    def _check_queue(self) -> None:
        waiting = len(self._queue) + self.lent
        if waiting < _MOST_WAITING:
            return
        # None of them waits longer than a call may take.
        wait = min(waiting * self._seconds / self._places, time_left())
        raise ProviderError(
            "unavailable",
            f"{counted(waiting, 'call')} wait already for this server; try again in about "
            f"{max(1, round(wait))} s, or raise GROK_VISION_CONCURRENCY.",
        )


class Place:
    """One call's place."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._held = False

    async def take(self, *, returning: bool = False) -> None:
        """Wait until it is held.

        Raises:
            ProviderError: `timeout` where that took all the time of the call.
        """
        await self._slots.take(returning=returning)
        self._held = True

    def leave(self) -> None:
        """Give it to another call, if it is held."""
        if self._held:
            self._held = False
            self._slots.give()

    async def lend(self, seconds: float) -> None:
        """Sleep, while another call may go on.

        Raises:
            ProviderError: `timeout` where no place became free again within the time of the call.
        """
        self.leave()
        self._slots.lent += 1
        try:
            with span("wait", reason="pause"):
                await anyio.sleep(seconds)
                await self.take(returning=True)
        finally:
            self._slots.lent -= 1
