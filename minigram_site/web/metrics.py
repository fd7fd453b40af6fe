"""``/metrics`` for Prometheus: the counts of all processes, the servers as this one sees them."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from minigram_site import counters
from minigram_site.db import monitor

# A request that came over a unix socket has no address.
_THIS_MACHINE = {"127.0.0.1", "::1", ""}
_BY_PROXY = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer programs on this machine that ask an instance itself; 404 to all who come by a proxy.

    No query: the counts are in files, the servers' state is known.
    """
    if (
        any(name in request.META for name in _BY_PROXY)
        or request.META.get("REMOTE_ADDR", "") not in _THIS_MACHINE
    ):
        raise Http404
    content = generate_latest(counters.registry())
    if settings.REPLICAS:
        content += _servers()
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


def _servers() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Servers())
    return generate_latest(registry)


class _Servers(Collector):
    """How this process sees the servers of the database."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one value for each server."""
        now = monotonic()
        standing = monitor.get_monitor().standing
        up = GaugeMetricFamily("minigram_server_up", "Whether a server is used", labels=["server"])
        lag_bytes = GaugeMetricFamily(
            "minigram_replica_lag_bytes", "Log not yet replayed", labels=["server"]
        )
        lag = GaugeMetricFamily(
            "minigram_replica_lag_seconds", "For how long it has lacked that", labels=["server"]
        )
        for server in standing.servers.values():
            up.add_metric([server.alias], server.is_available(now))
        for server in standing.replicas:
            lag_bytes.add_metric([server.alias], server.lag_bytes)
            lag.add_metric([server.alias], server.lag_seconds)
        yield from (up, lag_bytes, lag)
