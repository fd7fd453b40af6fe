"""Rate limits, the same ones for pages and API: DRF's sliding window, counted in the cache.

The rates are ``settings.THROTTLE_RATES``; ``RATE_LIMITS=false`` turns all of them off, for load
tests. Who is counted: the person where one is logged in, else the client's address; for log-in
the address together with the name that is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from minigram_site.web.errors import too_many_requests

View = Callable[..., HttpResponseBase]


class Throttle(SimpleRateThrottle):
    """A limit of ``settings.THROTTLE_RATES``; subclasses name the ``scope``."""

    # Which field of the request is counted beside the address ("login" counts by name).
    field = ""

    def get_rate(self) -> Any:
        """Return (how many, in how many seconds), or ``None`` where limits are off."""
        return settings.THROTTLE_RATES[str(self.scope)] if settings.RATE_LIMITS else None

    def parse_rate(self, rate: Any) -> Any:
        """Return the pair as DRF keeps it."""
        return rate or (None, None)

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Return the key under which this client's recent requests are counted."""
        who = f"user-{request.user.pk}" if request.user.is_authenticated else self._visitor(request)
        return f"throttle:{self.scope}:{who}"

    def _visitor(self, request: Any) -> str:
        name = ""
        if self.field:
            data = request.data if isinstance(request, Request) else request.POST
            # A JSON body can be a list: then there is no name to count.
            name = str(data.get(self.field, "")) if hasattr(data, "get") else ""
        return (
            f"{self.get_ident(request)}:{name[:100].strip().lower().encode(errors='replace').hex()}"
        )


@cache
def throttle(scope: str, field: str = "") -> type[Throttle]:
    """Return the throttle class of ``scope``, for an API view's ``throttle_classes``."""
    return type(f"{scope.title()}Throttle", (Throttle,), {"scope": scope, "field": field})


class ThrottledWrites:
    """Mixin for API views: methods that write are limited by ``write_throttle``, reads never."""

    write_throttle: type[Throttle] = throttle("write")
    request: Any

    def get_throttles(self) -> list[BaseThrottle]:
        """Return the limit of this request."""
        return [] if self.request.method in {"GET", "HEAD", "OPTIONS"} else [self.write_throttle()]


def limited(scope: str, field: str = "") -> Callable[[View], View]:
    """Decorate a page's view: its POSTs are limited, beyond the limit answered with 429."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            counter: Any = throttle(scope, field)()
            if request.method == "POST" and not counter.allow_request(request, view):
                return too_many_requests(request, counter.wait())
            return view(request, *args, **kwargs)

        return guarded

    return decorate
