-- What only the site can say, asked of an instance and kept: who a token names, the head of an answer, and
-- the JSON of a photo. So no key that signs tokens is here, and nothing is written a second time.
local bounded = require "edge.bounded"
local clock = require "edge.clock"
local http = require "edge.http"

local KEPT_BYTES = 4 * 1024 * 1024
local OVERHEAD = 300
local HEAD_SECONDS = 10

local instance = {}
local callers, heads = bounded.new(KEPT_BYTES), bounded.new(KEPT_BYTES)

-- Returns what a header "Authorization" names: user, version, session, expiry (seconds since 1970); nil if an
-- instance does not accept it. The lease says under which key tokens are signed: another key is
-- another name here, so that nothing counts that was accepted before the key was replaced.
function instance.caller(lease, authorization)
    local name = lease.keys.signing .. authorization
    local caller = callers:get(name)
    if not caller then
        local said = http.ask("/_edge/caller", {Host = "edge", Authorization = authorization})
        local user, version, session, expiry
        if said then
            user, version, session, expiry = string.match(said, "^(%d+) (%d+) (%d+) ([%d.]+)\n$")
        end
        if not user then return nil end
        caller = {user = user, version = version, session = session, expiry = tonumber(expiry)}
        callers:set(name, caller, #name + OVERHEAD)
    end
    return caller.expiry > clock.unix() and caller or nil
end

-- Returns the base of addresses and the headers that answers to such a request have, as the site has learned
-- them: kind is "feed" or "photo"; nil while an instance has not.
function instance.head(kind, host, accept)
    local name = table.concat({kind, ngx.var.scheme, host, accept or ""}, "\0")
    local head = heads:get(name)
    if head and clock.monotonic() < head.ends then return head end
    -- Each instance learns from the requests that it gets: one of them may have.
    local said = http.ask("/_edge/head?kind=" .. kind,
        {Host = host, Accept = accept, ["X-Forwarded-Proto"] = ngx.var.scheme}, true)
    if not said then return nil end
    local lines = string.gmatch(said, "([^\n]*)\n")
    head = {base = lines(), headers = {}, ends = clock.monotonic() + HEAD_SECONDS}
    for line in lines do
        local header, value = string.match(line, "^([^:]+): (.*)$")
        local before = head.headers[header]
        if before == nil then head.headers[header] = value
        elseif type(before) == "table" then before[#before + 1] = value
        else head.headers[header] = {before, value} end
    end
    heads:set(name, head, #name + #said + OVERHEAD)
    return head
end

-- Returns the JSON of a photo without its changing members and brace. body: that of its entry.
function instance.photo(body, base)
    return http.ask("/_edge/photo?base=" .. ngx.escape_uri(base), {Host = "edge"}, false, body)
end

return instance
