"""Kept answers as calls ask for them: with a bound on the wait, wherever they lie."""

from typing import Protocol

import anyio

from grok_vision.cache.answers import AnswerCache
from grok_vision.relay import Completion
from grok_vision.threads import in_thread

# A call waits no longer for what is kept, not even where the disk hangs.
_SECONDS = 1.0
_MOST_THREADS = 4


class Answers(Protocol):
    """Complete answers by key. A help, never a need: no call fails or waits long because of it."""

    async def find(self, key: str) -> Completion | None:
        """Return the answer that is kept under the key, exactly as it was, or None."""

    async def keep(self, key: str, completion: Completion) -> None:
        """Keep a complete answer; one that is not is left out."""


class AnswersInFile:
    """The answers in a file of this machine, asked for in threads, for a second at most."""

    def __init__(self, cache: AnswerCache) -> None:
        self._cache = cache
        self._threads = anyio.CapacityLimiter(_MOST_THREADS)

    async def find(self, key: str) -> Completion | None:
        """Return the answer that is kept under the key, exactly as it was, or None."""
        with anyio.move_on_after(_SECONDS):
            return await in_thread(self._cache.find, key, limiter=self._threads)
        return None

    async def keep(self, key: str, completion: Completion) -> None:
        """Keep a complete answer; one that is not is left out."""
        with anyio.move_on_after(_SECONDS):
            await in_thread(self._cache.keep, key, completion, limiter=self._threads)
