"""What a provider says is left of its rate limits, so that no request is spent on a refusal.

`x-ratelimit-{limit,remaining}-{requests,tokens}` (xAI, OpenAI, Groq, Together), with
`x-ratelimit-reset-…` as `1s`, `6m0s` or `20ms`, the time until the limit is whole again
(platform.openai.com/docs/guides/rate-limits and console.groq.com/docs/rate-limits; xAI tells none,
2026), or `x-ratelimit-{limit,remaining,reset}` with an epoch in milliseconds (OpenRouter).
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grok_vision.relay.retry_after import figure

# Limits are told by model, and callers choose the names of models.
_MOST_MODELS = 64
# Where no reset is told, a limit is one by the minute (docs.x.ai, rate limits, 2026).
_MINUTE = 60.0
_LONGEST_CLOSED = 120.0
_EPOCH, _EPOCH_MS = 1e9, 1e12
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_UNITS = (3600.0, 60.0, 1.0, 0.001)
# What a call with pictures takes of a limit on tokens is not known before; this much is waited for.
_SHARE_OF_TOKENS = 0.1
_KINDS = ("-requests", "-tokens", "")


@dataclass(slots=True)
class _Limit:
    """What is left of one limit, when there is more of it, how much then, and how often."""

    left: float
    opens_at: float
    more: float
    every: float


class _Model:
    """The limits of one model, and how many requests to it are on the way."""

    def __init__(self) -> None:
        self.limits: dict[str, _Limit] = {}
        self.in_flight = 0
        self.closed_until = 0.0

    def seconds(self, now: float) -> float:
        opens = [limit.opens_at for limit in self.limits.values() if limit.left < 1]
        return max(0.0, max([self.closed_until, *opens]) - now)

    def depart(self, now: float) -> None:
        for limit in self.limits.values():
            if limit.left < 1:
                limit.left, limit.opens_at = limit.more, now + limit.every
            limit.left -= 1
        self.in_flight += 1


class Pace:
    """The limits of one provider by model, as its newest responses told them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._models: OrderedDict[str, _Model] = OrderedDict()

    def seconds(self, model: str) -> float:
        """Return how long the next request to the model should wait; 0 where it may be sent."""
        return self._of(model).seconds(self._clock())

    def departs(self, model: str) -> None:
        """Count a request that is sent now."""
        self._of(model).depart(self._clock())

    def told(self, model: str, headers: Mapping[str, str]) -> None:
        """Learn from the headers of a response."""
        known, now = self._of(model), self._clock()
        for kind in _KINDS:
            # Those that are on the way may not be counted yet; of tokens nobody knows how many.
            sent = 0 if kind == "-tokens" else max(0, known.in_flight - 1)
            if (limit := _limit(headers, kind, now)) is not None:
                limit.left -= sent
                known.limits[kind] = limit

    def ended(self, model: str) -> None:
        """Count a request as answered, or as gone."""
        known = self._of(model)
        known.in_flight = max(0, known.in_flight - 1)

    def close(self, model: str, seconds: float) -> None:
        """Let no request to the model be sent for so long: the provider asked for it.

        It is not believed for longer than a while, since it may be a mistake.
        """
        known = self._of(model)
        known.closed_until = max(known.closed_until, self._clock() + min(seconds, _LONGEST_CLOSED))

    def _of(self, model: str) -> _Model:
        known = self._models.setdefault(model, _Model())
        self._models.move_to_end(model)
        if len(self._models) > _MOST_MODELS:
            self._models.popitem(last=False)
        return known


def _limit(headers: Mapping[str, str], kind: str, now: float) -> _Limit | None:
    """Return a limit as the headers tell it, or None where they do not."""
    left = figure(headers.get(f"x-ratelimit-remaining{kind}", ""))
    if left is None:
        return None
    most = max(1.0, figure(headers.get(f"x-ratelimit-limit{kind}", "")) or 1.0)
    resets_in = _duration(headers.get(f"x-ratelimit-reset{kind}", ""))
    if kind == "" and resets_in is not None:
        # OpenRouter's: a window, which is whole again then.
        return _Limit(left, now + min(resets_in, _LONGEST_CLOSED), more=most, every=_MINUTE)
    # It fills up steadily: told is when it is full, or else it does so within a minute.
    missing = max(1.0, most - left)
    wanted = 1.0 if kind != "-tokens" else max(1.0, most * _SHARE_OF_TOKENS)
    full_in = _MINUTE * missing / most if resets_in is None else resets_in
    share = min(full_in * wanted / missing, full_in, _LONGEST_CLOSED)
    return _Limit(left, now + share, more=1.0, every=share)


def _duration(told: str) -> float | None:
    """Return the seconds that a reset is away: told as a duration, as seconds or as an epoch."""
    seconds = figure(told)
    if seconds is None:
        found = _DURATION.fullmatch(told.strip()[:40])
        parts = found.groups() if found else ()
        if not any(parts):
            return None
        return sum(float(part) * unit for part, unit in zip(parts, _UNITS, strict=True) if part)
    if seconds >= _EPOCH_MS:
        seconds /= 1000
    return max(0.0, seconds - time.time()) if seconds >= _EPOCH else seconds
