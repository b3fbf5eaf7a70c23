"""Whether a failed attempt is made again, and when.

Exponential with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS, 2015), within a
budget that all calls share (AWS SDKs and Tools Reference, "Retry behavior", standard mode, 2026:
500 tokens, 14 for a retry of a transient failure), so that an outage is not made worse by those who
suffer from it.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from grok_vision.errors import VisionError

_FIRST_SECONDS, _MOST_SECONDS = 0.5, 8.0
# Longer than that nobody waits for: openai-python's bound, 3.52, 2026.
_LONGEST_WAIT = 120.0
_TOKENS, _PRICE = 500.0, 14.0
_SUCCESS = 1.0
# A server that is asked seldom must not be without retries for the rest of the day.
_TOKENS_PER_SECOND = _TOKENS / 600
# 525 and 526: Cloudflare finds the origin's certificate wrong, which no waiting mends.
_NOT_AGAIN = frozenset({525, 526})
_ALSO_AGAIN = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Hint:
    """What a failure says of another attempt: whether it may help, and after how many seconds.

    `whole` is set where the same will do if the answer is asked for in one piece.
    """

    again: bool
    after: float | None = None
    whole: bool = False


class FailedError(Exception):
    """One attempt failed: with this error, unless another one succeeds."""

    def __init__(self, error: VisionError, hint: Hint) -> None:
        super().__init__(str(error))
        self.error = error
        self.hint = hint

    @property
    def code(self) -> str:
        """The code of the error."""
        return self.error.code


def is_transient(status: int) -> bool:
    """Tell whether a response with this status may be another one the next time."""
    return status in _ALSO_AGAIN or (500 <= status <= 599 and status not in _NOT_AGAIN)


def is_too_long(seconds: float | None, left: float) -> bool:
    """Tell whether nobody would wait so long, with so many seconds left of the call."""
    return seconds is not None and seconds > min(left, _LONGEST_WAIT)


def pause(retry: int, after: float | None) -> float:
    """Return the seconds before the retry of this number, from 0 on.

    What the provider asks for is the least, and those who were told the same do not come together.
    """
    longest = min(_MOST_SECONDS, _FIRST_SECONDS * 2**retry)
    return (after or 0.0) + random.uniform(0.0, longest)  # noqa: S311 - jitter, no secret


class RetryBudget:
    """How many retries all calls may still make: spent by each, earned by success and time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = _TOKENS
        self._filled_at = clock()

    def take(self) -> bool:
        """Spend a retry, and tell whether there was one left."""
        self._earn(0.0)
        if self._tokens < _PRICE:
            return False
        self._tokens -= _PRICE
        return True

    def seconds(self) -> float:
        """Return how long it takes until there is a retry left, if nothing succeeds."""
        self._earn(0.0)
        return max(0.0, _PRICE - self._tokens) / _TOKENS_PER_SECOND

    def succeeded(self, *, retried: bool) -> None:
        """Earn what a success is worth: the retry that brought it, or a little."""
        self._earn(_PRICE if retried else _SUCCESS)

    def _earn(self, tokens: float) -> None:
        now = self._clock()
        tokens += (now - self._filled_at) * _TOKENS_PER_SECOND
        self._filled_at = now
        self._tokens = min(_TOKENS, self._tokens + tokens)
