-- Returns the values of keys; a missing one is made, with the time instead of an LSN.
-- KEYS: the keys. ARGV: new token, milliseconds that a token lives.
local token, token_ttl = ARGV[1], ARGV[2]
local new = token .. string.format(':t%.0f', now)
local values = redis.call('MGET', unpack(KEYS))
for i, value in ipairs(values) do
  if not value then
    redis.call('SET', KEYS[i], new, 'PX', token_ttl)
    values[i] = new
  end
end
return values
