-- The edge: pages of the home feed and photos, over the API, answered by nginx from what the site keeps in
-- Redis (docs/adr/0022-the-edge.md). It answers what it knows to be true now, and leaves everything else,
-- every refusal included, to an instance, which fills what was missing.
local bounded = require "edge.bounded"
local clock = require "edge.clock"
local counts = require "edge.counts"
local entries = require "edge.entries"
local http = require "edge.http"
local instance = require "edge.instance"
local lease = require "edge.lease"
local redis = require "edge.redis"

-- In each worker of nginx: entries as they are in Redis, and answers made of them.
local ENTRY_BYTES, ANSWER_BYTES = 16 * 1024 * 1024, 96 * 1024 * 1024
local OVERHEAD = 1000
local GAP, BLOCKS = "\0", "\1"
local FEED = "/api/v1/feed/"
-- A request with one of these is not ordinary; the site looks at some of them, nginx at others.
local UNUSUAL = {
    "cookie", "content-length", "transfer-encoding", "range", "if-range", "if-match", "if-none-match",
    "if-modified-since", "if-unmodified-since", "expect", "upgrade", "origin",
}
local SINGLE = {"authorization", "host", "accept"}
local MOST_HEADERS = 60

local front = {}
-- What this worker keeps, of the present generation in the present run of Redis.
local kept = {}

local function headers_of_request()
    local headers, problem = ngx.req.get_headers(MOST_HEADERS)
    if problem then return nil end
    for i = 1, #UNUSUAL do
        if headers[UNUSUAL[i]] then return nil end
    end
    for i = 1, #SINGLE do
        if type(headers[SINGLE[i]]) == "table" then return nil end
    end
    if not headers.authorization or not headers.host then return nil end
    return headers
end

-- Returns what is asked for: the photo, or cursor and limit of a page; nil for an unusual address. The address
-- is looked at as it was sent, since that is what an instance gets.
local function target_of(lent, address)
    local path, query = string.match(address, "^([^?]*)%??(.*)$")
    if path ~= FEED then
        local photo = string.match(path, "^/api/v1/photos/(%d+)/$")
        if not photo or query ~= "" or #photo > 18 then return nil end
        -- The site reads a number, which has one name only in the cache.
        if string.byte(photo) == 48 then return nil end
        return {photo = photo}
    end
    if query == "" then return {cursor = "", limit = ""} end
    local words = ngx.re.match(query, "\\A(?:" .. lent.keys.query .. ")\\z", "jo")
    if not words then return nil end
    return {cursor = words[1] or "", limit = words[2] or ""}
end

-- Returns the parts of a page with room for its leaves between them, and where these belong.
local function page_parts(body, leaf_count)
    local parts, places, at = {}, {}, 1
    for photo = 1, leaf_count do
        local gap = string.find(body, GAP, at, true)
        if not gap then return nil end
        parts[2 * photo - 1], places[photo] = string.sub(body, at, gap - 1), 2 * photo
        at = gap + 1
    end
    if string.find(body, GAP, at, true) then return nil end
    parts[2 * leaf_count + 1] = string.sub(body, at)
    return parts, places
end

-- Returns whether a photo is among the likes of a caller (photos/conversation/like_cache.py), nil if it is older than
-- those that are there. Ids are compared as texts: a Lua number holds no 64 bits.
local function liked_in(likes, photo)
    if string.find(likes, "," .. photo .. ",", 1, true) then return true end
    local since = string.match(likes, "^%d+")
    if #photo > #since or (#photo == #since and photo >= since) then return false end
    return nil
end

local function bytes_of(parts, watch, name)
    local bytes = #name + 2 * #watch.command + OVERHEAD
    for _, part in pairs(parts) do bytes = bytes + #part + 24 end
    return bytes
end

