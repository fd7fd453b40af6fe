"""Redis: the client with its circuit breaker, Lua scripts, and Django's cache backend."""
