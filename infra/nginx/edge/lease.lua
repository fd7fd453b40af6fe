-- Whether Redis may be believed: asked of an instance twice a second, by each worker of nginx.
--
-- An instance has that from the database, for two seconds from before it asked. It says how much of that
-- is left, and here that counts from before *we* asked: so the answer ends with the instance's, or
-- sooner, and no clock is compared with another. A worker that was stopped meanwhile finds its lease run
-- out: it is looked at before Redis is asked and again when Redis has answered.
local clock = require "edge.clock"
local redis = require "edge.redis"

local RENEW_SECONDS = 0.5
local CONNECT_MS, ANSWER_MS = 100, 200
-- The form of what an instance says, and of the entries in Redis: another one is not understood.
local FORMAT = "1"

local lease = {}
local current, renewing, instances, turn = nil, false, {}, 0

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

local function http_get(place, path)
    local socket = ngx.socket.tcp()
    socket:settimeouts(CONNECT_MS, ANSWER_MS, ANSWER_MS)
    if not socket:connect(place) then return nil end
    if not socket:send("GET " .. path .. " HTTP/1.0\r\nHost: edge\r\n\r\n") then return nil end
    local text = socket:receive("*a")
    socket:close()
    return text and string.match(text, "^HTTP/1%.[01] 200 .-\r\n\r\n(.*)$")
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
    for _ = 1, #instances do
        turn = turn % #instances + 1
        local asked_at = clock.monotonic()
        local text = http_get(instances[turn], "/_edge/lease")
        local found = text and from(text, asked_at)
        if found then
            redis.call(found.run_id, redis.command("PING"), 1)
            return found
        end
    end
    return nil
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

-- Begins to renew it in this worker. places: the sockets of the instances.
function lease.start(places)
    instances = places
    turn = ngx.worker.id() or 0
    ngx.timer.at(0, tick)
    ngx.timer.every(RENEW_SECONDS, tick)
end

return lease
