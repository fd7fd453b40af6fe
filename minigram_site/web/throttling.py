"""Rate limits of pages and API: DRF's sliding window, counted in the cache.

The rates are ``settings.THROTTLE_RATES``; ``RATE_LIMITS=false`` turns all of them off, for load
tests. Requests are counted by account where somebody is logged in, else by the client's address.
What has to be counted exactly (guesses of a password, sign-ups) is in ``accounts.authentication``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache, wraps
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from minigram_site.memory_cache import remember_short
from minigram_site.web.errors import too_many_requests

View = Callable[..., HttpResponseBase]

# In a request's environment: its rate limit has counted it already. No client can set it.
COUNTED = "minigram.counted"


def client_address(request: Any) -> str:
    """Return by what a client is counted who is not logged in: an IPv4 address or an IPv6 /64.

    A provider gives each of its customers a /64 at least, and with it 2**64 addresses. Believes
    ``X-Forwarded-For`` as far as ``TRUSTED_PROXIES`` says.
    """
    return _network(str(BaseThrottle().get_ident(request) or ""))


@remember_short(entries=1024, longest=64)
def _network(text: str) -> str:
    try:
        address = ip_address(text.strip("[] ").partition("%")[0])
    except ValueError:
        # No address: a unix socket has none, and a proxy may have written a word.
        return text[:64]
    if isinstance(address, IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((address, 64), strict=False))


class Throttle(SimpleRateThrottle):
    """A limit of ``settings.THROTTLE_RATES``; subclasses name the ``scope``."""

    def get_rate(self) -> Any:
        """Return (number of requests, seconds), or ``None`` where limits are off."""
        return settings.THROTTLE_RATES[str(self.scope)] if settings.RATE_LIMITS else None

    def parse_rate(self, rate: Any) -> Any:
        """Return the pair of ``get_rate`` as DRF stores it."""
        return rate or (None, None)

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Return the cache key under which this client's recent requests are counted."""
        known = request.user.is_authenticated
        who = f"user-{request.user.pk}" if known else client_address(request).encode().hex()
        return f"throttle:{self.scope}:{who}"


@cache
def throttle(scope: str) -> type[Throttle]:
    """Return the throttle class of ``scope``, for an API view's ``throttle_classes``."""
    return type(f"{scope.title()}Throttle", (Throttle,), {"scope": scope})


def _windows(first: type[Throttle]) -> Iterator[Any]:
    """Yield a counter of this limit, and one of the longer window that some limits have."""
    yield first()
    longer = f"{first.scope}-day"
    if longer in settings.THROTTLE_RATES:
        yield throttle(longer)()


class ThrottledWrites:
    """Mixin for API views: methods that write are limited by ``write_throttle``.

    Reads are limited only by a ``read_throttle``, for what costs more than a list does.
    """

    write_throttle: type[Throttle] = throttle("write")
    read_throttle: type[Throttle] | None = None
    request: Any

    def get_throttles(self) -> list[BaseThrottle]:
        """Return the throttles of this request, none for one that was counted."""
        reads = self.request.method in {"GET", "HEAD", "OPTIONS"}
        limit = self.read_throttle if reads else self.write_throttle
        return [] if limit is None or COUNTED in self.request.META else list(_windows(limit))


def limited(scope: str, methods: Collection[str] = ("POST",)) -> Callable[[View], View]:
    """Return a decorator for page views: ``methods`` beyond the limit of ``scope`` get a 429."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            for counter in _windows(throttle(scope)) if request.method in methods else ():
                if not counter.allow_request(request, view):
                    return too_many_requests(request, counter.wait())
            return view(request, *args, **kwargs)

        return guarded

    return decorate
