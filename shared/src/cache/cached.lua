-- Puts the value ARGV[2] for ARGV[3] milliseconds where the lease ARGV[1] stands (KEYS[1]); without a value the lease ends.
-- Returns 1; or 0 when the lease is gone: a write came between, and what was read may be older than it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
