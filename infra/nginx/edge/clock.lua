-- The two clocks. nginx's own time is that of the last turn of its loop; these ask the system.
local ffi = require "ffi"

ffi.cdef [[
struct edge_timespec { long seconds; long nanoseconds; };
int clock_gettime(int clock, struct edge_timespec *time);
]]

local REALTIME, MONOTONIC = 0, 1
local time = ffi.new("struct edge_timespec")

local function read(clock)
    ffi.C.clock_gettime(clock, time)
    return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

local clock = {}

-- Returns seconds that only ever grow, to measure how long something may still be used.
function clock.monotonic()
    return read(MONOTONIC)
end

-- Returns seconds since 1970, to compare with the expiry of a token.
function clock.unix()
    return read(REALTIME)
end

return clock
