"""Words for all processes that listen at the time. Nothing is kept of them."""

from collections.abc import Callable

import anyio

from grok_vision.shared.calls import Shared
from grok_vision.shared.unavailable import UnavailableError

# After a failure, until the next attempt.
_REST_SECONDS = 1.0
# Of a connection that hangs nothing is heard, nor that it does: it is replaced by then.
_SILENCE_SECONDS = 60.0


class Channel:
    """A way to all processes that share a Redis; `name` is what it is for."""

    def __init__(self, shared: Shared, name: str) -> None:
        self._shared = shared
        self._name = shared.key(name)

    async def tell(self, words: bytes) -> None:
        """Tell it to all that listen.

        Raises:
            UnavailableError: perhaps nobody has heard it.
        """
        await self._shared.call(lambda redis: redis.publish(self._name, words))

    async def listen(self, heard: Callable[[bytes], None]) -> None:
        """Pass on what is told, until it is cancelled. What is told in an outage is missed."""
        while True:
            try:
                await self._listen(heard)
            except UnavailableError:
                await anyio.sleep(_REST_SECONDS)

    async def _listen(self, heard: Callable[[bytes], None]) -> None:
        async with self._shared.connected() as redis, redis.pubsub() as listener:
            await listener.subscribe(self._name)
            while True:
                try:
                    told = await listener.get_message(timeout=_SILENCE_SECONDS)
                except (TypeError, LookupError) as error:
                    # redis-py lets these out where what answers is no Redis.
                    raise UnavailableError("Redis does not answer as one") from error
                if told is None:
                    return
                if told["type"] == "message":
                    heard(told["data"])
