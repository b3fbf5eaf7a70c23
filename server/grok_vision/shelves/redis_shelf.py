"""A shelf in Redis, which several processes share."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

import anyio

from grok_vision.shared import Reply, Shared, UnavailableError

# As in memory: what is kept beside the bytes takes room, too.
_LEAST = 1024
# What takes longer to carry is not asked for before it is known that Redis answers.
_LARGE = 1024 * 1024
_BYTES_PER_SECOND = 8 * 1024 * 1024
_SECONDS = 1.0
# Large ones on their way at once: the rest of what processes share has a turn between them.
_MOST_LARGE = 2
_PATIENCE = 10.0

# All scripts begin so. Of each that is kept: its bytes under `:data:`, which expire of themselves;
# in `:all` and `:of:<owner>` when it was put or last used, in microseconds of Redis' clock; its
# room in `:sizes`. In `:sums` is the room of each owner, and of all.
_BEGIN = """
local base, member, life = ARGV[1], ARGV[2], tonumber(ARGV[3])
local data, all, sizes, sums = base .. ':data:' .. member, base .. ':all', base .. ':sizes', base .. ':sums'
local function owner_of(kept) return string.sub(kept, 1, 32) end
local function of(kept) return base .. ':of:' .. owner_of(kept) end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function stay()
  for _, key in ipairs({data, all, sizes, sums, of(member)}) do redis.call('PEXPIRE', key, life) end
end
local function drop(kept)
  local data = base .. ':data:' .. kept
  -- A Redis that throws keys out may have lost the sizes of what it still has.
  local size = redis.call('HGET', sizes, kept) or math.max(redis.call('STRLEN', data), 1024)
  redis.call('DEL', data)
  redis.call('ZREM', all, kept)
  redis.call('ZREM', of(kept), kept)
  redis.call('HDEL', sizes, kept)
  for _, sum in ipairs({'all', owner_of(kept)}) do
    if redis.call('HINCRBY', sums, sum, -size) <= 0 then redis.call('HDEL', sums, sum) end
  end
end
"""  # noqa: E501 - Lua
# The room of a large one may be that of thousands of tiny ones: they go by steps of 30 ms, so that
# Redis answers others between them. Who has more than may be, because settings changed, loses that
# by steps, too. With one that is left, what the sum says of those before is mended.
_MAKE_ROOM = """
local function make_room(order, sum, most, left)
  for _ = 1, 1100 do
    if tonumber(redis.call('HGET', sums, sum) or 0) <= most then return 0 end
    if redis.call('ZCARD', order) <= left then
      local kept = redis.call('ZRANGE', order, 0, 0)[1]
      redis.call('HSET', sums, sum, kept and redis.call('HGET', sizes, kept) or 0)
      return 0
    end
    drop(redis.call('ZRANGE', order, 0, 0)[1])
  end
  return 1
end
"""
_ROOM = f"""{_BEGIN}{_MAKE_ROOM}
local size, per_owner, in_all = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local more = size - (redis.call('HGET', sizes, member) or 0)
-- What it takes the place of goes last.
redis.call('ZADD', all, 'XX', now, member)
redis.call('ZADD', of(member), 'XX', now, member)
return make_room(of(member), owner_of(member), per_owner - more, 0)
  + make_room(all, 'all', in_all - more, 0)
"""
_PUT = f"""{_BEGIN}{_MAKE_ROOM}
local size, per_owner, in_all = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
for _, kept in ipairs(redis.call('ZRANGEBYSCORE', all, '-inf', now - life * 1000, 'LIMIT', 0, 1000)) do
  drop(kept)
end
if redis.call('HEXISTS', sizes, member) == 1 then drop(member) end
redis.call('SET', data, ARGV[4])
redis.call('ZADD', all, now, member)
redis.call('ZADD', of(member), now, member)
redis.call('HSET', sizes, member, size)
redis.call('HINCRBY', sums, 'all', size)
redis.call('HINCRBY', sums, owner_of(member), size)
make_room(of(member), owner_of(member), per_owner, 1)
make_room(all, 'all', in_all, 1)
stay()
"""  # noqa: E501 - Lua
_GET = f"""{_BEGIN}
if redis.call('EXISTS', data) == 0 then
  if redis.call('HEXISTS', sizes, member) == 1 then drop(member) end
  return false
end
if ARGV[4] == '1' then
  redis.call('ZADD', all, 'XX', now, member)
  redis.call('ZADD', of(member), 'XX', now, member)
  stay()
end
local size = redis.call('STRLEN', data)
if size > tonumber(ARGV[6]) then return false end
if size > tonumber(ARGV[5]) then return size end
return redis.call('GET', data)
"""


class RedisShelf:
    """Keeps `per_owner` bytes of each owner and `in_all` of all, each for `seconds`, in Redis.

    What holds less than 1 KiB counts as that, so there are at most `in_all` / 1 KiB keys and one
    more for each owner; beside the bytes, each takes about 600. The newest is always kept. With
    `refreshes` a `get` counts as use: the oldest are those not used for longest.
    """

    def __init__(
        self,
        shared: Shared,
        name: str,
        *,
        per_owner: int,
        in_all: int,
        seconds: float,
        refreshes: bool = False,
    ) -> None:
        self._shared = shared
        self._base = shared.key("shelf", name)
        self._per_owner = per_owner
        self._in_all = in_all
        self._milliseconds = math.ceil(seconds * 1000)
        self._refreshes = refreshes
        self._large = anyio.CapacityLimiter(_MOST_LARGE)

    async def put(self, owner: str, name: str, data: bytes) -> bool:
        """Keep `data` from now on, in place of what had that name; False where it is too large.

        Raises:
            UnavailableError: Redis cannot be reached.
        """
        if len(data) > min(self._per_owner, self._in_all):
            return False
        bounds = max(len(data), _LEAST), self._per_owner, self._in_all
        if len(data) <= _LARGE:
            await self._run(_PUT, owner, name, data, *bounds, seconds=_SECONDS)
            return True
        async with self._carrying():
            while await self._run(_ROOM, owner, name, *bounds, seconds=_SECONDS):
                pass
            await self._run(_PUT, owner, name, data, *bounds, seconds=_time(len(data)))
        return True

    async def get(self, owner: str, name: str) -> bytes | None:
        """Return what the owner put there; None where it is not kept, or no longer.

        Raises:
            UnavailableError: Redis cannot be reached.
        """
        # What is larger than may be kept, others have put there.
        most = min(self._per_owner, self._in_all)
        asked = int(self._refreshes), _LARGE, most
        found = await self._run(_GET, owner, name, *asked, seconds=_SECONDS)
        if isinstance(found, int):
            async with self._carrying():
                found = await self._run(_GET, owner, name, 0, most, most, seconds=_time(found))
        return found if isinstance(found, bytes) else None

    @asynccontextmanager
    async def _carrying(self) -> AsyncIterator[None]:
        try:
            with anyio.fail_after(_PATIENCE):
                await self._large.acquire()
        except TimeoutError:
            raise UnavailableError("Redis is busy with other pictures") from None
        try:
            yield
        finally:
            self._large.release()

    async def _run(
        self, script: str, owner: str, name: str, *arguments: bytes | int, seconds: float
    ) -> Reply:
        member = _member(owner, name)
        given = [self._base, member, self._milliseconds, *arguments]
        return await self._shared.run(script, [], given, seconds=seconds)


def _member(owner: str, name: str) -> str:
    """Return what tells it from all others, without words that callers chose."""
    return f"{_digest(owner)}:{_digest(name)}"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _time(size: int) -> float:
    return _SECONDS + size / _BYTES_PER_SECOND
