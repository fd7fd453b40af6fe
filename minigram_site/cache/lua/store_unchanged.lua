-- Writes an entry and the values of leaves that were read since ``change`` was the last change, except
-- what has changed meanwhile: a leaf whose key is in a change that has ended since then, the entry
-- if one of its dependencies' keys is. Nothing if the log does not tell which keys these are. Their
-- tokens are the present ones: what was pending when it was read is pending still, if its deadline
-- has not passed meanwhile, or has ended since and is in the log.
-- KEYS: the last change, the entry. ARGV: token of the last change, time by which this must be
-- written, new token, milliseconds that a token and a leaf live, keys of the leaves (JSON); of the
-- entry: d (or nothing), l, b, soft and hard TTL in milliseconds; the values of the leaves.
local change, deadline = ARGV[1], tonumber(ARGV[2])
local new, token_ttl, leaf_ttl = ARGV[3] .. string.format(':t%.0f', now), ARGV[4], ARGV[5]
local dependencies, shown, body, soft_ttl, hard_ttl = unpack(ARGV, 7, 11)

-- Returns the keys of the changes that have ended since ``change``, or nil where that is not known.
local function changed_since(last)
  local changed = {}
  if string.sub(last, 1, TOKEN_LENGTH) == change then return changed end
  -- Most often there were few: the first items alone, then the rest.
  for _, part in ipairs({{0, 15}, {16, LOGGED_CHANGES - 1}}) do
    for _, item in ipairs(redis.call('LRANGE', log_of(KEYS[1]), part[1], part[2])) do
      if string.sub(item, 1, TOKEN_LENGTH) == change then return changed end
      local keys = string.sub(item, TOKEN_LENGTH + 1)
      if keys == '*' then return nil end
      for _, key in ipairs(cjson.decode(keys)) do changed[key] = true end
    end
  end
end

local function present(keys)
  return #keys > 0 and redis.call('MGET', unpack(keys)) or {}
end

local last = redis.call('GET', KEYS[1])
local changed = last and now <= deadline and changed_since(last)
if not changed then return end
local leaves = cjson.decode(ARGV[6])
for i, value in ipairs(present(leaves)) do
  value = value or new
  local is_wanted = string.sub(value, 1, 1) ~= 'P' and not string.find(value, ' ', TOKEN_LENGTH + 1, true)
  if is_wanted and not changed[leaves[i]] then
    redis.call('SET', leaves[i], value .. ' ' .. ARGV[11 + i], 'PX', leaf_ttl)
  end
end
if dependencies == '' then return end
local keys = cjson.decode(dependencies)
local tokens = present(keys)
for i, value in ipairs(tokens) do
  if not value then
    redis.call('SET', keys[i], new, 'PX', token_ttl)
    value = new
  end
  if changed[keys[i]] or string.sub(value, 1, 1) == 'P' then return end
  tokens[i] = string.sub(value, 1, TOKEN_LENGTH)
end
redis.call('HSET', KEYS[2], 'd', dependencies, 't', table.concat(tokens), 'l', shown, 'b', body,
  's', string.format('%.0f', now + soft_ttl))
redis.call('PEXPIRE', KEYS[2], hard_ttl)
