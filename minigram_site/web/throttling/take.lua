-- Takes a token from each bucket, or from none if one of them is empty.
-- KEYS: the buckets. ARGV: for each of them its size in tokens, and the seconds in which it fills.
-- A bucket is kept as the time at which it will be full again, and not at all once it is.
-- Returns as texts the seconds to wait (0: taken), and of each bucket the seconds until it is full.
local clock = redis.call("TIME")
local now = clock[1] + clock[2] / 1000000
local full_at, wait = {}, 0
for i = 1, #KEYS do
    local size, seconds = ARGV[2 * i - 1], ARGV[2 * i]
    local before = tonumber(redis.call("GET", KEYS[i]) or now)
    full_at[i] = math.max(before, now) + seconds / size
    wait = math.max(wait, full_at[i] - now - seconds)
end
local answer = {}
if wait < 0.001 then wait = 0 end
answer[1] = string.format("%.3f", wait)
for i = 1, #KEYS do
    if wait == 0 then
        local text = string.format("%.6f", full_at[i])
        redis.call("SET", KEYS[i], text, "PX", math.ceil((full_at[i] - now) * 1000))
    else
        full_at[i] = full_at[i] - ARGV[2 * i] / ARGV[2 * i - 1]
    end
    answer[i + 1] = string.format("%.3f", full_at[i] - now)
end
return answer
