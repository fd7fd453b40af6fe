-- Returns what is true of entries and leaves, and the last change.
-- KEYS: the entries, the leaves, the last change; to lock the last entry: its lock.
-- ARGV: number of entries, number of leaves, new token, milliseconds that a token and a lock live.
-- Returns a list for each entry (0; or 1 fresh, 2 stale, then the milliseconds until it is stale,
-- its body, its fields d, t and l, and its leaves), a list of the leaves asked for, the value of the
-- last change's key, which is made if it is missing, and logged, and whether the lock was taken: if
-- the last entry alone is not fresh, and no other client holds it. A leaf is its value or nil.
local entry_count, leaf_count = tonumber(ARGV[1]), tonumber(ARGV[2])
local token, token_ttl, lock_ttl = ARGV[3], ARGV[4], ARGV[5]
local change_place = entry_count + leaf_count + 1

local function add_leaves(keys, first, last, found)
  if last < first then return end
  for _, value in ipairs(redis.call('MGET', unpack(keys, first, last))) do
    local space = value and string.find(value, ' ', TOKEN_LENGTH + 1, true)
    found[#found + 1] = space and string.sub(value, space + 1) or false
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
local change = redis.call('GET', KEYS[change_place])
if not change then
  change = token .. string.format(':t%.0f', now)
  redis.call('SET', KEYS[change_place], change, 'PX', token_ttl)
  log_change(KEYS[change_place], token, '[]', token_ttl)
end
answer[entry_count + 2] = change
local is_ours = KEYS[change_place + 1] and others_fresh and answer[entry_count][1] ~= 1
  and redis.call('SET', KEYS[change_place + 1], '1', 'NX', 'PX', lock_ttl)
answer[entry_count + 3] = is_ours and 1 or 0
return answer
