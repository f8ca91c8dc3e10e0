-- Takes ARGV[1] tokens from the bucket KEYS[1], which holds ARGV[2] and gains one in ARGV[3] microseconds.
-- Its value is the time at which it is full, in microseconds since 1970 by the clock of this server; no key is a full bucket.
-- Returns 0 when the tokens were taken, else the microseconds after which they would be there.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost, burst, interval = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '') or 0, now)
local wait = full_at + (math.min(cost, burst) - burst) * interval - now
if wait > 0 then
  return wait
end
full_at = full_at + cost * interval
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
return 0
