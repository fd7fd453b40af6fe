"""What Redis says of itself, asked with a client of the lab's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from redis import Redis, RedisError


def redis_info(env: dict[str, str]) -> dict[str, Any]:
    """Return what Redis says of itself; nothing without one, or while it does not answer."""
    url = env.get("CACHE_URL", "")
    if not url.startswith("redis"):
        return {}
    try:
        client = redis_client(url)
        found: Any = client.info()
        client.close()
    except RedisError:
        return {}
    return dict(found)


def redis_client(url: str) -> Redis:
    """Return a client for an address as ``CACHE_URL`` has it, sockets included."""
    parts = urlsplit(url)
    if parts.hostname:
        return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    return Redis(unix_socket_path=parts.path.partition("?")[0], socket_timeout=2)
