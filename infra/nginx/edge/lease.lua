-- Whether Redis may be believed: asked of an instance twice a second, by each worker of nginx.
--
-- An instance has that from the database, for two seconds from before it asked. It says how much of that
-- is left, and here that counts from before *we* asked: so the answer ends with the instance's, or
-- sooner, and no clock is compared with another. A worker that was stopped meanwhile finds its lease run
-- out: it is looked at before Redis is asked and again when Redis has answered.
local clock = require "edge.clock"
local http = require "edge.http"
local redis = require "edge.redis"

local RENEW_SECONDS = 0.5
-- The form of what an instance says, and of the entries in Redis: another one is not understood.
local FORMAT = "3"

local lease = {}
local current, renewing = nil, false

local Lease = {}
Lease.__index = Lease

-- Tells whether it may still be used.
function Lease:is_usable()
    return not self.revoked and clock.monotonic() < self.deadline
end

-- Ends it: Redis has failed. The next one is got when Redis answers again.
function Lease:revoke()
    self.revoked = true
end

-- Returns the key of a region's entry, or of another kind, with its values filled in.
function Lease:key(name, values)
    return (string.gsub(self.keys[name], "{(%w+)}", values))
end

-- Returns the lease, or nil.
function lease.current()
    if current and current:is_usable() then return current end
    return nil
end

local function from(text, asked_at)
    local said = {}
    for name, value in string.gmatch(text, "([%w_]+) ([^\n]*)\n") do said[name] = value end
    local left = tonumber(said.milliseconds)
    if said.format ~= FORMAT or not left then return nil end
    return setmetatable({
        deadline = asked_at + left / 1000,
        run_id = said.run_id,
        -- What was kept under one of these is worth nothing under another.
        era = said.generation .. " " .. said.run_id,
        keys = said,
    }, Lease)
end

local function renew()
    local asked_at = clock.monotonic()
    local text = http.ask("/_edge/lease", {Host = "edge"}, true)
    local found = text and from(text, asked_at)
    if found then redis.call(found.run_id, redis.command("PING"), 1) end
    return found
end

local function tick(premature)
    if premature or renewing then return end
    renewing = true
    local worked, found = pcall(renew)
    renewing = false
    -- An instance that is away says nothing: the lease runs out. If Redis is away, it ends.
    if worked and found then current = found
    elseif not worked then
        if current then current:revoke() end
        ngx.log(ngx.INFO, "The edge has no lease: ", found)
    end
end

-- Begins to renew it in this worker.
function lease.start()
    ngx.timer.at(0, tick)
    ngx.timer.every(RENEW_SECONDS, tick)
end

return lease
