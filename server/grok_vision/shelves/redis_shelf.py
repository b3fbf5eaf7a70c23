"""A shelf in Redis, which several processes share."""

import math
from hashlib import sha256

from grok_vision.shared import Reply, Shared

# As in memory: what is kept beside the bytes takes room, too.
_LEAST = 1024
# What takes longer to carry is not asked for before it is known that Redis answers.
_LARGE = 1024 * 1024
_BYTES_PER_SECOND = 8 * 1024 * 1024
_SECONDS = 1.0

# Both scripts begin so. Of each that is kept: its bytes under `:data:`, which expire of themselves;
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
  local size = redis.call('HGET', sizes, kept) or 0
  redis.call('DEL', base .. ':data:' .. kept)
  redis.call('ZREM', all, kept)
  redis.call('ZREM', of(kept), kept)
  redis.call('HDEL', sizes, kept)
  for _, sum in ipairs({'all', owner_of(kept)}) do
    if redis.call('HINCRBY', sums, sum, -size) <= 0 then redis.call('HDEL', sums, sum) end
  end
end
"""  # noqa: E501 - Lua
_PUT = f"""{_BEGIN}
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
local function make_room(order, sum, most)
  while tonumber(redis.call('HGET', sums, sum)) > most and redis.call('ZCARD', order) > 1 do
    drop(redis.call('ZRANGE', order, 0, 0)[1])
  end
end
make_room(of(member), owner_of(member), per_owner)
make_room(all, 'all', in_all)
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

    async def put(self, owner: str, name: str, data: bytes) -> bool:
        """Keep `data` from now on, in place of what had that name; False where it is too large.

        Raises:
            UnavailableError: Redis cannot be reached.
        """
        if len(data) > min(self._per_owner, self._in_all):
            return False
        if len(data) > _LARGE:
            await self._shared.call(lambda redis: redis.ping(), seconds=_SECONDS)
        room = max(len(data), _LEAST)
        await self._run(
            _PUT, owner, name, data, room, self._per_owner, self._in_all, seconds=_time(len(data))
        )
        return True

    async def get(self, owner: str, name: str) -> bytes | None:
        """Return what the owner put there; None where it is not kept, or no longer.

        Raises:
            UnavailableError: Redis cannot be reached.
        """
        found = await self._run(_GET, owner, name, int(self._refreshes), _LARGE, seconds=_SECONDS)
        if isinstance(found, int):
            found = await self._run(_GET, owner, name, 0, found, seconds=_time(found))
        return found if isinstance(found, bytes) else None

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
