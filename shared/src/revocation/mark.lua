-- Says that the set is whole, unless it was flushed while it was built. KEYS[1]: the set. ARGV: the member of the build.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then
  return 0
end
-- Builds that were given up.
redis.call('ZREMRANGEBYSCORE', KEYS[1], -1, -1)
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], string.format('-%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), 'complete')
return 1
