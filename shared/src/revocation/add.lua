-- Adds revoked sign-ins; who is there already stays as it is. KEYS[1]: the set. ARGV: sign-in and reason in turns.
-- A score is eight times the milliseconds, plus the reason; each is above all before it, whatever the clock does, so that who reads on from the last
-- score misses nothing.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last then
  now = math.max(now, math.floor(tonumber(last) / 8) + 1)
end
for index = 1, #ARGV, 2 do
  local score = string.format('%.0f', now * 8 + ARGV[index + 1])
  now = now + redis.call('ZADD', KEYS[1], 'NX', score, ARGV[index])
end
return redis.status_reply('OK')
