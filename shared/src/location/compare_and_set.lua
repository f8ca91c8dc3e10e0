-- Sets KEYS[1] to ARGV[2] if it is ARGV[1]; '' stands for "no key". ARGV[3] is the time to live in seconds.
-- Returns false after the change, else the value that is there.
local current = redis.call('GET', KEYS[1]) or ''
if current ~= ARGV[1] then
  return current
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
return false
