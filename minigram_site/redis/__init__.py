"""The connection to Redis, with its circuit breaker, and Django's cache backend on it."""
