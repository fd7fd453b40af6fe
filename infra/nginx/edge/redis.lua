-- Redis over nginx's own sockets: a command goes out as bytes that were made before, and the answer is
-- looked at as a whole, so that one that has not changed is compared and never parsed.
local byte, find, sub = string.byte, string.find, string.sub
local concat = table.concat

-- Milliseconds, as those of the site (minigram_site/environment.py).
local CONNECT_MS, ANSWER_MS = 50, 100
local IDLE_MS, POOL_SIZE = 30000, 256
local CHUNK = 65536
local ARRAY, BULK, NUMBER, WORD, ERROR = byte("*"), byte("$"), byte(":"), byte("+"), byte("-")

local redis = {}
local host, port, password

-- Sets where Redis listens, "unix:/path" or "host:port", and its password; empty where it has none.
function redis.configure(address, secret)
    host, port = string.match(address, "^([^:]+):(%d+)$")
    if not port then host = address end
    port, password = tonumber(port), secret
end

-- Returns the bytes of one command.
function redis.command(...)
    local parts = {"*" .. select("#", ...) .. "\r\n"}
    for i = 1, select("#", ...) do
        parts[i + 1] = redis.argument(tostring((select(i, ...))))
    end
    return concat(parts)
end

-- Returns the bytes of one argument of a command.
function redis.argument(text)
    return "$" .. #text .. "\r\n" .. text .. "\r\n"
end

-- Returns the reply that begins at a place, and where the next one begins; nothing if it is not all
-- there. false stands for "no value". Raises an error for one that Redis answers, and for nonsense.
local function parse(text, at)
    local stop = find(text, "\r\n", at, true)
    if not stop then return nil end
    local kind = byte(text, at)
    if kind == WORD then return sub(text, at + 1, stop - 1), stop + 2 end
    if kind == ERROR then error("Redis: " .. sub(text, at + 1, stop - 1), 0) end
    local number = tonumber(sub(text, at + 1, stop - 1))
    if not number then error("Redis: an answer of another form", 0) end
    if kind == NUMBER then return number, stop + 2 end
    if number < 0 then return false, stop + 2 end
    if kind == BULK then
        local last = stop + 1 + number
        if #text < last + 2 then return nil end
        return sub(text, stop + 2, last), last + 3
    end
    if kind ~= ARRAY then error("Redis: an answer of another form", 0) end
    local values, place = {}, stop + 2
    for i = 1, number do
        local value, following = parse(text, place)
        if value == nil then return nil end
        values[i], place = value, following
    end
    return values, place
end

-- Returns the replies in a text, or nil if it does not hold this many yet. Raises an error as parse does, and
-- where the text goes on behind the last.
function redis.replies(text, count)
    local replies, at = {}, 1
    for i = 1, count do
        local value, following = parse(text, at)
        if value == nil then return nil end
        replies[i], at = value, following
    end
    if at ~= #text + 1 then error("Redis: more answers than questions", 0) end
    return replies
end

local function exchange(socket, commands, count, known)
    local sent, reason = socket:send(commands)
    if not sent then error("Redis: " .. reason, 0) end
    local text = ""
    while true do
        local more, failure = socket:receiveany(CHUNK)
        if not more then error("Redis: " .. failure, 0) end
        text = text == "" and more or text .. more
        if text == known then return text, nil end
        local replies = redis.replies(text, count)
        if replies then return text, replies end
    end
end

-- A connection knows which run of Redis it speaks to: it is in the pool of that run alone.
local function connect(run_id)
    local socket = ngx.socket.tcp()
    socket:settimeouts(CONNECT_MS, ANSWER_MS, ANSWER_MS)
    local pool = {pool = "redis:" .. run_id, pool_size = POOL_SIZE}
    local connected, reason
    if port then connected, reason = socket:connect(host, port, pool)
    else connected, reason = socket:connect(host, pool) end
    if not connected then error("Redis: " .. reason, 0) end
    if socket:getreusedtimes() == 0 then
        if password ~= "" then exchange(socket, redis.command("AUTH", password), 1) end
        local _, replies = exchange(socket, redis.command("INFO", "server"), 1)
        local found = string.match(replies[1], "run_id:(%w+)")
        if found ~= run_id then
            socket:close()
            error("Redis: another run than the one that the site has agreed on", 0)
        end
    end
    return socket
end

-- Sends commands (bytes, and how many they are) to the run of Redis with this id. Returns the bytes of
-- all replies, and the replies; no replies where the bytes are those that are known already. Raises an
-- error, after 100 ms at the latest, if Redis does not answer, answers an error, or is another run.
function redis.call(run_id, commands, count, known)
    local socket = connect(run_id)
    local worked, text, replies = pcall(exchange, socket, commands, count, known)
    if not worked then
        socket:close()
        error(text, 0)
    end
    socket:setkeepalive(IDLE_MS, POOL_SIZE)
    return text, replies
end

return redis
