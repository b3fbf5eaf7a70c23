"""How often one client may ask. The library is imported here, so import this where it is needed."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from grok_vision.shared import Shared, UnavailableError
from grok_vision.web.callers import owner
from grok_vision.web.refusals import refusal

if TYPE_CHECKING:
    from redis.asyncio import Redis

# Of a client about 1 KB is kept, of each of its requests 32 bytes.
_MOST_CLIENTS, _MOST_REQUESTS = 10_000, 500_000
# One household or server has all addresses of such a network.
_IPV6_PREFIX = 64


class RateLimit:
    """ASGI middleware that answers 429 where a client asks more often than `per_minute`.

    Every 60 seconds are held against it, not each minute of the clock. A client is who its token
    says; without tokens, its address. Requests are counted in `shared`, for all processes, or in
    the memory of this one, or by a `storage` that must read the same `clock`.
    """

    def __init__(
        self,
        app: ASGIApp,
        per_minute: int,
        *,
        open_paths: Collection[str] = (),
        shared: Shared | None = None,
        storage: Storage | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(per_minute)
        self._open_paths = frozenset(open_paths)
        own = RecentRequests(clock) if shared is None else SharedRequests(shared, clock)
        self._limiter = MovingWindowRateLimiter(storage or own)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        app: ASGIApp = self._app
        if scope["type"] == "http" and scope["path"] not in self._open_paths:
            client = _client(scope)
            if not await self._limiter.hit(self._limit, client):
                app = await self._refusal(client)
        await app(scope, receive, send)

    async def _refusal(self, client: str) -> ASGIApp:
        stats = await self._limiter.get_window_stats(self._limit, client)
        wait = max(1, math.ceil(stats.reset_time - self._clock()))
        told = (
            f"More than {self._limit.amount} requests within a minute; try again in {wait} s. "
            "GROK_VISION_RATE_LIMIT of the server sets the limit."
        )
        return refusal(429, told, headers={"Retry-After": str(wait)})


class RecentRequests(MemoryStorage):
    """Counts the moving minute in this process, in bounded memory.

    The library's own storage walks all clients at each request, each of them in a thread: 154 ms of
    processor time for a request among 1,000 clients (limits 5.8.0, measured 2026-11-21). Where too
    much would be kept, the clients that were silent longest are forgotten.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        *,
        most_clients: int = _MOST_CLIENTS,
        most_requests: int = _MOST_REQUESTS,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._most_clients = most_clients
        self._most_requests = most_requests
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._kept = 0

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a request, unless there are `limit` of them within `expiry` seconds."""
        now = self._clock()
        times = self._within(key, now, expiry)
        if len(times) + amount > limit:
            return False
        times.extend([now] * amount)
        self._kept += amount
        self._times[key] = times
        self._times.move_to_end(key)
        self._forget(now - expiry)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - the library's signature
        """Return when the first of the requests that count was, and how many they are."""
        now = self._clock()
        times = self._within(key, now, expiry)
        return (times[0] if times else now), len(times)

    def _within(self, key: str, now: float, expiry: int) -> deque[float]:
        times = self._times.get(key, deque())
        # A clock that was set back leaves times that are still to come.
        while times and not now - expiry < times[0] <= now:
            times.popleft()
            self._kept -= 1
        return times

    def _forget(self, before: float) -> None:
        """Drop clients that asked nothing since then, and more where too much is kept."""
        while len(self._times) > 1 and (self._is_full or self._silent_longest[-1] <= before):
            _, times = self._times.popitem(last=False)
            self._kept -= len(times)

    @property
    def _is_full(self) -> bool:
        return len(self._times) > self._most_clients or self._kept > self._most_requests

    @property
    def _silent_longest(self) -> deque[float]:
        return next(iter(self._times.values()))


class SharedRequests(RecentRequests):
    """Counts the moving minute of all processes, in Redis.

    Of a client there is one key for a minute, with at most as many times of 20 bytes as it may ask;
    so there are at most as many keys as requests were taken in a minute. While Redis cannot be
    reached, each process counts its own.
    """

    def __init__(self, shared: Shared, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self._shared = shared
        self._in_redis: RedisStorage | None = None
        self._client: Redis | None = None

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a request, unless there are `limit` of them within `expiry` seconds."""
        try:
            return await self._shared.call(
                lambda redis: self._over(redis).acquire_entry(key, limit, expiry, amount)
            )
        except UnavailableError:
            return await super().acquire_entry(key, limit, expiry, amount)

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the first of the requests that count was, and how many they are."""
        try:
            return await self._shared.call(
                lambda redis: self._over(redis).get_moving_window(key, limit, expiry)
            )
        except UnavailableError:
            return await super().get_moving_window(key, limit, expiry)

    def _over(self, redis: "Redis") -> RedisStorage:
        if self._in_redis is None or self._client is not redis:
            self._client = redis
            self._in_redis = RedisStorage(
                "async+redis://",
                implementation="redispy",
                key_prefix=self._shared.key("asked"),
                connection_pool=redis.connection_pool,  # type: ignore[arg-type] # as it documents
            )
        return self._in_redis


def _client(scope: Scope) -> str:
    """Return a name of one length for who asks."""
    address = scope["client"][0] if scope.get("client") else ""
    return owner(scope) or sha256(_network(address).encode()).hexdigest()


def _network(address: str) -> str:
    try:
        known: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return address
    return str(ip_network((known, _IPV6_PREFIX), strict=False))
