"""The cache: that it keeps a value, what Redis says of itself, and whether Sentinels agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django_redis import get_redis_connection
from redis import Redis, RedisError

from infra.doctor.findings import Findings

LEAST_REDIS = 7
ENOUGH_SENTINELS = 3


def works(found: Findings) -> None:
    """Check that the cache keeps a value, and version and limits of Redis and its Sentinels.

    A value that is lost is raised as ``LookupError`` inside the check, which notes it.
    """
    configured = settings.CACHES["default"]
    backend = configured["BACKEND"].rpartition(".")[2]
    advice = "Start Redis, or correct CACHE_URL; the site works without it, only slower."
    with found.checking("cache", "keeps a value", advice) as look:
        cache.set("doctor", "kept", 10)
        if cache.get("doctor") != "kept":
            raise LookupError(f"{backend} does not keep what it is given")
        cache.delete("doctor")
        look.detail = backend
    if "redis" in configured["BACKEND"].lower():
        if sentinels := configured.get("OPTIONS", {}).get("SENTINELS"):
            _sentinels(found, sentinels, configured)
        _redis(found)


def _redis(found: Findings) -> None:
    try:
        info: dict[str, Any] = get_redis_connection("default").info()
    except (RedisError, OSError):
        found.fail("cache", "Redis", "does not answer", "Start Redis, or correct CACHE_URL.")
        return
    number = str(info["redis_version"])
    policy = str(info.get("maxmemory_policy", ""))
    if int(number.partition(".")[0]) < LEAST_REDIS:
        found.warn("cache", "version", number, f"Update Redis to {LEAST_REDIS} or later.")
    if not info.get("maxmemory") or policy == "noeviction":
        advice = "Set maxmemory and maxmemory-policy allkeys-lru or allkeys-lfu."
        found.warn("cache", "memory", f"no limit or {policy}", advice)
    else:
        detail = f"Redis {number}, {policy}, {int(info['maxmemory']) // 1024**2} MB at most"
        found.ok("cache", "memory", detail)


def _sentinels(
    found: Findings, sentinels: list[tuple[str, int]], configured: Mapping[str, Any]
) -> None:
    """Check that enough Sentinels answer, know the primary, and name the same one."""
    service = (
        str(configured["LOCATION"]).rpartition("@")[2].removeprefix("redis://").partition("/")[0]
    )
    options = configured["OPTIONS"]["SENTINEL_KWARGS"]
    named = [_primary_of(address, service, options) for address in sentinels]
    known = {each for each in named if each}
    answering = sum(each is not None for each in named)
    detail = f"{answering} of {len(sentinels)} answer"
    if not known:
        advice = f"Start the Sentinels, and see that they watch a primary called {service}."
        found.fail("cache", "Sentinels", f"{detail}, none knows {service}", advice)
    elif len(known) > 1:
        advice = "Wait for a failover to end; if this stays, see which Sentinels are cut off."
        found.fail("cache", "Sentinels", f"{detail} and name different primaries", advice)
    elif min(answering, len(sentinels)) < ENOUGH_SENTINELS or answering < len(sentinels):
        advice = f"Have {ENOUGH_SENTINELS} Sentinels on different machines, all of them running."
        found.warn("cache", "Sentinels", detail, advice)
    else:
        found.ok("cache", "Sentinels", f"{detail}, the primary is {next(iter(known))}")


def _primary_of(address: tuple[str, int], service: str, options: Mapping[str, Any]) -> str | None:
    """Return the primary that a Sentinel names, empty if it knows none; ``None`` without answer."""
    host, port = address
    client = Redis(host, port, decode_responses=True, **options)
    try:
        found: Any = client.sentinel_get_master_addr_by_name(service)
    except (RedisError, OSError):
        return None
    finally:
        client.close()
    return f"{found[0]}:{found[1]}" if found else ""
