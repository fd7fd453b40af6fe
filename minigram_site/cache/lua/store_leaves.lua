-- Writes the values of leaves into their keys, unless their tokens have changed.
-- KEYS: the leaves. ARGV: milliseconds that a leaf lives, then token and value of each leaf.
local leaf_ttl = ARGV[1]
for i, key in ipairs(KEYS) do
  local found, token, value = redis.call('GET', key), ARGV[2 * i], ARGV[2 * i + 1]
  if found and string.sub(found, 1, TOKEN_LENGTH) == token then
    local head = string.match(found, '^[^ ]+')
    redis.call('SET', key, head .. ' ' .. value, 'PX', leaf_ttl)
  end
end
