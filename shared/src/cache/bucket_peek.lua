-- Returns 0 when the bucket KEYS[1], which holds ARGV[1] and gains one in ARGV[2] microseconds, has a token, else the microseconds
-- after which it has. Takes nothing; bucket.lua explains the value.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local burst, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '') or 0, now)
return math.max(0, full_at + (1 - burst) * interval - now)