-- Returns an answer made of entries, or nil and why there is none.
local function build(lent, store, asked, caller, base)
    local account_key = lent:key("account", caller)
    if asked.photo then
        local keys = {
            account_key, lent:key("blocks", caller), lent:key("photo", asked), lent:key("likes", caller),
        }
        local used, reason = entries.load(lent, store, keys)
        if not used then return nil, reason end
        if used[2].body ~= "[]" then return nil, "blocks" end
        if used[3].body == "" then return nil, "private" end
        local liked = liked_in(used[4].body, asked.photo)
        if liked == nil then return nil, "likes" end
        used[3].json = used[3].json or {}
        local json = used[3].json[base] or instance.photo(used[3].body, base)
        if not json then return nil, "missing" end
        used[3].json[base] = json
        return {
            keys = keys, account = used[1],
            parts = {json .. ",", nil, ',"liked":' .. tostring(liked) .. "}"}, places = {2},
            watch = entries.watch(used, {lent:key("counts", asked)}),
        }
    end
    local page_key = lent:key("page", {
        user = caller.user, cursor = asked.cursor, limit = asked.limit, base = base,
    })
    local keys = {account_key, page_key}
    local used, reason = entries.load(lent, store, keys)
    if not used then return nil, reason end
    -- The answer holds all of the page.
    store:remove(page_key)
    if string.sub(used[2].body, 1, 1) == BLOCKS then return nil, "blocks" end
    local parts, places = page_parts(used[2].body, #used[2].leaves)
    if not parts then return nil, "unusual" end
    return {
        keys = keys, account = used[1], parts = parts, places = places,
        watch = entries.watch(used, used[2].leaves),
    }
end

-- Returns whether an answer is true now, with the present counts in it; else nil, why not, and the number of the
-- entry that is not.
local function check(lent, answer)
    local same, found, owner = entries.compare(lent, answer.watch)
    if same == nil then return nil, found, owner end
    -- What was read while the lease ran out may have been believed too long.
    if not lent:is_usable() then return nil, "lease" end
    if not same then
        local parts, length = answer.parts, 0
        for i, place in ipairs(answer.places) do parts[place] = found[i] end
        for i = 1, #parts do length = length + #parts[i] end
        answer.length = length
    end
    return true
end

-- Returns a new answer and its bytes, or nil and why there is none.
local function make(lent, store, name, asked, caller, base)
    local answer, reason = build(lent, store, asked, caller, base)
    if not answer then return nil, reason end
    answer.version = string.match(answer.account.body, ",([^,]*),[^,]*$")
    if answer.version ~= caller.version then
        store:remove(answer.keys[1])
        return nil, "account"
    end
    return answer, bytes_of(answer.parts, answer.watch, name)
end

-- Returns the answer to this request and its head, or nil and why an instance has to answer.
local function find()
    local lent = lease.current()
    if not lent then return nil, "lease" end
    if ngx.var.request_method ~= "GET" then return nil, "unusual" end
    local headers = headers_of_request()
    local asked = headers and target_of(lent, ngx.var.request_uri)
    if not asked then return nil, "unusual" end
    if lent.era ~= kept.era then
        kept = {era = lent.era, entries = bounded.new(ENTRY_BYTES), answers = bounded.new(ANSWER_BYTES)}
    end
    local store, answers = kept.entries, kept.answers
    local caller = instance.caller(lent, headers.authorization)
    if not caller then return nil, "token" end
    local head = instance.head(asked.photo and "photo" or "feed", headers.host, headers.accept)
    if not head then return nil, "head" end
    local name = table.concat({
        caller.user, caller.session, caller.version, asked.photo or "", asked.cursor or "",
        asked.limit or "", lent.keys.signing, head.base,
    }, " ")
    local reason, owner
    for _ = 1, 3 do
        local answer, bytes = answers:get(name), nil
        if answer and clock.monotonic() >= answer.watch.fresh_until then answer = nil end
        if not answer then
            answer, bytes = make(lent, store, name, asked, caller, head.base)
            if not answer then return nil, bytes end
        end
        local true_now
        true_now, reason, owner = check(lent, answer)
        if true_now then
            if bytes then answers:set(name, answer, bytes) end
            return answer, head
        end
        if reason ~= "changed" then return nil, reason end
        -- Redis may hold what the site has made of it since.
        answers:remove(name)
        store:remove(answer.keys[owner])
    end
    return nil, reason
end

-- Answers this request, or does nothing: then an instance answers.
function front.answer()
    local worked, answer, head = pcall(find)
    if not worked then
        -- A fault of the code must cost speed only: an instance answers.
        local of_redis = string.sub(tostring(answer), 1, 6) == "Redis:"
        local lent = lease.current()
        if of_redis and lent then lent:revoke() end
        counts.add(of_redis and "redis" or "error")
        ngx.log(ngx.WARN, "The edge: ", answer)
        return
    end
    if not answer then
        counts.add(head)
        return
    end
    counts.add("hit")
    for header, value in pairs(head.headers) do ngx.header[header] = value end
    ngx.header.content_length = answer.length
    ngx.print(answer.parts)
    ngx.exit(ngx.HTTP_OK)
end

-- Takes in where Redis listens, and the file that holds its password ("" where it has none). Once, in the master
-- process, which may read what no worker may.
function front.configure(redis_address, password_file)
    local password = ""
    if password_file ~= "" then
        local file = assert(io.open(password_file))
        password = string.gsub(file:read("*a"), "%s+$", "")
        file:close()
    end
    redis.configure(redis_address, password)
end

-- Begins, in each worker. instances: their sockets.
function front.start(instances)
    http.start(instances)
    lease.start()
end

return front
