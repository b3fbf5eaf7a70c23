"""What answers taught, shared by several processes."""

import json
import logging
from hashlib import sha256

import anyio.to_thread

from grok_vision.shared import Reply, Shared, UnavailableError
from grok_vision.tokens.count import Correction
from grok_vision.tokens.observation import Observation

_log = logging.getLogger(__name__)
# As in the file: newest observations of a model, and models.
_NEWEST = 64
_MODELS = 200
_RECORD = """
local time = redis.call('TIME')
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
redis.call('ZADD', KEYS[2], time[1] * 1000000 + time[2], KEYS[1])
while redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[3]) do
  redis.call('DEL', redis.call('ZPOPMIN', KEYS[2])[1])
end
"""
_READ = "return redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)"


class SharedObservations:
    """Observations by provider, model and rule, in Redis: the newest 64 of each of 200.

    That is at most 201 keys, and half a megabyte. Where Redis cannot be reached, nothing is kept
    and nothing known, and the log tells it once.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._told = False

    async def record(self, provider: str, model: str, rule: str, seen: Observation) -> None:
        """Keep what one answer reported; what tells nothing is left out."""
        if not seen.is_plausible:
            return
        written = f"{seen.estimated} {seen.reported} {seen.parts}"
        keys = [self._key(provider, model, rule), self._shared.key("observed")]
        await self._run(_RECORD, keys, written, _NEWEST, _MODELS)

    async def correction(self, provider: str, model: str, rule: str) -> Correction | None:
        """Return how answers differ from the rule, or None where there were none."""
        found = await self._run(_READ, [self._key(provider, model, rule)], _NEWEST)
        written = found if isinstance(found, list) else ()
        told = (_observation(one) for one in written if isinstance(one, bytes))
        seen = tuple(one for one in told if one is not None)
        # `statistics` takes 10 ms to load.
        return await anyio.to_thread.run_sync(_fitted, seen) if seen else None

    def _key(self, *words: str) -> str:
        return self._shared.key("observed", sha256(json.dumps(words).encode()).hexdigest())

    async def _run(self, script: str, keys: list[str], *arguments: str | int) -> Reply:
        try:
            return await self._shared.run(script, keys, arguments)
        except UnavailableError as error:
            level = logging.DEBUG if self._told else logging.WARNING
            self._told = True
            _log.log(level, "Token counts of answers are neither kept nor used: %s.", error)
            return None


def _observation(written: bytes) -> Observation | None:
    """Return what was written, or None where others wrote something else."""
    try:
        estimated, reported, parts = map(int, written.split())
    except ValueError:
        return None
    seen = Observation(estimated, reported, parts)
    return seen if seen.is_plausible else None


def _fitted(seen: tuple[Observation, ...]) -> Correction | None:
    from grok_vision.tokens.fitting import fitted

    return fitted(seen)
