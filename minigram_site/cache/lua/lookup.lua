-- Returns what is true of entries and leaves, and claims what is missing if it is told to.
-- KEYS: the entries, the leaves; to claim the last entry: its lock, its dependencies.
-- ARGV: number of entries, number of leaves; to claim: new token, milliseconds that a token and
-- a lock live.
-- Returns a list for each entry (0; or 1 fresh, 2 stale, then the milliseconds until it is stale,
-- its body, its fields d, t and l, and its leaves), and a list of the leaves asked for. A leaf is its
-- value or nil; when claiming, a missing leaf is a list of its key's value. When claiming, the last
-- element is the claim: empty, or 1 (locked) and the values of the dependencies. Missing keys are
-- made then.
local entry_count, leaf_count = tonumber(ARGV[1]), tonumber(ARGV[2])
local token, token_ttl, lock_ttl = ARGV[3], ARGV[4], ARGV[5]
local claims = token ~= nil
local lock_place = entry_count + leaf_count + 1

local function made(key)
  local value = token .. string.format(':t%.0f', now)
  redis.call('SET', key, value, 'PX', token_ttl)
  return value
end

local function add_leaves(keys, first, last, found)
  if last < first then return end
  for i, value in ipairs(redis.call('MGET', unpack(keys, first, last))) do
    local space = value and string.find(value, ' ', TOKEN_LENGTH + 1, true)
    if space then found[#found + 1] = string.sub(value, space + 1)
    else found[#found + 1] = claims and {value or made(keys[first + i - 1])} end
  end
end

-- Returns 0 for an entry that is missing or no longer true, 1 for a fresh one, 2 for a stale one.
local function state_of(dependencies, tokens, soft_deadline)
  if not dependencies then return 0 end
  local present = redis.call('MGET', unpack(cjson.decode(dependencies)))
  for i, value in ipairs(present) do
    present[i] = value and string.sub(value, 1, TOKEN_LENGTH) or ''
  end
  if table.concat(present) ~= tokens then return 0 end
  return now < tonumber(soft_deadline) and 1 or 2
end

local answer, others_fresh = {}, true
for i = 1, entry_count do
  local dependencies, tokens, soft_deadline, leaves, sliding_ttl, body =
    unpack(redis.call('HMGET', KEYS[i], 'd', 't', 's', 'l', 'x', 'b'))
  local state = state_of(dependencies, tokens, soft_deadline)
  if state == 0 then answer[i] = {0}
  else
    local found = {state, soft_deadline - now, body, dependencies, tokens, leaves}
    if leaves ~= '' then
      local keys = cjson.decode(leaves)
      add_leaves(keys, 1, #keys, found)
    end
    if sliding_ttl ~= '' then redis.call('PEXPIRE', KEYS[i], sliding_ttl) end
    answer[i] = found
  end
  others_fresh = others_fresh and (state == 1 or i == entry_count)
end
local asked = {}
add_leaves(KEYS, entry_count + 1, entry_count + leaf_count, asked)
answer[entry_count + 1] = asked
if claims then
  local claim = {}
  if #KEYS >= lock_place and others_fresh and answer[entry_count][1] ~= 1
      and redis.call('SET', KEYS[lock_place], '1', 'NX', 'PX', lock_ttl) then
    claim[1] = 1
    for i = lock_place + 1, #KEYS do
      claim[#claim + 1] = redis.call('GET', KEYS[i]) or made(KEYS[i])
    end
  end
  answer[entry_count + 2] = claim
end
return answer
