"""What Redis says of itself, asked with a client of the lab's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel


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
    if parts.scheme == "redis+sentinel":
        return _primary(parts)
    if parts.hostname:
        return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    return Redis(unix_socket_path=parts.path.partition("?")[0], socket_timeout=2)


def _primary(parts: SplitResult) -> Redis:
    """Return a client of the primary that Sentinels name, at whatever address it is by then."""
    login, _, hosts = parts.netloc.rpartition("@")
    sentinels = [each.rpartition(":")[::2] for each in hosts.split(",")]
    options: dict[str, Any] = {"socket_timeout": 2, "socket_connect_timeout": 2}
    options["retry"] = Retry(NoBackoff(), 0)
    password = parse_qs(parts.query).get("sentinel_password", [None])[0]
    watchers = Sentinel(  # type: ignore[no-untyped-call]
        [(host.strip("[]"), int(port)) for host, port in sentinels],
        sentinel_kwargs={**options, "password": password},
    )
    name, number = parts.path.strip("/").partition("/")[::2]
    client: Redis = watchers.master_for(  # type: ignore[no-untyped-call]
        name, db=int(number or 0), password=unquote(login.partition(":")[2]) or None, **options
    )
    return client
