-- Questions to the instances, over their own sockets. (Subrequests would do, but not over HTTP/2.)
local CONNECT_MS, ANSWER_MS = 100, 200

local http = {}
local places, turn = {}, 0

-- Sets the sockets of the instances. Each worker begins with another one.
function http.start(sockets)
    places = sockets
    turn = ngx.worker.id() or 0
end

local function send(place, request)
    local socket = ngx.socket.tcp()
    socket:settimeouts(CONNECT_MS, ANSWER_MS, ANSWER_MS)
    if not socket:connect(place) then return nil end
    local text = socket:send(request) and socket:receive("*a")
    socket:close()
    if not text then return nil end
    return string.match(text, "^HTTP/1%.[01] (%d+) .-\r\n\r\n(.*)$")
end

-- Returns the body of an answer 200 to a question; nil if no instance gives one. headers: by name; one that is nil is
-- left out. all: ask the next where one has no answer (404), since each knows something else. body: makes it a POST.
function http.ask(path, headers, all, body)
    local lines = {(body and "POST " or "GET ") .. path .. " HTTP/1.0"}
    for name, value in pairs(headers) do lines[#lines + 1] = name .. ": " .. value end
    if body then lines[#lines + 1] = "Content-Length: " .. #body end
    local request = table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
    for _ = 1, #places do
        turn = turn % #places + 1
        local status, answer = send(places[turn], request)
        if status == "200" then return answer end
        if status and not all then return nil end
    end
    return nil
end

return http
