-- What the mirror says. Only a builder loads this text into a server, after the set was whole there: without it nobody can ask.
-- KEYS[1]: the set. ARGV: 'is', sign-in; or 'since', score, limit.
-- Nil when the set is not whole; of 'is' the score, or '' for one that is good; of 'since' the generation, then members and scores.
local generation = redis.call('ZSCORE', KEYS[1], 'complete')
if not generation then
  return false
end
if ARGV[1] == 'is' then
  return redis.call('ZSCORE', KEYS[1], ARGV[2]) or ''
end
local found = redis.call('ZRANGE', KEYS[1], '(' .. ARGV[2], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[3], 'WITHSCORES')
table.insert(found, 1, generation)
return found
