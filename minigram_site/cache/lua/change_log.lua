-- The log of the changes that have ended, newest first: a list beside the key of the last change, whose
-- items are a token and then the keys that got new values with it, as JSON, or '*' for too many.

local function log_of(last_change) return last_change .. ':log' end

-- Puts a change into the log; ``keys`` is the text that follows its token.
local function log_change(last_change, token, keys, ttl)
  local log = log_of(last_change)
  if redis.call('LPUSH', log, token .. keys) > 2 * LOGGED_CHANGES then
    redis.call('LTRIM', log, 0, LOGGED_CHANGES - 1)
  end
  redis.call('PEXPIRE', log, ttl)
end
