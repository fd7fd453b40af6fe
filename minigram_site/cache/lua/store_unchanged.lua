-- Writes an entry and the values of leaves that were read since ``change`` was the last change, unless
-- another has ended since then. Their tokens are the present ones: what was pending when it was read
-- is pending still, if its deadline has not passed meanwhile.
-- KEYS: the last change, the entry. ARGV: token of the last change, time by which this must be
-- written, new token, milliseconds that a token and a leaf live, keys of the leaves (JSON); of the
-- entry: d (or nothing), l, b, soft and hard TTL in milliseconds, x; the values of the leaves.
local last = redis.call('GET', KEYS[1])
if not last or string.sub(last, 1, TOKEN_LENGTH) ~= ARGV[1] or now > tonumber(ARGV[2]) then return end
local new, token_ttl, leaf_ttl = ARGV[3] .. string.format(':t%.0f', now), ARGV[4], ARGV[5]
local dependencies, shown, body, soft_ttl, hard_ttl, sliding_ttl = unpack(ARGV, 7, 12)

local function present(keys)
  local values = #keys > 0 and redis.call('MGET', unpack(keys)) or {}
  for i, value in ipairs(values) do
    if not value then
      redis.call('SET', keys[i], new, 'PX', token_ttl)
      values[i] = new
    end
  end
  return values
end

local leaves = cjson.decode(ARGV[6])
for i, value in ipairs(present(leaves)) do
  if string.sub(value, 1, 1) ~= 'P' and not string.find(value, ' ', TOKEN_LENGTH + 1, true) then
    redis.call('SET', leaves[i], value .. ' ' .. ARGV[12 + i], 'PX', leaf_ttl)
  end
end
if dependencies == '' then return end
local tokens = present(cjson.decode(dependencies))
for i, value in ipairs(tokens) do
  if string.sub(value, 1, 1) == 'P' then return end
  tokens[i] = string.sub(value, 1, TOKEN_LENGTH)
end
redis.call('HSET', KEYS[2], 'd', dependencies, 't', table.concat(tokens), 'l', shown, 'b', body,
  's', string.format('%.0f', now + soft_ttl), 'x', sliding_ttl)
redis.call('PEXPIRE', KEYS[2], hard_ttl)
