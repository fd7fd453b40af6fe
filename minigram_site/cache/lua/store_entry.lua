-- Writes an entry: a hash of its dependencies' keys (d, JSON), their tokens (t, joined), the keys
-- of its leaves (l, JSON), body (b) and soft deadline (s).
-- KEYS: the entry. ARGV: d, t, l, b, soft and hard TTL in milliseconds.
redis.call('HSET', KEYS[1], 'd', ARGV[1], 't', ARGV[2], 'l', ARGV[3], 'b', ARGV[4],
  's', string.format('%.0f', now + ARGV[5]))
redis.call('PEXPIRE', KEYS[1], ARGV[6])
