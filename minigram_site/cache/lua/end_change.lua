-- Takes a change out of keys; where no other change is pending, the key gets a new token.
-- KEYS: the keys, and last that of the last change, which gets the token and the time in any case;
-- the log of changes gets the token and the keys.
-- ARGV: the change, new token, LSN after the commit, milliseconds that a token lives.
local ended, token, committed_lsn, token_ttl = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
for place = 1, #KEYS - 1 do
  local key = KEYS[place]
  local lsn, changes = pending_in(redis.call('GET', key))
  lsn = math.max(lsn, committed_lsn)
  local others = {}
  for _, change in ipairs(changes) do
    if change[2] ~= ended then others[#others + 1] = change end
  end
  if #others > 0 then set_pending(key, lsn, others)
  else redis.call('SET', key, token .. string.format(':%.0f', lsn), 'PX', token_ttl) end
end
redis.call('SET', KEYS[#KEYS], token .. string.format(':t%.0f', now), 'PX', token_ttl)
local names = '*'
if #KEYS - 1 <= LOGGED_KEYS then names = cjson.encode({unpack(KEYS, 1, #KEYS - 1)}) end
log_change(KEYS[#KEYS], token, names, token_ttl)
