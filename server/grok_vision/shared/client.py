"""The client of redis-py, as all our calls need it. Imports redis: 430 ms, off the event loop."""

from typing import Any

import anyio
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import parse_url

# TLS waits for the other side to say goodbye; it closes without, too.
_CLOSING_SECONDS = 0.25
# What an address might ask for otherwise, such as replies as text. Waits are bounded around each
# call, and nothing is sent a second time by itself: nobody knows whether it was done the first.
_OURS: dict[str, Any] = {
    "decode_responses": False,
    "protocol": 2,
    "driver_info": None,
    "retry_on_timeout": False,
    "socket_timeout": None,
    "socket_connect_timeout": None,
    "max_connections": 100,
}


class Client:
    """Connections to one Redis, opened as they are needed, and how many calls use them."""

    def __init__(self, url: str) -> None:
        """Read the address; nothing is opened.

        Raises:
            ValueError: it is not one, or asks for what redis-py does not know.
        """
        try:
            pool = ConnectionPool(**{**parse_url(url), **_OURS})
            # Options are read with the first connection only.
            pool.make_connection()  # type: ignore[no-untyped-call] # of redis-py
        except (TypeError, ValueError):
            # Its words may quote a part of the password.
            raise ValueError("GROK_VISION_REDIS_URL is not the address of one") from None
        self.redis = Redis.from_pool(pool)
        self.users = 0

    async def aclose(self) -> None:
        """Close the connections, none of which is in use."""
        with anyio.move_on_after(_CLOSING_SECONDS, shield=True):
            await self.redis.aclose()
