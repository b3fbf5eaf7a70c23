"""What Redis does with the account, each script as a whole. Sums are whole billionths of a dollar.

Each begins with the first: it meets what the process knows with what Redis knows. The three sums
only grow, so what is greater is newer. `life` is another one where Redis lost them: then what the
process saw in the life before is added, as far as no other process did, and its holds are held
again. Another `epoch` is the wish to count from zero.
"""

_MEET = """
local epoch_key, totals, holds, held, done, taken, rows, models = unpack(KEYS)
local me = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local HOUR = 3600000

local function sum(name) return tonumber(redis.call('HGET', totals, name) or 0) end
local function is_done(id) return redis.call('ZSCORE', done, id) end
local function hold(id, usd, milliseconds)
  redis.call('ZADD', holds, now + milliseconds, id)
  redis.call('HSET', held, id, usd)
end
local function finish(id)
  redis.call('ZREM', holds, id)
  redis.call('HDEL', held, id)
  redis.call('ZADD', done, now, id)
end

local epoch = redis.call('GET', epoch_key)
if not epoch then
  epoch = me.epoch
  redis.call('SET', epoch_key, epoch)
end
if redis.call('HGET', totals, 'epoch') ~= epoch then
  redis.call('DEL', totals, rows, models)
  redis.call('HSET', totals, 'epoch', epoch, 'life', me.new_life)
  for _, id in ipairs(redis.call('HKEYS', taken)) do redis.call('HSET', taken, id, 0) end
end
local life = redis.call('HGET', totals, 'life')
if not life then
  life = me.life ~= '' and me.life or me.new_life
  redis.call('HSET', totals, 'life', life)
end
if me.epoch == epoch then
  for _, name in ipairs({'known', 'expected', 'returned'}) do
    local seen = name
    if me.life ~= life then seen = name .. ' before' end
    local more = me[name] - sum(seen)
    if more > 0 then
      redis.call('HINCRBY', totals, name, more)
      if seen ~= name then redis.call('HSET', totals, seen, me[name]) end
    end
  end
end
for _, one in ipairs(me.holds) do
  if not is_done(one[1]) and not redis.call('ZSCORE', holds, one[1]) then
    hold(one[1], one[2], one[3])
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', holds, '-inf', now, 'LIMIT', 0, 100)) do
  local usd = redis.call('HGET', held, id) or 0
  redis.call('HINCRBY', totals, 'expected', usd)
  finish(id)
  redis.call('HSET', taken, id, usd)
end

local function told(...)
  local in_flight = 0
  for _, usd in ipairs(redis.call('HVALS', held)) do in_flight = in_flight + usd end
  return {epoch, life, sum('known'), sum('expected'), sum('returned'), in_flight, ...}
end
"""

HOLD = f"""{_MEET}
local id, usd, limit, milliseconds = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local found = told(0)
if found[3] + found[4] - found[5] + found[6] + usd <= limit then
  if not is_done(id) then hold(id, usd, milliseconds) end
  found[7] = 1
end
return found
"""
"""Holds a sum, unless the limit would be passed: the last of what it returns is 1 where it did.

One that was let go before, while this was on the way, is not held.
"""

SETTLE = f"""{_MEET}
local most_rows, most_done = tonumber(ARGV[3]), tonumber(ARGV[4])
local function add(bill)
  redis.call('HINCRBY', totals, 'known', bill.known)
  redis.call('HINCRBY', totals, 'expected', bill.expected)
  local row = bill.row
  if redis.call('SISMEMBER', models, row) == 0 then
    if redis.call('SCARD', models) < most_rows then
      redis.call('SADD', models, row)
    else
      row = bill.other
    end
  end
  for name, count in pairs(bill.counts) do
    redis.call('HINCRBY', rows, row .. ' ' .. name, count)
  end
end
for _, entry in ipairs(cjson.decode(ARGV[2])) do
  local back = redis.call('HGET', taken, entry.id)
  if back or not is_done(entry.id) then
    redis.call('HINCRBY', totals, 'returned', back or 0)
    redis.call('HDEL', taken, entry.id)
    finish(entry.id)
    if entry.bill then add(entry.bill) end
  end
end
local function forget(ids)
  for _, id in ipairs(ids) do
    redis.call('ZREM', done, id)
    redis.call('HDEL', taken, id)
  end
end
forget(redis.call('ZRANGEBYSCORE', done, '-inf', now - HOUR, 'LIMIT', 0, 1000))
local many = redis.call('ZCARD', done) - most_done
if many > 0 then forget(redis.call('ZRANGE', done, 0, math.min(many, 1000) - 1)) end
redis.call('PEXPIRE', done, HOUR)
redis.call('PEXPIRE', taken, HOUR)
return told()
"""
"""Lets holds go and enters bills, each once: ids are known for an hour.

Where a hold has expired before, what was expected of it is returned.
"""

TELL = f"""{_MEET}
return told(redis.call('HGETALL', rows))
"""
"""Tells what was spent, and on what."""
