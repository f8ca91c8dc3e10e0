-- Takes ARGV[1] tokens from the bucket KEYS[1], which gains one in ARGV[2] microseconds, whether they are there or not.
-- bucket.lua explains the value.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '') or 0, now) + cost * interval
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
return 0
