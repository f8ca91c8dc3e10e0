-- As bucket.lua, and tells what is left: returns {wait, remaining, full_in}. wait is 0 when the tokens were taken, else the microseconds
-- after which they would be there; remaining are the tokens that are left, full_in the microseconds until the bucket is full.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost, burst, interval = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '') or 0, now)
local wait = math.max(0, full_at + (math.min(cost, burst) - burst) * interval - now)
if wait == 0 then
  full_at = full_at + cost * interval
  redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
end
local remaining = math.max(0, math.floor((burst * interval - (full_at - now)) / interval))
return {wait, remaining, full_at - now}
