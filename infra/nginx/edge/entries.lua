-- Entries of the site's cache, kept in this worker, and how all that an answer rests on is compared with
-- Redis by one MGET. minigram_site/cache/ says what entries, dependencies, tokens and leaves are.
local redis = require "edge.redis"
local clock = require "edge.clock"

local find, sub = string.find, string.sub
local TOKEN = 16 -- characters of a token, which stands first in the value of a dependency's key
-- What an entry or answer takes beside its texts.
local OVERHEAD = 600

local entries = {}

-- Returns the strings in a list of strings as JSON; those of keys need no escapes.
local function strings_in(json)
    local found = {}
    for text in string.gmatch(json, '"([^"\\]*)"') do found[#found + 1] = text end
    return found
end

local function entry_of(fields, now_ms)
    local dependencies, tokens, soft_deadline, leaves, body = unpack(fields, 1, 5)
    if not dependencies then return nil, "missing" end
    local left = (tonumber(soft_deadline) - now_ms) / 1000
    if left <= 0 then return nil, "stale" end
    local entry = {
        keys = strings_in(dependencies), tokens = {}, leaves = strings_in(leaves), body = body,
        fresh_until = clock.monotonic() + left,
    }
    for i = 1, #entry.keys do entry.tokens[i] = sub(tokens, (i - 1) * TOKEN + 1, i * TOKEN) end
    if #tokens ~= TOKEN * #entry.keys then return nil, "unusual" end
    return entry, nil, #dependencies * 2 + #leaves * 2 + #body + OVERHEAD
end

-- Returns the entries of these keys, in order, from the store (edge.bounded) or from Redis in one round trip; or nil and
-- why not: "missing", or "stale", which means true and to be rebuilt.
function entries.load(lease, store, keys)
    local found, commands, wanted = {}, {}, {}
    for i, key in ipairs(keys) do
        local kept = store:get(key)
        if kept and clock.monotonic() < kept.fresh_until then found[i] = kept
        else
            wanted[#wanted + 1] = i
            commands[#commands + 1] = redis.command("HMGET", key, "d", "t", "s", "l", "b")
        end
    end
    if #wanted == 0 then return found end
    commands[#commands + 1] = redis.command("TIME")
    local _, replies = redis.call(lease.run_id, table.concat(commands), #commands)
    local time = replies[#replies]
    local now_ms = time[1] * 1000 + time[2] / 1000
    for number, i in ipairs(wanted) do
        local entry, reason, bytes = entry_of(replies[number], now_ms)
        if not entry then return nil, reason end
        found[i] = entry
        store:set(keys[i], entry, bytes)
    end
    return found
end

-- Returns what is to be compared at each use of these entries and of the leaves with these keys, as the
-- bytes of one MGET.
function entries.watch(used, leaves)
    local keys, tokens, owners = {}, {}, {}
    for number, entry in ipairs(used) do
        for i, key in ipairs(entry.keys) do
            local at = #keys + 1
            keys[at], tokens[at], owners[at] = key, entry.tokens[i], number
        end
    end
    local dependencies = #keys
    for _, key in ipairs(leaves) do keys[#keys + 1] = key end
    local fresh_until = math.huge
    for _, entry in ipairs(used) do fresh_until = math.min(fresh_until, entry.fresh_until) end
    local command = redis.command("MGET", unpack(keys))
    return {
        command = command, tokens = tokens, owners = owners, dependencies = dependencies,
        leaves = #leaves, values = {}, reply = "", fresh_until = fresh_until,
    }
end

-- Compares once. Returns true where nothing at all has changed since the last time, false and the values of
-- the leaves where only these may have; nil and why not otherwise: "changed" and the number of the entry
-- that is no longer true, or "leaves" where the value of one is missing.
function entries.compare(lease, watch)
    local text, replies = redis.call(lease.run_id, watch.command, 1, watch.reply)
    -- Another request may have compared meanwhile.
    if text == watch.reply then return true end
    watch.reply = ""
    local values, count = (replies or redis.replies(text, 1))[1], watch.dependencies
    for i = 1, count do
        local value = values[i]
        if not value or sub(value, 1, TOKEN) ~= watch.tokens[i] then
            return nil, "changed", watch.owners[i]
        end
    end
    for i = 1, watch.leaves do
        local value = values[count + i]
        local space = value and find(value, " ", TOKEN + 1, true)
        if not space then return nil, "leaves" end
        watch.values[i] = sub(value, space + 1)
    end
    watch.reply = text
    return false, watch.values
end

return entries
