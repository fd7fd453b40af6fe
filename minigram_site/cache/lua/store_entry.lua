-- Writes an entry: a hash of its dependencies' keys (d, JSON), their tokens (t, joined), the keys
-- of its leaves (l, JSON), body (b), soft deadline (s) and the TTL that each use renews (x).
-- KEYS: the entry. ARGV: d, t, l, b, soft and hard TTL in milliseconds, x.
redis.call('HSET', KEYS[1], 'd', ARGV[1], 't', ARGV[2], 'l', ARGV[3], 'b', ARGV[4],
  's', string.format('%.0f', now + ARGV[5]), 'x', ARGV[7])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
