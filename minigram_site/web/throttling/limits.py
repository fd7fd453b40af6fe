"""Which requests are limited, by whom they are counted, and what clients are told of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from functools import cache, wraps
from math import ceil, floor
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.throttling import BaseThrottle

from minigram_site.fields.snowflake import moment_of
from minigram_site.rate_limits import TRUSTED_AFTER_DAYS
from minigram_site.web.errors import too_many_requests
from minigram_site.web.throttling import buckets
from minigram_site.web.throttling.addresses import client_address
from minigram_site.web.throttling.buckets import Bucket, Taken

View = Callable[..., HttpResponseBase]

# In a request's environment: the throttle that has counted it already. No client can set it.
COUNTED = "minigram.counted"
_PREFIX = "minigram:throttle:"
_READS = {"GET", "HEAD", "OPTIONS"}
_TRUSTED_AFTER = timedelta(days=TRUSTED_AFTER_DAYS)


class Throttle(BaseThrottle):
    """A limit of ``settings.THROTTLE_RATES``, and that of its day if there is one.

    Subclasses name the ``scope``. One throttle counts one request.
    """

    scope = ""
    _buckets: list[Bucket]
    _taken: Taken | None = None

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count the request and tell whether it is within the limit; refused ones do not count.

        One round trip to Redis where there is one.
        """
        if not settings.RATE_LIMITS:
            return True
        who, factor = _counted_by(request)
        self._buckets = [
            Bucket(f"{_PREFIX}{name}:{who}", number * factor, seconds)
            for name in (self.scope, f"{self.scope}-day")
            if (rate := settings.THROTTLE_RATES.get(name))
            for number, seconds in [rate]
        ]
        self._taken = buckets.take(self._buckets)
        return not self._taken.wait

    def wait(self) -> float | None:
        """Return for how many seconds to wait after a refusal, ``None`` without one."""
        return self._taken.wait or None if self._taken else None

    def headers(self) -> dict[str, str]:
        """Return what the client is told of the limit, nothing where limits are off.

        By draft-ietf-httpapi-ratelimit-headers-10: each limit with the number of requests that are
        left (``r``) and the seconds until it is whole again, or if none is left until there is one
        (``t``).
        """
        if self._taken is None:
            return {}
        names = [bucket.key.removeprefix(_PREFIX).partition(":")[0] for bucket in self._buckets]
        policies = [
            f'"{name}";q={bucket.size};w={bucket.seconds}'
            for name, bucket in zip(names, self._buckets, strict=True)
        ]
        left = [
            _left(name, bucket, until_full, self._taken.wait)
            for name, bucket, until_full in zip(
                names, self._buckets, self._taken.until_full, strict=True
            )
        ]
        return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}


def _counted_by(request: Any) -> tuple[str, int]:
    """Return by whom a request is counted, and how many times as much they may. No query.

    Who has been a member for some days is trusted more; one address may be that of a school.
    """
    user = request.user
    if not user.is_authenticated:
        factor = settings.THROTTLE_FACTORS.get("address", 1)
        return client_address(request).encode().hex(), factor
    trusted = timezone.now() - moment_of(user.pk) > _TRUSTED_AFTER
    return f"user-{user.pk}", settings.THROTTLE_FACTORS.get("trusted", 1) if trusted else 1


def _left(name: str, bucket: Bucket, until_full: float, wait: float) -> str:
    """Return what is left of a limit, as the header ``RateLimit`` has it."""
    token = bucket.seconds / bucket.size
    # A token that is there but for a rounding error is there.
    rest = max(0, floor((bucket.seconds - until_full) / token + 0.001))
    if not rest:
        until_full = max(wait, until_full - bucket.seconds + token)
    return f'"{name}";r={rest};t={max(0, ceil(until_full))}'


@cache
def throttle(scope: str) -> type[Throttle]:
    """Return the throttle class of ``scope``, for an API view's ``write_throttle``."""
    return type(f"{scope.title()}Throttle", (Throttle,), {"scope": scope})


class ThrottledWrites:
    """Mixin for API views: methods that write are limited by ``write_throttle``.

    Reads are limited only by a ``read_throttle``, for what costs more than a list does.
    """

    write_throttle: type[Throttle] = throttle("write")
    read_throttle: type[Throttle] | None = None
    request: Any
    _counter: Throttle | None = None

    def limit_of(self, method: str) -> type[Throttle] | None:
        """Return the limit of requests with this method, ``None`` if there is none."""
        return self.read_throttle if method in _READS else self.write_throttle

    def get_throttles(self) -> list[BaseThrottle]:
        """Return the throttle of this request, none for one that was counted."""
        limit = self.limit_of(self.request.method)
        if limit is None:
            return []
        if (counted := self.request.META.get(COUNTED)) is not None:
            self._counter = counted
            return []
        self._counter = limit()
        return [self._counter]

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Tell the client in the headers what is left of the limit."""
        if self._counter is not None:
            for name, value in self._counter.headers().items():
                response.headers[name] = value
        return super().finalize_response(  # type: ignore[misc]  # of DRF's view
            request, response, *args, **kwargs
        )


def limited(
    scope: str, methods: Collection[str] = ("POST",), *, of_files: str = ""
) -> Callable[[View], View]:
    """Return a decorator for page views: ``methods`` beyond the limit of ``scope`` get a 429.

    Requests that bring files are counted by the limit ``of_files`` instead, where that is given.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods:
                counter = throttle(of_files if of_files and request.FILES else scope)()
                if not counter.allow_request(request, view):
                    return too_many_requests(request, counter.wait())
            return view(request, *args, **kwargs)

        return guarded

    return decorate
