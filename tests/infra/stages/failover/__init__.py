"""Servers that are replaced by others while the site runs: Redis, and the primary of PostgreSQL."""
