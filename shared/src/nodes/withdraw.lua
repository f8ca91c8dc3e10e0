-- Deletes KEYS[1] if it is of incarnation ARGV[1].
local current = redis.call('GET', KEYS[1])
if current and string.match(current, '^%d+') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return redis.status_reply('OK')
