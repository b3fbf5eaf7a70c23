"""When the next job may be begun: one pause for all, while the provider fails."""

from collections.abc import Awaitable, Callable, Sequence

import anyio

PAUSES = (5.0, 10.0, 20.0, 40.0, *[60.0] * 6)
"""Seconds: of a provider that fails for some seven minutes nothing more is hoped."""

_MOST_TIMEOUTS = 10
_LONGEST_SLEEP = 1.0


class Gate:
    """Closed for a while after a failure that may pass, longer each time until a job succeeds.

    Attributes:
        successes: How many jobs have succeeded.
    """

    def __init__(
        self,
        pauses: Sequence[float] = PAUSES,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._pauses = pauses
        self._sleep = sleep
        self._closed = 0
        self._closed_at = self._opens_at = 0.0
        self._timeouts = 0
        self.successes = 0

    @property
    def seconds(self) -> float:
        """How long it is closed from now on; 0 where it is open."""
        return max(0.0, self._opens_at - anyio.current_time())

    async def passed(self) -> float:
        """Wait until it is open; return the time."""
        while seconds := self.seconds:
            await self._sleep(min(seconds, _LONGEST_SLEEP))
        return anyio.current_time()

    def open(self) -> None:
        """Let pass who waits, within a second."""
        self._opens_at = 0.0

    def succeeded(self) -> None:
        """Learn that a job has succeeded."""
        self.successes += 1
        self._closed = self._timeouts = 0

    def failed(self, begun_at: float) -> bool:
        """Learn of a failure that may pass; False where it is of no use to wait once more.

        Those that were begun before it was closed tell nothing new.
        """
        if begun_at < self._closed_at:
            return True
        if self._closed == len(self._pauses):
            return False
        self._closed_at = anyio.current_time()
        self._opens_at = self._closed_at + self._pauses[self._closed]
        self._closed += 1
        return True

    def timed_out(self) -> bool:
        """Learn that a job was given up after its time; False where too many were in a row."""
        self._timeouts += 1
        return self._timeouts < _MOST_TIMEOUTS
