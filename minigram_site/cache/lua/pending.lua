-- A key of which changes are pending: 'P:<lsn>|<deadline>:<change>,<deadline>:<change>,...'

-- Returns the LSN in the value of a key (0 for none), and the pending changes before their
-- deadlines, each as {deadline, change}.
local function pending_in(value)
  local lsn, changes = 0, {}
  if value and string.sub(value, 1, 1) == 'P' then
    local bar = string.find(value, '|', 3, true)
    lsn = tonumber(string.sub(value, 3, bar - 1)) or 0
    for deadline, change in string.gmatch(string.sub(value, bar + 1), '(%d+):([^,]+)') do
      if tonumber(deadline) > now then changes[#changes + 1] = {deadline, change} end
    end
  elseif value then
    lsn = tonumber(string.match(value, '^[^:]+:(%d+)')) or 0
  end
  return lsn, changes
end

-- Writes the key, which lives until the last deadline.
local function set_pending(key, lsn, changes)
  local text, last = {}, now
  for i, change in ipairs(changes) do
    text[i] = change[1] .. ':' .. change[2]
    last = math.max(last, tonumber(change[1]))
  end
  redis.call('SET', key, string.format('P:%.0f|', lsn) .. table.concat(text, ','),
    'PX', math.max(1, last - now))
end
