-- Milliseconds since 1970, by the clock of Redis: the one clock that all processes share.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
