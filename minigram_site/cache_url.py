"""Parses ``CACHE_URL``: Redis at one address or behind Sentinels, or the memory of each process.

``redis://:password@host:6379/0``, ``redis:///run/redis.sock`` or
``redis+sentinel://:password@host1:26379,host2:26379,host3:26379/minigram?sentinel_password=…``,
where ``minigram`` is the name that the Sentinels know the primary by. ``minigram_site.environment``
reads the variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

import django_cache_url
from redis.backoff import NoBackoff
from redis.retry import Retry

FORM = (
    "redis://127.0.0.1:6379/0, redis:///run/redis.sock, "
    "redis+sentinel://host1:26379,host2:26379,host3:26379/minigram or locmem://minigram"
)
SENTINEL = "redis+sentinel"
SENTINEL_PORT = 26379
# A healthy Redis beside the site answers within 0.1 ms.
TIMEOUTS = {"socket_connect_timeout": 0.05, "socket_timeout": 0.1}
# In lower case: it becomes the host of an address (django-redis), whose case is lost.
_SERVICE = re.compile(r"/([a-z0-9][a-z0-9._-]*)(?:/(\d{1,3}))?")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)(?::(\d{1,5}))?")


class UnusableAddress(ValueError):
    """The URL cannot be understood; the message says what is wanted and repeats no password."""


def parse(url: str) -> dict[str, Any]:
    """Return what ``url`` says, as one of Django's ``CACHES`` without the options of a site.

    Behind Sentinels ``LOCATION`` names the primary by the name that they know, and ``SENTINELS``
    their addresses. Raises ``UnusableAddress``.
    """
    if url.startswith(f"{SENTINEL}://"):
        return _behind_sentinels(url)
    try:
        return cast(dict[str, Any], django_cache_url.parse(url))
    except Exception:  # noqa: BLE001 - the library raises nothing more exact
        raise UnusableAddress(f"It must look like {FORM}.") from None


def redis_url(cache: Mapping[str, Any]) -> str:
    """Return the URL of Redis as redis-py reads it; empty where the cache is none in Redis."""
    if "redis" not in str(cache.get("BACKEND", "")).lower():
        return ""
    location = str(cache["LOCATION"])
    number = cache.get("DB")
    return re.sub(r"([?&]db=)\d+", rf"\g<1>{int(number)}", location) if number else location


def django_settings(cache: Mapping[str, Any]) -> dict[str, Any]:
    """Return one of Django's ``CACHES``: Redis with short time-outs (seconds), or another backend.

    ``cache`` is what ``parse`` returned.
    """
    if not redis_url(cache):
        return dict(cache)
    options: dict[str, Any] = {name.upper(): value for name, value in TIMEOUTS.items()}
    options["CONNECTION_POOL_CLASS"] = "minigram_site.redis.client.Pool"
    if sentinels := cache.get("SENTINELS"):
        options |= {
            "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
            "CONNECTION_POOL_CLASS": "minigram_site.redis.client.SentinelPool",
            "SENTINELS": list(sentinels),
            # One that does not answer is not asked again: the next one is.
            "SENTINEL_KWARGS": {
                **TIMEOUTS,
                "retry": Retry(NoBackoff(), 0),
                "password": cache.get("SENTINEL_PASSWORD"),
            },
        }
    return {
        "BACKEND": "minigram_site.redis.backend.Cache",
        "LOCATION": redis_url(cache),
        "KEY_PREFIX": cache.get("KEY_PREFIX", "minigram"),
        "OPTIONS": options,
    }


def _behind_sentinels(url: str) -> dict[str, Any]:
    parts = _split(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    login, _, hosts = parts.netloc.rpartition("@")
    service = _SERVICE.fullmatch(parts.path)
    sentinels = list(_addresses(hosts))
    if service is None or None in sentinels or not options.keys() <= {"sentinel_password"}:
        raise UnusableAddress(f"It must look like {FORM}.")
    name, _, password = login.partition(":")
    said = f"{quote(unquote(name))}:{quote(unquote(password), safe='')}@" if login else ""
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"redis://{said}{service[1]}/{service[2] or 0}",
        "SENTINELS": sentinels,
        "SENTINEL_PASSWORD": options.get("sentinel_password") or None,
    }


def _addresses(hosts: str) -> Iterator[tuple[str, int] | None]:
    """Yield the addresses in a list with commas between, ``None`` for what is none."""
    for each in hosts.split(","):
        found = _HOST.fullmatch(each)
        port = int(found[2] or SENTINEL_PORT) if found else 0
        yield (found[1].strip("[]"), port) if found and 0 < port < 65536 else None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise UnusableAddress(f"It must look like {FORM}.") from None
