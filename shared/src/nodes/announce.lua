-- Sets KEYS[1] to "incarnation json" for ARGV[3] milliseconds, unless a later incarnation is there.
-- Incarnations are milliseconds since 1970, which Lua's numbers hold exactly.
local current = redis.call('GET', KEYS[1])
local state = 'renewed'
if not current then
  state = 'missing'
else
  local there = tonumber(string.match(current, '^%d+') or '0')
  local own = tonumber(ARGV[1])
  if there > own then
    return 'superseded'
  elseif there < own then
    state = 'missing'
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return state
