-- Makes the missing key of the last change, and logs it; returns its value.
-- KEYS: the last change. ARGV: new token, milliseconds that a token lives.
local change = redis.call('GET', KEYS[1])
if change then return change end
change = ARGV[1] .. string.format(':t%.0f', now)
redis.call('SET', KEYS[1], change, 'PX', ARGV[2])
log_change(KEYS[1], ARGV[1], '[]', ARGV[2])
return change
