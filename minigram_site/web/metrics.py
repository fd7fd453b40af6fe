"""``/metrics`` for Prometheus: the counts of all processes, and this one's view of the servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from minigram_site import counters
from minigram_site.db import monitor

# A request that came over a unix socket has no address.
_LOOPBACK = {"127.0.0.1", "::1", ""}
_PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def is_direct(environ: Mapping[str, Any]) -> bool:
    """Tell whether a client on this machine has sent a request to an instance, not to a proxy.

    ``environ`` is that of WSGI, or Django's ``request.META``.
    """
    return (
        not any(name in environ for name in _PROXY_HEADERS)
        and environ.get("REMOTE_ADDR", "") in _LOOPBACK
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to clients on this machine that connect to an instance directly.

    Raises ``Http404`` for requests through a proxy and from other machines. No query: the counts
    are in files, the state of the servers is in memory.
    """
    if not is_direct(request.META):
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
    """The servers of the database as this process has observed them."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield three gauges with one value for each server."""
        now = monotonic()
        replica_set = monitor.get_monitor().replica_set
        up = GaugeMetricFamily("minigram_server_up", "Whether a server is used", labels=["server"])
        lag_bytes = GaugeMetricFamily(
            "minigram_replica_lag_bytes", "Log not yet replayed", labels=["server"]
        )
        lag = GaugeMetricFamily(
            "minigram_replica_lag_seconds", "For how long it has lacked that", labels=["server"]
        )
        for server in replica_set.servers.values():
            up.add_metric([server.alias], server.is_available(now))
        for server in replica_set.replicas:
            lag_bytes.add_metric([server.alias], server.lag_bytes)
            lag.add_metric([server.alias], server.lag_seconds)
        yield from (up, lag_bytes, lag)
