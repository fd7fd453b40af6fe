"""How many requests were answered, how, and how long they took: counted for ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from minigram_site import counters

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# The part of the site by the first word of a path; everything else is a page.
_PARTS = {"api": "api", "media": "pictures", "static": "static", "admin": "admin", "s": "pages"}
# What asks whether the site is well is no visitor.
_UNCOUNTED = {"healthz", "readyz", "metrics", "_edge"}


def with_request_times(application: Application) -> Application:
    """Return a WSGI application that counts its answers and the seconds until each began.

    Labels: the part of the site, and the class of the status (2xx to 5xx). Costs about three
    microseconds a request.
    """
    histograms: dict[tuple[str, str], Any] = {}

    def measured(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        word = environ["PATH_INFO"].split("/", 2)[1:2]
        first = word[0] if word else ""
        if first in _UNCOUNTED:
            return application(environ, start_response)
        began = perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            key = (_PARTS.get(first, "pages"), status[0])
            histogram = histograms.get(key)
            if histogram is None:
                histogram = counters.REQUESTS.labels(key[0], f"{key[1]}xx")
                histograms[key] = histogram
            histogram.observe(perf_counter() - began)
            return start_response(status, headers, *rest)

        return application(environ, start)

    return measured
