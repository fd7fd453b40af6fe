-- Marks keys as pending: a change of what they stand for has begun.
-- KEYS: the keys. ARGV: the change, milliseconds until its deadline.
local change, pending_ttl = ARGV[1], ARGV[2]
for _, key in ipairs(KEYS) do
  local lsn, changes = pending_in(redis.call('GET', key))
  changes[#changes + 1] = {string.format('%.0f', now + pending_ttl), change}
  set_pending(key, lsn, changes)
end
